"""The Java programs under test: brought by Maven once, then kept outside the repository.

Each file in ``maven/`` names one set of programs. Maven takes them from wherever the person's own settings say. A set
lies in ``$XDG_CACHE_HOME/smp-infrastructure`` under a name made of its file's content, so a new version is a new
folder and an old one may be removed at any time.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

import pytest

MAVEN = Path(__file__).parent / "maven"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
OLDEST_JAVA = 17


class JarSet(StrEnum):
    """A file of ``maven/``."""

    SERVER = "server"
    DEBEZIUM = "debezium"
    STRIMZI = "strimzi"
    SEARCH = "search"
    METRICS = "metrics"

    @property
    def pom(self) -> Path:
        return MAVEN / f"{self.value}.xml"

    def version(self, name: str) -> str:
        """The version that the file pins, such as ``kafka``."""
        found = re.search(rf"<{name}\.version>([^<]+)</", self.pom.read_text(encoding="utf-8"))
        assert found, f"{self.pom} pins no {name}.version"
        return found[1]


@dataclass(frozen=True, kw_only=True)
class Java:
    """The Java on this machine and the programs it runs."""

    executable: str
    cache: Path

    def folder(self, jars: JarSet) -> Path:
        return self.cache / f"{jars}-{hashlib.sha256(jars.pom.read_bytes()).hexdigest()[:12]}"

    def bring(self, jars: JarSet) -> Path:
        """The folder whose ``jars`` holds every jar of a set, downloaded by the first process that asks."""
        folder = self.folder(jars)
        self.cache.mkdir(parents=True, exist_ok=True)
        with (self.cache / f"{jars}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():
                self._download(jars, folder)
        return folder

    def _download(self, jars: JarSet, folder: Path) -> None:
        maven = shutil.which("mvn")
        if maven is None:
            missing(f"the jars of {jars.pom.name} are not in {self.cache} yet and Maven (mvn) is not on PATH")
        incoming = folder.with_suffix(".part")
        shutil.rmtree(incoming, ignore_errors=True)
        command = [maven, "--batch-mode", "--quiet", "--file", str(jars.pom), COPY]
        options = [f"-DoutputDirectory={incoming}/jars", "-DincludeScope=runtime"]
        run = subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=900)
        assert run.returncode == 0, f"Maven could not bring {jars.pom.name}:\n{run.stdout}{run.stderr}"
        incoming.rename(folder)


def cache_folder() -> Path:
    """Where everything lies that was downloaded for the tests."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smp-infrastructure"


def missing(what: str) -> NoReturn:
    """Skip and say why; in CI a tool that is not there is a failure, or the tests would vanish unseen."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; tests/real/kafka/install brings it on Debian")
    pytest.skip(f"{what}; see tests/real/kafka/README.md")


def find_java() -> Java:
    """The Java of this machine; skips where there is none or it is too old."""
    if sys.platform != "linux":
        missing(
            "servers listen on addresses all over 127.0.0.0/8, which Linux alone gives without setting up"
        )
    executable = shutil.which("java")
    if executable is None:
        missing("Kafka needs Java and there is none on PATH")
    answer = subprocess.run([executable, "-version"], capture_output=True, text=True, check=True).stderr
    version = re.search(r'version "(\d+)', answer)
    if version is None or int(version[1]) < OLDEST_JAVA:
        missing(f"Kafka 4 needs Java {OLDEST_JAVA} or newer, this is {answer.splitlines()[0]}")
    return Java(executable=executable, cache=cache_folder())
