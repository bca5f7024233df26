"""What ``pulumi preview --policy-pack policies`` starts."""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
# The engine starts this in its own folder, where ``tags`` and ``values`` would be modules of everybody.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != _HERE]

from insight.policy_server import serve  # noqa: E402 - the path is right only now

serve()
