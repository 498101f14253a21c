"""What changes together is declared once: a copy of the project is changed in one place, and its tests pass."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.helpers.project import ROOT


def texts(tree: ast.Module) -> Iterator[str]:
    """The strings of a module's code, without its docstrings."""
    said = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def test_the_base_path_is_spelled_in_one_file() -> None:
    files = (ROOT / "fakekit").rglob("*.py")
    spelled = [f.name for f in files for text in texts(ast.parse(f.read_text("utf-8"))) if "api/v1" in text]
    assert spelled == []  # vendor.py makes it of the root and the version
