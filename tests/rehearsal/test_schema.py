from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rehearsal import values
from rehearsal.schema import schema_of
from rehearsal.schema_check import check_inputs

SECRET = values.secret("hunter2")


def problems(token: str, **inputs: Any) -> dict[str, str]:
    return {found.path: found.kind.value for found in check_inputs(token=token, urn="urn", inputs=inputs)}


@pytest.mark.parametrize(
    "token",
    [
        "aws:ec2/vpc:Vpc",
        "alicloud:vpc/network:Network",
        "kubernetes:core/v1:ConfigMap",
        "kubernetes:helm.sh/v3:Release",
        "vault:index/mount:Mount",
        "mongodbatlas:index/advancedCluster:AdvancedCluster",
        "pulumi:providers:aws",
        "pulumi:providers:kubernetes",
    ],
)
def test_a_token_finds_its_class(token: str) -> None:
    schema = schema_of(token)
    assert schema.known
    assert schema.inputs
    assert schema.outputs or schema.json_inputs


def test_cloudflare_is_only_imported_for_a_cloudflare_token() -> None:
    code = (
        "import sys\nfrom rehearsal.schema import schema_of\nimport pulumi_aws\n"
        "schema_of('aws:ec2/vpc:Vpc')\nprint('pulumi_cloudflare' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


def test_a_type_that_nobody_has() -> None:
    (found,) = check_inputs(token="nowhere:index/thing:Thing", urn="urn", inputs={})
    assert "installed provider SDK" in found.expected


def test_nested_mistakes_have_a_path() -> None:
    found = problems(
        "kubernetes:apps/v1:Deployment",
        apiVersion="apps/v1",
        kind="Deployment",
        spec={
            "selector": {"matchLabels": {"app": 3}},
            "template": {
                "spec": {"containers": [{"name": "a", "ports": [{"containerPort": "80"}]}, {"nam": "b"}]}
            },
        },
    )
    assert found == {
        "spec.selector.matchLabels.app": "wrong type",
        "spec.template.spec.containers[0].ports[0].containerPort": "wrong type",
        "spec.template.spec.containers[1].nam": "unknown property",
        "spec.template.spec.containers[1].name": "missing required property",
    }


def test_an_unknown_fits_every_type_and_a_secret_is_looked_into() -> None:
    subnet = "aws:ec2/subnet:Subnet"
    assert (
        problems(subnet, vpcId=values.UNKNOWN, tags=values.UNKNOWN, mapPublicIpOnLaunch=values.UNKNOWN) == {}
    )
    assert problems(subnet, vpcId=SECRET) == {}
    assert problems(subnet, vpcId=values.secret(values.UNKNOWN)) == {}
    assert problems(subnet, vpcId="x", tags=values.secret({"a": 3})) == {"tags.a": "wrong type"}


def test_a_message_never_shows_a_value() -> None:
    found = check_inputs(
        token="aws:ec2/subnet:Subnet", urn="urn", inputs={"vpcId": "v", "tags": SECRET, "cidr": "hunter2"}
    )
    assert len(found) == 2
    assert not any("hunter2" in str(violation) for violation in found)


@pytest.mark.parametrize(
    ("value", "fits"), [(3, True), (3.0, True), (3.5, False), ("3", False), (True, False)]
)
def test_whole_numbers(value: object, fits: bool) -> None:
    assert (problems("aws:ebs/volume:Volume", availabilityZone="a", size=value) == {}) is fits


def test_one_of_several_types() -> None:
    service = {"apiVersion": "v1", "kind": "Service"}
    for port in (80, "http"):
        assert (
            problems(
                "kubernetes:core/v1:Service", **service, spec={"ports": [{"port": 80, "targetPort": port}]}
            )
            == {}
        )
    assert problems(
        "kubernetes:core/v1:Service", **service, spec={"ports": [{"port": 80, "targetPort": [1]}]}
    ) == {"spec.ports[0].targetPort": "wrong type"}


def test_an_enumeration_given_as_text_may_hold_what_is_newer_than_the_sdk() -> None:
    assert problems("aws:rds/instance:Instance", instanceClass="db.m9g.large") == {}


def test_kubernetes_envelopes() -> None:
    config_map = "kubernetes:core/v1:ConfigMap"
    assert problems(config_map, apiVersion="v1", kind="ConfigMap", data={"a": "b"}) == {}
    assert problems(config_map, apiVersion="v1", kind="Secret") == {"kind": "wrong type"}
    custom = "kubernetes:kafka.strimzi.io/v1:Kafka"
    assert (
        problems(
            custom, apiVersion="kafka.strimzi.io/v1", kind="Kafka", metadata={"name": "k"}, spec={"x": 1}
        )
        == {}
    )
    assert problems(custom, apiVersion="kafka.strimzi.io/v1", kind="Kafka", metadata={"nam": "k"}) == {
        "metadata.nam": "unknown property"
    }
    assert problems(custom, apiVersion="x") == {"kind": "missing required property"}


def test_provider_configuration_is_json_text() -> None:
    aws = "pulumi:providers:aws"
    assert (
        problems(aws, region="x", allowedAccountIds='["1"]', skipRegionValidation="true", version="7.0.0")
        == {}
    )
    assert problems(aws, allowedAccountIds="[1]", regio="x") == {
        "allowedAccountIds[0]": "wrong type",
        "regio": "unknown property",
    }


def test_archives_and_assets() -> None:
    function = {"role": "r", "name": "f"}
    archive = {values.SIGNATURE: values.ARCHIVE, "path": "x.zip"}
    assert problems("aws:lambda/function:Function", **function, code=archive) == {}
    assert problems("aws:lambda/function:Function", **function, code="x.zip") == {"code": "wrong type"}


def test_a_close_name_is_suggested() -> None:
    (found,) = check_inputs(token="aws:ec2/vpc:Vpc", urn="urn", inputs={"cidrBlok": "x"})
    assert "did you mean 'cidrBlock'?" in found.expected
