"""Runs a Pulumi program against a stand-in for all clouds: to plan it, to rehearse it, to take it down again.

`plan` runs the unmodified program in this process and answers its resources. `rehearse` deploys them into the stand-in
cloud and keeps the state, with either of two hosts: the embedded one, or the real Pulumi CLI with the stand-in attached
as a provider. Nothing here ever contacts a cloud.
"""

from rehearsal.api import destroy, rehearse
from rehearsal.embedded_plan import plan
from rehearsal.errors import (
    DeploymentError,
    EngineFailedError,
    EngineUnavailableError,
    ProgramError,
    ProgramFailedError,
    ProjectError,
    RehearsalError,
    ResourceFailure,
    SchemaError,
    StateError,
    StateLockedError,
    UnknownStackError,
    UnsupportedError,
)
from rehearsal.faults import Death, Faults
from rehearsal.project import LoadedProject, Project
from rehearsal.schema_check import Violation, ViolationKind
from rehearsal.steps import (
    EngineChoice,
    Event,
    Message,
    OnEvent,
    Op,
    Phase,
    PhaseStarted,
    PlanResult,
    PropertyChange,
    RehearsalResult,
    ResourceFinished,
    ResourceStarted,
    Severity,
    Step,
)

__all__ = [
    "Death",
    "DeploymentError",
    "EngineChoice",
    "EngineFailedError",
    "EngineUnavailableError",
    "Event",
    "Faults",
    "LoadedProject",
    "Message",
    "OnEvent",
    "Op",
    "Phase",
    "PhaseStarted",
    "PlanResult",
    "ProgramError",
    "ProgramFailedError",
    "Project",
    "ProjectError",
    "PropertyChange",
    "RehearsalError",
    "RehearsalResult",
    "ResourceFailure",
    "ResourceFinished",
    "ResourceStarted",
    "SchemaError",
    "Severity",
    "StateError",
    "StateLockedError",
    "Step",
    "UnknownStackError",
    "UnsupportedError",
    "Violation",
    "ViolationKind",
    "destroy",
    "plan",
    "rehearse",
]
