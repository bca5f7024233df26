"""Kubernetes, Cloudflare, Vault, MongoDB Atlas and the small generator providers: ids in their own forms."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any, Final, cast

from rehearsal.standin_forms import Form, Naming, draw
from rehearsal.values import Properties

CLOUDFLARE: Final[Mapping[str, Form]] = {
    "index/originCaCertificate:OriginCaCertificate": Form(
        id="{digits:48}",
        outputs={
            "certificate": "-----BEGIN CERTIFICATE-----\n{lower:64.a}\n{lower:64.b}\n-----END CERTIFICATE-----\n"
        },
    ),
    "index/zone:Zone": Form(
        id="{hex:32}",
        outputs={"nameServers": ["ada.ns.cloudflare.com", "rob.ns.cloudflare.com"], "status": "active"},
    ),
    "index/r2Bucket:R2Bucket": Form(id="{name}"),
    "index/workersScript:WorkersScript": Form(id="{name}", name_from="scriptName"),
    "index/workerScript:WorkerScript": Form(id="{name}"),
    "index/workerVersion:WorkerVersion": Form(id="{uuid}"),
    "index/workersDeployment:WorkersDeployment": Form(id="{uuid}"),
    "index/pagesProject:PagesProject": Form(
        id="{name}", outputs={"subdomain": "{name}.pages.dev", "domains": ["{name}.pages.dev"]}
    ),
    "index/zoneSetting:ZoneSetting": Form(id="{of[settingId]}"),
}

VAULT: Final[Mapping[str, Form]] = {
    "index/mount:Mount": Form(id="{of[path]}", outputs={"accessor": "{of[type]}_{hex:8}"}),
    "index/policy:Policy": Form(id="{name}"),
    "index/authBackend:AuthBackend": Form(id="{of[path]}", outputs={"accessor": "auth_{of[type]}_{hex:8}"}),
    "kv/secretV2:SecretV2": Form(id="{of[mount]}/data/{name}", outputs={"path": "{of[mount]}/data/{name}"}),
    "kubernetes/authBackendRole:AuthBackendRole": Form(id="auth/{of[backend]}/role/{of[roleName]}"),
    "kubernetes/authBackendConfig:AuthBackendConfig": Form(id="auth/{of[backend]}/config"),
    "database/secretsMount:SecretsMount": Form(id="{of[path]}"),
    "transit/secretBackendKey:SecretBackendKey": Form(id="{of[backend]}/keys/{name}"),
}


def _atlas_cluster(naming: Naming) -> Properties:
    host = naming.fill("{name}.{lower:5}.mongodb.net")
    return {
        "connectionStrings": {
            "standardSrv": f"mongodb+srv://{host}",
            "standard": f"mongodb://{host}:27017",
            "private": "",
            "privateSrv": "",
        },
        "stateName": "IDLE",
    }


ATLAS: Final[Mapping[str, Form]] = {
    "index/project:Project": Form(
        id="{hex:24}", outputs={"clusterCount": 0, "created": "2026-01-01T00:00:00Z"}
    ),
    "index/advancedCluster:AdvancedCluster": Form(
        id="{hex:24}", outputs={"clusterId": "{id}"}, computed=_atlas_cluster
    ),
    "index/cluster:Cluster": Form(id="{hex:24}", outputs={"clusterId": "{id}"}),
    "index/privateLinkEndpoint:PrivateLinkEndpoint": Form(
        id="{hex:24}",
        outputs={
            "privateLinkId": "{id}",
            "endpointServiceName": "com.amazonaws.vpce.{of[region]}.vpce-svc-{hex:17}",
            "status": "AVAILABLE",
        },
    ),
}


def _random_text(naming: Naming) -> Properties:
    length = int(naming.inputs.get("length") or 16)
    special = naming.inputs.get("overrideSpecial") or "!@#%&*()-_=+[]{}<>:?"
    alphabet = (
        string.ascii_letters + string.digits + (str(special) if naming.inputs.get("special", True) else "")
    )
    text = draw(alphabet, length, naming.seed, "result")
    return {
        "result": text,
        "bcryptHash": f"$2a$10${draw(string.ascii_letters + string.digits, 53, naming.seed, 'bcrypt')}",
    }


def _random_bytes(naming: Naming) -> Properties:
    length = int(naming.inputs.get("byteLength") or naming.inputs.get("length") or 8)
    text = draw("0123456789abcdef", 2 * length, naming.seed, "hex")
    return {"hex": text, "dec": str(int(text, 16)), "b64Std": text, "b64Url": text, "base64": text}


RANDOM: Final[Mapping[str, Form]] = {
    "index/randomPassword:RandomPassword": Form(id="none", computed=_random_text),
    "index/randomString:RandomString": Form(id="{lower:16}", computed=_random_text),
    "index/randomId:RandomId": Form(id="{lower:11}", computed=_random_bytes),
    "index/randomBytes:RandomBytes": Form(id="none", computed=_random_bytes),
    "index/randomUuid:RandomUuid": Form(id="{uuid}", outputs={"result": "{id}"}),
    "index/randomPet:RandomPet": Form(id="calm-otter"),
}


def _key_pair(naming: Naming) -> Properties:
    body = naming.fill("{lower:64.a}\n{lower:64.b}")
    private = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
    public = naming.fill("-----BEGIN PUBLIC KEY-----\n{lower:64.p}\n-----END PUBLIC KEY-----\n")
    return {
        "privateKeyPem": private,
        "privateKeyPemPkcs8": private,
        "privateKeyOpenssh": private,
        "publicKeyPem": public,
    }


TLS: Final[Mapping[str, Form]] = {"index/privateKey:PrivateKey": Form(id="{hex:40}", computed=_key_pair)}


def kubernetes_object(naming: Naming) -> tuple[str, Properties]:
    """`namespace/name` and the object's metadata as the API server completes it."""
    metadata = naming.inputs.get("metadata")
    given: dict[str, Any] = dict(cast("dict[str, Any]", metadata)) if isinstance(metadata, dict) else {}
    name = str(given.get("name") or naming.name)
    namespace = str(given.get("namespace") or naming.inputs.get("namespace") or "")
    known: Properties = {
        "metadata": {
            "name": name,
            "uid": naming.fill("{uuid}"),
            "resourceVersion": "1",
            "generation": 1,
            "creationTimestamp": "2026-01-01T00:00:00Z",
        }
    }
    if namespace:
        known["metadata"]["namespace"] = namespace
    return (f"{namespace}/{name}" if namespace else name), known


def kubernetes_release(naming: Naming) -> tuple[str, Properties]:
    """A Helm release as the provider answers it."""
    namespace = str(naming.inputs.get("namespace") or "default")
    known: Properties = {
        "name": naming.name,
        "namespace": namespace,
        "resourceNames": {},
        "status": {
            "name": naming.name,
            "namespace": namespace,
            "revision": 1,
            "status": "deployed",
            "chart": str(naming.inputs.get("chart") or ""),
            "version": str(naming.inputs.get("version") or ""),
            "appVersion": str(naming.inputs.get("version") or ""),
        },
    }
    return f"{namespace}/{naming.name}", known


_DEFAULTS: Final[Mapping[str, Form]] = {
    "cloudflare": Form(id="{hex:32}"),
    "vault": Form(id="{name}"),
    "mongodbatlas": Form(id="{hex:24}"),
    "random": Form(id="{lower:16}"),
    "tls": Form(id="{hex:40}"),
}
_TABLES: Final[Mapping[str, Mapping[str, Form]]] = {
    "cloudflare": CLOUDFLARE,
    "vault": VAULT,
    "mongodbatlas": ATLAS,
    "random": RANDOM,
    "tls": TLS,
}


def form_of(package: str, kind: str) -> Form:
    """The form of a type without its package."""
    return _TABLES.get(package, {}).get(kind) or _DEFAULTS.get(package) or Form(id="{lower:16}")
