"""Reads the configuration and hands it to the composition of the stack's kind."""

from __future__ import annotations

import pulumi

from catalog.clusters import Cluster
from catalog.places import Cloud
from components.core.component import InvalidArgumentsError
from stacks.config_source import ConfigurationError, Settings, load_settings
from stacks.estimate import Recorder, export_estimate


def main() -> None:
    """Build the stack Pulumi asks for.

    Raises:
        pulumi.RunError: the configuration is wrong; the message lists every mistake.

    """
    refuse_stack_references()
    try:
        settings = load_settings()
        recorder = Recorder.start()
        compose(settings)
        export_estimate(settings, recorder)
    except (ConfigurationError, InvalidArgumentsError) as error:
        raise pulumi.RunError(str(error)) from error


def refuse_stack_references() -> None:
    """Stop at the first attempt to read another stack's outputs: no policy would ever see it.

    A region must come up, and come back, without any other (M§14.6); what stacks share are names by convention.
    """
    pulumi.runtime.register_stack_transformation(_refuse_stack_reference)


def _refuse_stack_reference(made: pulumi.ResourceTransformationArgs) -> None:
    if made.type_ == "pulumi:pulumi:StackReference":
        raise pulumi.RunError(
            f"{made.props.get('name') or made.name}: no stack reads another stack's outputs (M§14.3, M§14.6);"
            " build the name by convention (catalog.hostnames), or put the value into this stack's configuration"
        )


def compose(settings: Settings) -> None:
    """Choose the composition. Each is imported only when it is built: a provider's package costs a second."""
    cluster = settings.stack.facts.cluster
    if cluster is Cluster.GLOBAL:
        from stacks import control_plane  # noqa: PLC0415

        control_plane.build(settings)
    elif cluster.cloud is Cloud.ALIBABA:
        from stacks import alibaba_cluster  # noqa: PLC0415

        alibaba_cluster.build(settings)
    else:
        from stacks import aws_cluster  # noqa: PLC0415

        aws_cluster.build(settings)
