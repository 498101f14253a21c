"""The house: modules depend one way, and no resource knows how it is served."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.doors import ROOT

PACKAGE = ROOT / "fakekit"

ANYBODY = {"errors", "_version", "documentation", "import_lock", "loopback", "unpatched", "vendor", "writing"}

# A room may import the rooms named behind it, itself, and what anybody may.
MAY_IMPORT = {
    "contract": set(),
    "world": {"contract"},
    "faults": {"contract"},
    "resources": {"contract", "world"},
    "serving": {"contract", "world", "resources", "faults"},
    "control": {"contract", "world", "faults", "serving"},
    "settings": {"contract", "environment", "faults", "kinds", "tool_table"},
    "environment": set(),
    "kinds": set(),
    "tool_table": set(),
    "grounds": {"contract", "world", "faults", "resources", "serving", "settings"},
    "app": {"resources", "serving", "control", "grounds", "settings", "world"},
    "process": {"listening", "serving"},
    "thread": {"listening", "serving"},
    "listening": {"addresses", "serving"},
    "handle": {"handle_clock", "requested", "serving"},
    "handle_clock": set(),
    "requested": {"contract", "resources", "serving"},
    "addresses": set(),
    "keeping": {"contract", "control", "serving", "world"},
    "connection": set(),
    "remote": {"addresses", "connection", "control", "faults", "handle", "serving"},
    "server": {"app", "control", "grounds", "handle", "listening", "serving", "settings", "thread", "world"},
    "child": {"remote", "settings"},
    "intercept": {"contract", "listening", "serving"},
    "pytest_report": {"handle", "requested"},
    "pytest_session": {
        "child",
        "handle",
        "pytest_report",
        "remote",
        "requested",
        "server",
        "settings",
        "world",
    },
    "pytest_errors": set(),
    "pytest_guard": {"intercept", "pytest_errors", "pytest_marks"},
    "pytest_marks": {"settings"},
    "pytest_plugin": {
        "pytest_errors",
        "pytest_guard",
        "pytest_marks",
        "pytest_report",
        "pytest_session",
        "pytest_summary",
        "settings",
    },
    "pytest_summary": {"pytest_errors", "pytest_report"},
    "cli": {
        "contract",
        "world",
        "resources",
        "serving",
        "kinds",
        "settings",
        "addresses",
        "connection",
        "grounds",
        "keeping",
        "app",
        "intercept",
        "listening",
        "process",
        "server",
        "thread",
    },
    "errors": set(),
    "_version": set(),
    "documentation": set(),
    "import_lock": set(),
    "writing": set(),
    "loopback": set(),
    "unpatched": set(),
    "vendor": set(),
    "__main__": {"cli"},
    "__init__": {"app", "handle", "remote", "requested", "server", "settings"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("file", modules(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_imports_point_one_way(file: Path) -> None:
    rooms = {name.split(".")[1] for name in imported(file) if name.startswith("fakekit.")}
    assert rooms - {room(file), *ANYBODY} <= MAY_IMPORT[room(file)]


@pytest.mark.parametrize("file", modules(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_only_the_serving_rooms_know_flask(file: Path) -> None:
    web = {
        name for name in imported(file) if name.split(".")[0] in ("flask", "werkzeug", "gunicorn", "waitress")
    }
    assert not web or room(file) in ("serving", "control", "app", "process", "thread")


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

OWN_PROCESS = ("cli", "process", "onward", "running", "rule")
"""What runs in a process of its own, or on behalf of the code under test."""


@pytest.mark.parametrize("file", modules(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_no_function_asks_a_module_for_what_tests_replace(file: Path) -> None:
    if room(file) in OWN_PROCESS or file.stem in OWN_PROCESS:
        return
    functions = [n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.FunctionDef)]
    calls = [n for function in functions for n in ast.walk(function) if isinstance(n, ast.Call)]
    named = {ast.unparse(call.func) for call in calls}
    assert [name for name in named if name.startswith(REPLACED)] == []


def test_every_file_is_short_and_has_nothing_global_that_changes() -> None:
    for file in modules():
        text = file.read_text("utf-8")
        assert len(text.splitlines()) <= 300, file
        assert not [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Global)], file


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
