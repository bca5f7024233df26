"""The stand-in for all clouds: what a provider answers to check, create, read and update, without any network.

Everything is a pure function of the resource's URN, its inputs, and its provider's account and region: two runs, and
both hosts, get the same ids, ARNs and endpoints. Nothing is stored here; the state belongs to the hosts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from rehearsal import sdk, standin_alibaba, standin_aws, standin_other, values
from rehearsal.schema import schema_of
from rehearsal.standin_defaults import complete, completed, unknown
from rehearsal.standin_forms import Form, Naming, fill_all, physical_name
from rehearsal.standin_identity import ProviderFacts, effective_region
from rehearsal.standin_updates import counted
from rehearsal.values import Properties

# Kubernetes types of the provider itself, not objects of an API server.
_RELEASE: Final = "kubernetes:helm.sh/v3:Release"
# Generators: any change makes another resource, whose id may be the same ("none").
_NEVER_UPDATED: Final = frozenset({"random", "tls"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One resource as a provider is asked for it. `inputs` are in wire form (see `values`), secrets marked."""

    token: str
    urn: str
    inputs: Properties
    facts: ProviderFacts

    @property
    def logical_name(self) -> str:
        """The name in the program."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Created:
    """A resource as the cloud answers it. `id` is `values.UNKNOWN` in a preview."""

    id: str
    outputs: Properties


def create(request: Request) -> Created:
    """Make a resource: its id and all declared outputs."""
    naming, known = _identify(request)
    return Created(id=naming.id, outputs=_outputs(request, naming, known))


@dataclass(frozen=True, kw_only=True, slots=True)
class Before:
    """A resource as it was before a change."""

    inputs: Properties
    outputs: Properties


def preview_create(request: Request) -> Created:
    """What is known before a resource exists: its inputs; the id and every other output are unknown.

    Inside a block that was given, too, unknown is what the cloud adds to it.
    """
    outputs: Properties = {
        name: values.UNKNOWN
        for name, declared in schema_of(request.token).outputs.items()
        if _is_computed(request, name, required=declared.required)
    }
    package, _, kind = request.token.partition(":")
    added = {} if package == "kubernetes" else _form(package, kind).outputs
    given: Properties = {
        name: completed(value, unknown(added[name])) if isinstance(added.get(name), Mapping) else value
        for name, value in request.inputs.items()
    }
    return Created(id=values.UNKNOWN, outputs=outputs | given)


def _is_computed(request: Request, name: str, *, required: bool) -> bool:
    """Whether the cloud decides an output: it is no input, or the provider answers it even when it was not given."""
    return required or name not in schema_of(request.token).inputs


def update(request: Request, *, resource_id: str, before: Before | None = None) -> Created:
    """Change a resource in place: the id stays, the outputs follow the new inputs.

    Without `before` the resource is answered as it is, made from the same inputs.
    """
    naming, known = _identify(request, resource_id=resource_id)
    outputs = _outputs(request, naming, known)
    if before is not None:
        outputs |= counted(request.token, before.inputs, before.outputs, request.inputs)
    return Created(id=resource_id, outputs=outputs)


def preview_update(request: Request, *, resource_id: str, before: Before) -> Created:
    """What is known before a change: the old outputs and the new inputs, but no number that counts changes."""
    risen = counted(request.token, before.inputs, before.outputs, request.inputs)
    unsure: Properties = {name: values.UNKNOWN for name in risen if risen[name] != before.outputs.get(name)}
    return Created(id=resource_id, outputs=before.outputs | request.inputs | unsure)


def read(request: Request, *, resource_id: str) -> Created:
    """An existing resource by its id: the stand-in cloud has whatever it is asked for."""
    return update(request, resource_id=resource_id)


def _outputs(request: Request, naming: Naming, known: Properties) -> Properties:
    schema = schema_of(request.token)
    if request.facts.package == "aws" and "tagsAll" in schema.outputs:
        known = {"tagsAll": request.inputs.get("tags") or {}} | known
    return complete(
        naming=naming, inputs=request.inputs, input_fields=schema.inputs, outputs=schema.outputs, known=known
    )


def _identify(request: Request, *, resource_id: str = "") -> tuple[Naming, Properties]:
    """Who the resource is, and the outputs that its service is known for."""
    facts = effective_region(request.facts, request.inputs)
    package, _, kind = request.token.partition(":")
    form = _form(package, kind)
    plain: Properties = {name: values.reveal_all(value) for name, value in request.inputs.items()}
    where = values.digest(request.urn, facts.account, facts.region)
    # A replacement is another resource, so the id depends on the inputs; not on secrets, for an id is public.
    made_from = values.digest(where, values.mask(request.inputs))
    first = Naming(
        token=request.token,
        logical_name=request.logical_name,
        name=physical_name(
            logical_name=request.logical_name, seed=where, inputs=plain, name_from=form.name_from
        ),
        seed=made_from,
        inputs=plain,
        facts=facts,
    )

    def settled(made_id: str, arn: str) -> Naming:
        # What else the cloud draws belongs to the resource with this id and survives its updates.
        seed = made_from if package in _NEVER_UPDATED else values.digest(where, made_id)
        return replace(first, id=made_id, arn=arn, seed=seed)

    if package == "kubernetes":
        describe = (
            standin_other.kubernetes_release if request.token == _RELEASE else standin_other.kubernetes_object
        )
        made_id, known = describe(settled("", ""))
        return settled(resource_id or made_id, ""), known
    template = f"{'' if form.arn.startswith('acs:') else 'arn:{partition}:'}{form.arn}" if form.arn else ""
    if form.id == "{arn}":
        arn = resource_id or first.fill(template)
        final = settled(arn, arn)
    else:
        made_id = resource_id or first.fill(form.id)
        final = settled(made_id, "")
        final = settled(made_id, final.fill(template))
    known = fill_all(final, dict(form.outputs))
    if form.computed is not None:
        known |= form.computed(final)
    if final.arn:
        known.setdefault("arn", final.arn)
    declared = schema_of(request.token).outputs
    return final, {key: value for key, value in known.items() if key in declared}


def _form(package: str, kind: str) -> Form:
    if package == "aws":
        return standin_aws.form_of(kind)
    if package == "alicloud":
        return standin_alibaba.form_of(kind)
    return standin_other.form_of(package, kind)


def provider_id(urn: str) -> str:
    """The id of a provider resource: the engine draws a UUID, the stand-in derives one."""
    return Naming(
        token="",
        logical_name="",
        name="",
        seed=values.digest("provider", urn),
        inputs={},
        facts=ProviderFacts(package=sdk.package_of("pulumi:providers:stand-in"), account="", region=""),
    ).fill("{uuid}")
