"""Every example in a docstring of the package runs as it stands there."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from tests.helpers.project import ROOT

PROMPT = ">>> "


def modules_with_examples() -> list[str]:
    files = sorted((ROOT / "fakekit").rglob("*.py"))
    return [dotted(file) for file in files if PROMPT in file.read_text("utf-8")]


def dotted(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("name", modules_with_examples())
def test_the_examples_of_a_module_run(name: str) -> None:
    module = import_module(name)
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for example in doctest.DocTestFinder(exclude_empty=True).find(module, name):
        runner.run(example, out=report.append)
    assert not report, "".join(report)
    # An example in a place that doctest does not look into (a nested function) would never run.
    assert runner.summarize(verbose=False).attempted == str(
        Path(str(module.__file__)).read_text("utf-8")
    ).count(PROMPT)
