"""The folder in which the Pulumi CLI works for a rehearsal: its home, its backend, its passphrase, its configuration.

Everything lies under `<root>/.smp/<stack>/pulumi/`; the repository's own files are never written.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from rehearsal.engine_cli import find_cli
from rehearsal.errors import EngineFailedError, EngineUnavailableError
from rehearsal.program import STAND_IN_VARIABLE
from rehearsal.project import LoadedProject
from rehearsal.steps import EngineChoice

_SALT = "encryptionsalt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """A prepared folder. `command` and `environment` start the CLI in the project; `stack` is its full name."""

    directory: Path
    config_file: Path
    stack: str
    environment: Mapping[str, str]
    cli: Path
    root: Path

    @property
    def state_path(self) -> Path:
        """The stack's checkpoint file."""
        organization, project, name = self.stack.split("/")
        del organization
        return self.directory / "backend" / ".pulumi" / "stacks" / project / f"{name}.json"

    def run(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run the CLI and answer its output. Raises `EngineFailedError` with what it complains of."""
        done = subprocess.run(  # noqa: S603 - the CLI found on PATH, no shell
            [str(self.cli), *arguments, "--non-interactive", "--color", "never"],
            cwd=cwd or self.root,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise EngineFailedError(complaint(arguments, done.stderr or done.stdout))
        return done.stdout

    def pending_operations(self) -> tuple[tuple[str, str], ...]:
        """What a killed run had begun and not finished, as the checkpoint says: what it did, and to which URN."""
        try:
            checkpoint = json.loads(self.state_path.read_bytes())["checkpoint"]
        except (OSError, ValueError, KeyError, TypeError):
            return ()  # no run yet, or the CLI's own to complain of
        latest = cast("dict[str, Any]", checkpoint).get("latest") or {}
        found = cast("list[dict[str, Any]]", latest.get("pending_operations") or [])
        return tuple((str(item["type"]), str(item["resource"]["urn"])) for item in found)

    def deployment(self) -> dict[str, Any]:
        """The stack's export; secrets are encrypted in it."""
        return cast("dict[str, Any]", json.loads(self.run("stack", "export", "--stack", self.stack)))


def complaint(arguments: Sequence[str], text: str) -> str:
    """One message from what the CLI wrote."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    said = "\n".join(line.removeprefix("error: ") for line in lines[-20:]) or "it said nothing"
    return f"pulumi {' '.join(arguments[:2])} failed: {said}"


def prepare(project: LoadedProject, packages: Mapping[str, int]) -> Workspace:
    """Make the folder ready: passphrase, stack, configuration with encrypted placeholders.

    `packages` maps each package to the port that serves it. The caller holds the folder's lock.
    """
    cli = find_cli()
    if cli is None:
        raise EngineUnavailableError(
            "the Pulumi CLI was not found: put `pulumi` and `pulumi-language-python` on PATH, "
            "or rehearse with --engine embedded."
        )
    directory = engine_directory(project.root, project.stack)
    backend = directory / "backend"
    for part in (backend, directory / "home", directory / "config"):
        part.mkdir(parents=True, exist_ok=True)
    passphrase = directory / "passphrase"
    if not passphrase.exists():
        descriptor = os.open(passphrase, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    # A killed run leaves the backend's lock behind; whoever holds this folder's lock is alone.
    shutil.rmtree(backend / ".pulumi" / "locks", ignore_errors=True)
    workspace = Workspace(
        directory=directory,
        config_file=directory / "config" / f"Pulumi.{project.stack}.yaml",
        stack=f"organization/{project.name}/{project.stack}",
        environment=_environment(directory, packages),
        cli=cli,
        root=project.root,
    )
    if not workspace.state_path.exists():
        _make_stack(workspace, project)
    _configure(workspace, project)
    return workspace


def engine_directory(root: Path, stack: str) -> Path:
    """Where the CLI's state of a stack lies."""
    return root.resolve() / ".smp" / stack / EngineChoice.PULUMI.value


def _environment(directory: Path, packages: Mapping[str, int]) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
    python = Path(sys.executable).parent
    return kept | {
        "PATH": f"{python}{os.pathsep}{kept.get('PATH', '')}",
        "PULUMI_PYTHON_CMD": sys.executable,
        STAND_IN_VARIABLE: "1",
        "PULUMI_HOME": str(directory / "home"),
        "PULUMI_BACKEND_URL": f"file://{directory / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(directory / "passphrase"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
        "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
        "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in sorted(packages.items())),
        "no_proxy": "127.0.0.1,localhost",
    }


def _make_stack(workspace: Workspace, project: LoadedProject) -> None:
    """`stack init` writes the salt beside a Pulumi.yaml: it gets one of its own, not the repository's."""
    beside = workspace.config_file.parent
    (beside / "Pulumi.yaml").write_text(
        yaml.safe_dump({"name": project.name, "runtime": "python"}), encoding="utf-8"
    )
    workspace.config_file.unlink(missing_ok=True)
    workspace.run(
        "stack", "init", workspace.stack, "--no-select", "--secrets-provider", "passphrase", cwd=beside
    )


def _configure(workspace: Workspace, project: LoadedProject) -> None:
    """Write the configuration that the program gets: the repository's values, placeholders for its secrets."""
    beside = workspace.config_file.parent
    before = cast("dict[str, Any]", yaml.safe_load(workspace.config_file.read_text(encoding="utf-8")) or {})
    plain = {key: value for key, value in project.stack_config.items() if key not in project.secret_keys}
    content = {_SALT: before.get(_SALT), "config": plain}
    workspace.config_file.write_text(yaml.safe_dump(content, sort_keys=True), encoding="utf-8")
    wanted = {key: project.config[key] for key in sorted(project.secret_keys)}
    if wanted:
        arguments = [f"{key}={value}" for key, value in wanted.items()]
        flags = [part for argument in arguments for part in ("--secret", argument)]
        workspace.run("config", "set-all", "--stack", workspace.stack, *flags, cwd=beside)
