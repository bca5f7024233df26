"""Addresses on the loopback for servers that keep the ports and names they have in a cluster.

Linux answers on all of 127.0.0.0/8, so every server gets an address of its own and listens on its real port. The names
that the plan uses (services, advertised hosts) are resolved by Java itself from a file per cluster, which holds what a
pod of that cluster could resolve and nothing else: a server under test reaches no other host by name.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROBED_PORT = 9091


@dataclass(frozen=True, kw_only=True)
class Loopback:
    """A block 127.x.y.0/24 that is this test run's own."""

    block: str
    _addresses: Iterator[str] = field(repr=False)

    @classmethod
    def claim(cls) -> Loopback:
        """Take a block that nobody listens in."""
        numbers = random.Random(os.urandom(8))
        while True:
            block = f"127.{numbers.randint(16, 250)}.{numbers.randint(0, 250)}"
            with socket.socket() as probe:
                if probe.connect_ex((f"{block}.1", PROBED_PORT)) != 0:
                    break
        return cls(block=block, _addresses=iter([f"{block}.{host}" for host in range(1, 250)]))

    def address(self) -> str:
        """An address that no other server of this run has."""
        return next(self._addresses)


@dataclass(frozen=True, kw_only=True)
class HostNames:
    """The names that programs of one cluster can resolve; the file may grow while they run.

    The name of a service stands for every pod behind it, and a client tries them in turn, where Kubernetes would
    leave out those that are gone.
    """

    file: Path
    names: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"localhost": ("127.0.0.1",)})

    def add(self, names: Iterable[str], *addresses: str) -> None:
        """Let each name stand for these addresses, for good."""
        for name in names:
            others = self.names.setdefault(name, addresses)
            assert others == addresses, f"{name} is {others} and cannot also be {addresses}"
        self._write()

    def add_all(self, names: Mapping[str, tuple[str, ...]]) -> None:
        """Take over names with their addresses."""
        for name, addresses in names.items():
            self.add([name], *addresses)

    def _write(self) -> None:
        lines = [f"{address} {name}" for name, addresses in self.names.items() for address in addresses]
        whole = self.file.with_suffix(".new")
        whole.write_text("\n".join(lines) + "\n", encoding="utf-8")
        whole.replace(self.file)
