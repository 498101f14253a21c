"""The way of a request through the package stays short: calls, files, moves between files and returns to one."""

from __future__ import annotations

import subprocess
import sys

from tests.helpers.project import ROOT

LIMITS = {  # as tools/trace_request.py prints them: calls, files, moves, returns
    "get": (105, 27, 45, 20),
    "post": (105, 25, 40, 20),
    "file": (330, 17, 65, 58),
}


def test_the_way_of_a_request_is_short() -> None:
    printed = subprocess.run(
        [sys.executable, "tools/trace_request.py"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    _, *rows = [line.split() for line in printed.splitlines()]
    figures = {name: tuple(map(int, values)) for name, *values in rows}
    longer = {
        name: (figures[name], limit)
        for name, limit in LIMITS.items()
        if any(found > most for found, most in zip(figures[name], limit, strict=True))
    }
    assert longer == {}
    assert figures.keys() == LIMITS.keys()
