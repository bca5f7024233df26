"""How identifiers of others are written: mailboxes, accounts, image registries."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_REGISTRY = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d{1,5})?"
    r"(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*"
)


def mailbox(text: str) -> str | None:
    """Say what is wrong with an e-mail address, or ``None``."""
    return None if _MAILBOX.fullmatch(text) else f"{text!r} is no e-mail address"


def aws_account(text: str) -> str | None:
    """Say what is wrong with an AWS account id, or ``None``."""
    return (
        None
        if re.fullmatch(r"\d{12}", text)
        else f"{text!r} is not an AWS account; write its 12 digits, in quotes"
    )


def alibaba_account(text: str) -> str | None:
    """Say what is wrong with an Alibaba Cloud account id, or ``None``."""
    if re.fullmatch(r"\d{16}", text):
        return None
    return f"{text!r} is not an Alibaba Cloud account; write its 16 digits, in quotes"


@dataclass(frozen=True)
class ImageRegistry:
    """Where images are pulled from: a registry's host and a path below it, such as ``docker.io/library``."""

    text: str

    @classmethod
    def parse(cls, text: str) -> ImageRegistry:
        """Read a registry.

        Raises:
            ValueError: not a host with a path of small letters and digits; the message says what to write.

        """
        if _REGISTRY.fullmatch(text) is None:
            msg = (
                f"{text!r} is no image registry; write its host and path without scheme, tag or a slash at the end,"
                " such as registry.example/mirror"
            )
            raise ValueError(msg)
        return cls(text)

    def image(self, name: str) -> str:
        """Give the full reference of an image; ``name`` is its repository and tag below the registry."""
        return f"{self.text}/{name}"

    def __str__(self) -> str:
        return self.text


DOCKER_LIBRARY = ImageRegistry("docker.io/library")
"""Docker Hub's official images."""
