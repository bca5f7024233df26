"""What the tables of known outputs say is of the type that the SDK's own class declares."""

from __future__ import annotations

import pytest

from rehearsal import standin_alibaba, standin_aws
from rehearsal.schema import schema_of
from rehearsal.schema_check import ViolationKind, _typed

KNOWN = [
    pytest.param(f"{package}:{kind}", form.outputs, id=f"{package}:{kind}")
    for package, forms in (("aws", standin_aws.FORMS), ("alicloud", standin_alibaba.FORMS))
    for kind, form in forms.items()
    if form.outputs
]


@pytest.mark.parametrize(("token", "outputs"), KNOWN)
def test_known_outputs_are_declared_and_of_the_declared_type(token: str, outputs: dict[str, object]) -> None:
    declared = schema_of(token).outputs
    for name, value in outputs.items():
        assert name in declared, name
        found = list(_typed(value, declared[name].type, name))
        # A table may say a part only; what it leaves out comes from the inputs or the type.
        assert [problem for problem in found if problem.kind is not ViolationKind.MISSING] == []
