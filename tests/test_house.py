"""The house: modules depend one way, and no resource knows how it is served."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.project import ROOT

PACKAGE = ROOT / "fakekit"

ANYBODY = {"errors", "_version", "addresses", "documentation", "import_lock", "unpatched", "vendor"}

ORDER = (
    "contract",
    "world",
    "fixtures",
    "resources",
    "faults",
    "settings",
    "log",
    "accounts",
    "api",
    "server",
    "control",
    "console",
    "app",
    "testing",
    "intercept",
    "pytest_plugin",
    "drift",
    "cli",
    "__main__",
    "__init__",
)
"""Modules and packages at the top: one may import those before it, itself, and what anybody may."""


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


@cache
def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("file", modules(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_imports_point_one_way(file: Path) -> None:
    rooms = {name.split(".")[1] for name in imported(file) if name.startswith("fakekit.")}
    known = set() if room(file) in ANYBODY else set(ORDER[: ORDER.index(room(file))])
    assert rooms - {room(file), *ANYBODY} <= known


def test_the_top_of_the_package_is_short_and_no_two_names_differ_by_an_s() -> None:
    top = {room(file) for file in modules()}
    packages = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
    assert len(packages) <= 16
    assert len([name for name in top - packages if not name.startswith("_")]) <= 8
    for folder in {file.parent for file in modules()}:
        names = {file.stem for file in folder.glob("*.py")} | {
            file.parent.name for file in folder.glob("*/__init__.py")
        }
        assert not [name for name in names if f"{name}s" in names], folder


@pytest.mark.parametrize("file", modules(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_only_the_serving_rooms_know_flask(file: Path) -> None:
    web = {
        name
        for name in imported(file)
        if name.split(".")[0] in ("flask", "werkzeug", "gunicorn", "httptools")
    }
    assert not web or room(file) in ("api", "control", "app", "server")


REPLACED = (
    "time.",
    "json.",
    "threading.",
    "subprocess.",
    "socket.socket",
    "socket.getaddrinfo",
    "os.stat",
    "os.listdir",
)
"""What tests replace in modules. What goes on meanwhile takes it by name, at import (see `fakekit.unpatched`)."""

OWN_PROCESS = ("cli", "process", "upstream", "running", "policy")
"""What runs in a process of its own, or on behalf of the code under test."""


@pytest.mark.parametrize("file", modules(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_no_function_asks_a_module_for_what_tests_replace(file: Path) -> None:
    if room(file) in OWN_PROCESS or file.stem in OWN_PROCESS:
        return
    functions = [n for n in ast.walk(tree_of(file)) if isinstance(n, ast.FunctionDef)]
    calls = [n for function in functions for n in ast.walk(function) if isinstance(n, ast.Call)]
    named = {ast.unparse(call.func) for call in calls}
    assert [name for name in named if name.startswith(REPLACED)] == []


def test_every_file_is_short_and_has_nothing_global_that_changes() -> None:
    for file in modules():
        text = file.read_text("utf-8")
        assert len(text.splitlines()) <= 300, file
        assert not [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Global)], file


def private_names(tree: ast.Module) -> Iterator[str]:
    """Names at the top of a module with one underscore: no other module may use them."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
        for target in targets:
            name = str(getattr(target, "id", getattr(target, "name", "")))
            if name.startswith("_") and not name.startswith("__"):
                yield name


@pytest.mark.parametrize("file", modules(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_a_module_uses_its_private_names(file: Path) -> None:
    words = Counter(re.findall(r"\w+", text := file.read_text("utf-8")))
    unused = {name for name in private_names(ast.parse(text)) if words[name] == 1}
    assert unused == set()


def test_the_public_names_are_listed_and_there() -> None:
    import fakekit

    assert fakekit.__all__ == [
        "ClockError",
        "ControlError",
        "FakeServer",
        "FakekitError",
        "FaultError",
        "FixtureError",
        "Handle",
        "NoRecordError",
        "RefusedRecordError",
        "Request",
        "Settings",
        "SettingsError",
        "SnapshotError",
        "__version__",
        "connect",
        "create_app",
    ]
    for name in fakekit.__all__:
        assert getattr(fakekit, name) is not None
    with pytest.raises(AttributeError, match="module 'fakekit' has no attribute 'nonsense'"):
        fakekit.nonsense  # noqa: B018
    assert "fakekit" in sys.modules
