"""Servers as child processes: started with little memory, watched, and never left behind."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from tests.real.kafka.jars import JarSet, Java
from tests.real.kafka.loopback import HostNames, Loopback

T = TypeVar("T")

STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")
"""Starts every child: Linux ends a leashed child with the thread that started it, and this one lives to the end."""

QUIET = (
    "org.apache.kafka.clients",
    "org.apache.kafka.common.config",
    "org.apache.kafka.common.metrics",
    "org.apache.kafka.common.utils.AppInfoParser",
    "org.apache.kafka.connect.runtime.isolation",
    "org.apache.kafka.connect.runtime.rest",
    "io.debezium.util.Threads",
)
"""What says at length what nobody asks when a test fails."""

LOG4J = """\
status = error
appender.console.type = Console
appender.console.name = out
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1} %m%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
""" + "".join(
    f"logger.{number}.name = {name}\nlogger.{number}.level = warn\n" for number, name in enumerate(QUIET)
)


class ServerDiedError(AssertionError):
    """A server ended while it was needed; the message holds the end of its log."""


def poll(question: Callable[[], T | None], *, seconds: float, what: str, every: float = 0.2) -> T:
    """Ask again until there is something in the answer; a time-out says what was waited for."""
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < end, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(every)


@dataclass(kw_only=True)
class Server:
    """One child process and its log."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, again after it ended; its log goes on. It ends with the process that started it."""
        leash = shutil.which("setpriv")
        prefix = [leash, "--pdeathsig", "KILL"] if leash else []
        with self.log.open("ab") as log:
            start = partial(subprocess.Popen, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            self.process = STARTER.submit(start, [*prefix, *self.command], cwd=self.log.parent).result()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def until(self, question: Callable[[], T | None], *, seconds: float, what: str) -> T:
        """As ``poll``, but gives up at once when the server is gone, and shows its log."""

        def asked() -> T | None:
            if not self.running:
                raise ServerDiedError(f"{self.name} ended; {self.log}:\n{self.tail()}")
            return question()

        try:
            return poll(asked, seconds=seconds, what=f"{self.name}: {what}")
        except ServerDiedError:
            raise
        except AssertionError as error:
            raise AssertionError(f"{error}; {self.log}:\n{self.tail()}") from error

    def kill(self) -> None:
        """As a machine that loses its power does: nothing is said goodbye to."""
        self._end(signal.SIGKILL, seconds=10)

    def stop(self, seconds: float = 40) -> None:
        """Ask it to end, and insist after a while."""
        if not self._end(signal.SIGTERM, seconds=seconds):
            self.kill()

    def _end(self, sent: signal.Signals, *, seconds: float) -> bool:
        if self.process is None:
            return True
        if self.process.poll() is None:
            self.process.send_signal(sent)
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


@dataclass(frozen=True, kw_only=True)
class JavaHost:
    """Starts Java programs that all see the same names."""

    java: Java
    loopback: Loopback
    names: HostNames
    folder: Path

    @classmethod
    def inside(cls, folder: Path, java: Java, loopback: Loopback) -> JavaHost:
        """A place of its own, with names of its own, for the programs of one cluster."""
        folder.mkdir(parents=True)
        return cls(java=java, loopback=loopback, names=HostNames(file=folder / "hosts"), folder=folder)

    def command(self, main: str, *arguments: str, heap: int = 256, extra: Sequence[str] = ()) -> list[str]:
        """A command line; ``heap`` in MB. Quick to start and small, as many of these share two cores."""
        logging = self.folder / "log4j2.properties"
        if not logging.exists():
            logging.write_text(LOG4J, encoding="utf-8")
        options = [
            f"-Xmx{heap}m",
            "-Xms64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            f"-Djdk.net.hosts.file={self.names.file}",
            f"-Dlog4j2.configurationFile={logging}",
            *extra,
        ]
        return [
            self.java.executable,
            *options,
            "-cp",
            ":".join(f"{self.java.bring(jars)}/jars/*" for jars in (JarSet.SERVER, JarSet.METRICS)),
            main,
            *arguments,
        ]

    def run(self, main: str, *arguments: str) -> None:
        """Run a program to its end."""
        command = self.command(main, *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
        assert done.returncode == 0, f"{main} {' '.join(arguments)}:\n{done.stdout}{done.stderr}"

    def server(self, name: str, main: str, *arguments: str, extra: Sequence[str] = ()) -> Server:
        """A server, not started yet."""
        command = self.command(main, *arguments, extra=extra)
        return Server(name=name, command=command, log=self.folder / f"{name}.log")
