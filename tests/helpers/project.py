"""The files of the project: its root, the code blocks of its docs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)


NODE_MODULES = ROOT / "examples" / "vendor_clients" / "node" / "node_modules"
