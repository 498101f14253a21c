"""Programs that tests run stand in files of ``tests/programs/``."""

from __future__ import annotations

from tests.helpers.project import ROOT

PROGRAMS = ROOT / "tests" / "programs"


def program(name: str) -> str:
    """The text of a program."""
    return (PROGRAMS / name).read_text("utf-8")
