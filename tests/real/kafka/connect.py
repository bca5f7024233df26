"""Connect workers as processes, and their REST interface."""

from __future__ import annotations

import contextlib
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real.kafka import properties
from tests.real.kafka.connect_config import Connector
from tests.real.kafka.processes import JavaHost, Server

REST_PORT = 8083
READY_SECONDS = 360
REBALANCING = {409, 500, 503}
"""What the interface says while the workers agree on who does what."""


@dataclass(frozen=True, kw_only=True)
class Worker:
    """One Connect worker."""

    server: Server
    address: str

    @classmethod
    def start(
        cls,
        name: str,
        settings: Mapping[str, str],
        host: JavaHost,
        *,
        plugins: Path | None = None,
        options: Sequence[str] = (),
    ) -> Worker:
        """Start a worker with these settings and an address of its own; does not wait."""
        address = host.loopback.address()
        local = {
            "listeners": f"http://{address}:{REST_PORT}",
            "rest.advertised.host.name": address,
            "rest.advertised.port": REST_PORT,
            # Plugins are found by what their jars declare: opening every class of every jar takes too long here.
            "plugin.discovery": "service_load",
        }
        if plugins:
            local["plugin.path"] = str(plugins)
        file = properties.write(host.folder / f"{name}.properties", {**settings, **local})
        main = "org.apache.kafka.connect.cli.ConnectDistributed"
        worker = cls(server=host.server(name, main, str(file), extra=options), address=address)
        worker.server.start()
        return worker

    def ask(self, method: str, path: str, body: Any = None, *, seconds: float = 60) -> Any:
        """Ask the REST interface.

        Raises:
            urllib.error.URLError: it refused, or is not there.

        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://{self.address}:{REST_PORT}{path}",
            data=data,
            method=method,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def wait_ready(self) -> None:
        """Wait until it is part of its group and takes connectors."""

        def answered() -> bool:
            try:
                self.ask("GET", "/connectors", seconds=10)
            except OSError:
                return False
            return True

        self.server.until(answered, seconds=READY_SECONDS, what="its REST interface answering")

    def submit(self, connector: Connector) -> None:
        """Create or change a connector; tries again while the workers agree on who does what."""
        path = f"/connectors/{urllib.parse.quote(connector.name)}/config"

        def taken() -> bool:
            try:
                self.ask("PUT", path, dict(connector.config))
            except urllib.error.HTTPError as error:
                if error.code not in REBALANCING:
                    raise AssertionError(f"{connector.name} was refused: {error.read().decode()}") from error
                return False
            return True

        self.server.until(taken, seconds=120, what=f"connector {connector.name} being taken")

    def status(self, name: str) -> Mapping[str, Any] | None:
        """State of a connector and its tasks; None while it has none."""
        try:
            return self.ask("GET", f"/connectors/{urllib.parse.quote(name)}/status", seconds=10)
        except OSError:
            return None

    def wait_running(self, name: str, *, seconds: float = 180) -> None:
        """Wait until a connector and all its tasks run; a failed one fails the test with its trace."""

        def runs() -> bool:
            status = self.status(name)
            if status is None:
                return False
            parts = [status["connector"], *status["tasks"]]
            for part in parts:
                assert part["state"] != "FAILED", f"{name} failed: {part.get('trace', part)}"
            return bool(status["tasks"]) and all(part["state"] == "RUNNING" for part in parts)

        self.server.until(runs, seconds=seconds, what=f"connector {name} running")

    def restart_failed(self, names: Iterable[str]) -> None:
        """Do what the operator does for a connector with ``autoRestart``: start again what failed."""
        for name in names:
            status = self.status(name)
            if status and any(part["state"] == "FAILED" for part in (status["connector"], *status["tasks"])):
                path = f"/connectors/{urllib.parse.quote(name)}/restart?includeTasks=true&onlyFailed=true"
                with contextlib.suppress(OSError):
                    self.ask("POST", path, seconds=10)
