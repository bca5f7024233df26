"""What a plan and a deployment have in common: identities, providers, and what the program is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from rehearsal import sdk, standin, values
from rehearsal.embedded_goal import Goal
from rehearsal.embedded_monitor import Registered
from rehearsal.errors import DeploymentError, RehearsalError, ResourceFailure, SchemaError, UnsupportedError
from rehearsal.project import LoadedProject
from rehearsal.resources import PROVIDER_PREFIX, STACK_TYPE, ResourceState, make_urn, provider_urn
from rehearsal.schema_check import Violation, check_inputs
from rehearsal.standin_identity import ProviderFacts, provider_facts
from rehearsal.standin_invoke import InvokeError, invoke
from rehearsal.values import Properties

_INTERNAL = "__internal"
PROTECTED: Final = (
    "it is protected and would be {what}. "
    "Remove `protect` from it in the program and run once more before this change."
)


class DuplicateUrnError(RehearsalError):
    """Two resources of the program have the same identity."""


class DefaultProviderError(RehearsalError):
    """A resource names no provider although default providers are disabled."""


class Run:
    """The resources of one run of a program, by URN, in the order of their registration."""

    def __init__(self, project: LoadedProject) -> None:
        self.project = project
        self.resources: dict[str, ResourceState] = {}
        self.failures: list[ResourceFailure] = []
        self._disabled = project.disabled_default_providers
        self._seen: set[str] = set()

    def urn_of(self, goal: Goal) -> str:
        """The URN of a goal. Raises `DuplicateUrnError` the second time."""
        urn = make_urn(
            stack=self.project.stack,
            project=self.project.name,
            parent=goal.parent,
            token=goal.type,
            name=goal.name,
        )
        if urn in self._seen:
            raise DuplicateUrnError(f"Duplicate resource URN '{urn}'; try giving it a unique name")
        self._seen.add(urn)
        return urn

    def settle(self, goal: Goal, urn: str) -> Goal:
        """The goal with what it leaves to others: its parent's options, its package's default provider."""
        parent = self.resources.get(goal.parent)
        if parent is not None:
            retained = parent.retain_on_delete if goal.retain_on_delete is None else goal.retain_on_delete
            goal = replace(
                goal, retain_on_delete=retained, deleted_with=goal.deleted_with or parent.deleted_with
            )
        if goal.provider or not goal.custom or goal.type.startswith("pulumi:"):
            return _with_version(goal) if goal.type.startswith(PROVIDER_PREFIX) else goal
        return replace(goal, provider=self.default_provider(sdk.package_of(goal.type), goal.version, urn))

    def default_provider(self, package: str, version: str, wanted_by: str) -> str:
        """The reference of a package's default provider. Raises `DefaultProviderError` where it is disabled."""
        if self._disabled & {"*", package}:
            raise DefaultProviderError(
                f"Default provider for '{package}' disabled. '{wanted_by}' must use an explicit provider."
            )
        name = f"default_{version}".replace(".", "_").replace("-", "_") if version else "default"
        token = f"{PROVIDER_PREFIX}{package}"
        urn = make_urn(stack=self.project.stack, project=self.project.name, parent="", token=token, name=name)
        if urn not in self._seen:
            config: Properties = {
                key.partition(":")[2]: value
                for key, value in self.project.config.items()
                if key.startswith(f"{package}:")
            }
            self.register(
                Goal(
                    type=token,
                    name=name,
                    custom=True,
                    parent="",
                    provider="",
                    inputs=config,
                    version=version,
                    property_dependencies={},
                    custom_timeouts={},
                )
            )
        return f"{urn}::{standin.provider_id(urn)}"

    def register(self, goal: Goal) -> Registered:
        """Make a resource as wanted (see `embedded_monitor.Deployment`)."""
        raise NotImplementedError

    def facts_of(self, reference: str) -> ProviderFacts:
        """Account and region of a provider reference."""
        provider = self.resources.get(provider_urn(reference))
        if provider is None:
            return provider_facts("", {})
        return provider_facts(sdk.package_of(provider.type), provider.inputs)

    def violations_of(self, goal: Goal, urn: str) -> tuple[Violation, ...]:
        """What the provider's SDK refuses in a goal; remembered as a failure."""
        if not goal.custom:
            return ()
        found = check_inputs(token=goal.type, urn=urn, inputs=goal.inputs)
        if found:
            self.failures.append(
                ResourceFailure(
                    urn=urn, reason="; ".join(violation.reason for violation in found), violations=found
                )
            )
        return found

    def invoke(self, token: str, arguments: Properties, provider: str) -> Properties:
        """Call a provider's function."""
        if token == "pulumi:pulumi:getResource":  # noqa: S105 - a function's name
            state = self.resources.get(str(arguments.get("urn")))
            if state is None:
                raise UnsupportedError(f"there is no resource {arguments.get('urn')} to refer to.")
            return {"urn": state.urn, "id": state.id, "state": state.outputs}
        package = sdk.package_of(token)
        reference = provider or self.default_provider(package, "", token)
        try:
            return invoke(token, arguments, self.facts_of(reference))
        except InvokeError as error:
            raise UnsupportedError(str(error)) from None

    def stack_outputs(self) -> Properties:
        """What the program exported."""
        for state in self.resources.values():
            if state.type == STACK_TYPE:
                return state.outputs
        return {}


def with_secret_outputs(outputs: Properties, names: Iterable[str]) -> Properties:
    """Outputs in which those that the class calls secret are."""
    marked = set(names)
    return {key: values.secret(value) if key in marked else value for key, value in outputs.items()}


def failure_error(failures: Iterable[ResourceFailure], **context: Any) -> DeploymentError:
    """The error for some failures: `SchemaError` when the schema refused them all."""
    found = tuple(sorted(failures, key=lambda failure: failure.urn))
    kind = SchemaError if all(failure.violations for failure in found) else DeploymentError
    return kind(found, **context)


def provider_outputs(goal: Goal) -> Properties:
    """A provider's outputs: its configuration without what the engine keeps for itself."""
    return {key: value for key, value in goal.inputs.items() if key != _INTERNAL}


def _with_version(goal: Goal) -> Goal:
    """A provider's inputs hold the version of its SDK and a place of the engine's own, as the engine adds them."""
    own: Properties = {_INTERNAL: {}} | ({"version": goal.version} if goal.version else {})
    return replace(goal, inputs=goal.inputs | own)
