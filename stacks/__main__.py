"""What ``pulumi up`` runs."""

from stacks import lean_sdks

lean_sdks.install()

from stacks.program import main  # noqa: E402 - what it imports, imports the SDKs

main()
