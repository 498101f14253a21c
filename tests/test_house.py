"""The house: modules depend one way, and no resource knows how it is served."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
    "state",
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


@dataclass(frozen=True)
class Facts:
    """What the tests ask of a module. The tree is not kept: each collection of garbage would walk through all trees."""

    imports: frozenset[str]
    calls: frozenset[str]
    """What its functions call by a name with dots."""
    private_names: frozenset[str]
    """Names at its top with one underscore: no other module may use them."""
    fields: tuple[str, ...]
    """Classes that are types of values: subclasses of marshmallow's Field, or of the family's base."""
    has_global: bool


@cache
def facts_of(file: Path) -> Facts:
    tree = ast.parse(file.read_text("utf-8"))
    nodes = list(ast.walk(tree))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    calls = {node.func for each in functions for node in ast.walk(each) if isinstance(node, ast.Call)}
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    return Facts(
        imports=frozenset(name for node in nodes for name in names_of_import(node)),
        calls=frozenset(ast.unparse(call) for call in calls if isinstance(call, ast.Attribute)),
        private_names=frozenset(private_names(tree)),
        fields=tuple(
            node.name
            for node in classes
            if {"AnyField", "SettingField"} & {ast.unparse(base) for base in node.bases}
        ),
        has_global=any(isinstance(node, ast.Global) for node in nodes),
    )


def names_of_import(node: ast.AST) -> list[str]:
    """The modules that a node imports, none if it is no import."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def private_names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
        for target in targets:
            name = str(getattr(target, "id", getattr(target, "name", "")))
            if name.startswith("_") and not name.startswith("__"):
                yield name


@cache
def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@cache
def files_of_tests() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


def offenders(
    faults: Callable[[Path], set[str]], files: Sequence[Path] | None = None
) -> dict[str, list[str]]:
    """Of each file that has any, its faults; of the modules of the package unless others are given."""
    found = {str(file.relative_to(ROOT)): sorted(faults(file)) for file in files or modules()}
    return {file: names for file, names in found.items() if names}


def package(file: Path) -> str:
    """The package at the top that a module is in, or its own name."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_too_early(file: Path) -> set[str]:
    """The packages that a module imports and that come behind its own."""
    packages = {name.split(".")[1] for name in facts_of(file).imports if name.startswith("fakekit.")}
    known = set() if package(file) in ANYBODY else set(ORDER[: ORDER.index(package(file))])
    return packages - known - {package(file), *ANYBODY}


def test_imports_point_one_way() -> None:
    assert offenders(imported_too_early) == {}


def test_the_top_of_the_package_is_short_and_no_two_names_differ_by_an_s() -> None:
    top = {package(file) for file in modules()}
    packages = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
    assert len(packages) <= 17
    assert len([name for name in top - packages if not name.startswith("_")]) <= 8
    for folder in {file.parent for file in modules()}:
        names = {file.stem for file in folder.glob("*.py")} | {
            file.parent.name for file in folder.glob("*/__init__.py")
        }
        assert not [name for name in names if f"{name}s" in names], folder


def web_libraries(file: Path) -> set[str]:
    """What a module imports of the libraries that only the packages that serve may use."""
    if package(file) in ("api", "control", "console", "app", "server"):
        return set()
    return {name.split(".")[0] for name in facts_of(file).imports} & {
        "flask",
        "werkzeug",
        "gunicorn",
        "httptools",
    }


def test_only_the_packages_that_serve_import_flask() -> None:
    assert offenders(web_libraries) == {}


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

OWN_PROCESS = ("cli", "process", "master", "upstream", "running", "policy", "namespaces", "enter_namespaces")
"""What runs in a process of its own, or on behalf of the code under test."""


def replaced_calls(file: Path) -> set[str]:
    """What the functions of a module call by the name that tests replace."""
    if package(file) in OWN_PROCESS or file.stem in OWN_PROCESS:
        return set()
    return {name for name in facts_of(file).calls if name.startswith(REPLACED)}


def test_the_values_that_users_set_have_one_family_of_types() -> None:
    fields = [
        f"{file.relative_to(PACKAGE)}: {name}" for file in modules() for name in facts_of(file).fields
    ]  # of records one, whose types are marshmallow's; of all else one, whose types are each a ValueType
    assert fields == ["contract/record_field.py: RecordField", "faults/settings.py: SettingField"]


def test_no_function_asks_a_module_for_what_tests_replace() -> None:
    assert offenders(replaced_calls) == {}


def lines_above(limit: int) -> Callable[[Path], set[str]]:
    def lines(file: Path) -> set[str]:
        count = len(file.read_text("utf-8").splitlines())
        return {f"{count} lines"} if count > limit else set()

    return lines


def test_no_module_is_over_300_lines_and_no_test_file_over_400() -> None:
    assert offenders(lines_above(300)) == {}
    assert offenders(lines_above(400), files_of_tests()) == {}


def test_nothing_global_changes() -> None:
    assert [file for file in modules() if facts_of(file).has_global] == []


def imported_tests(file: Path) -> set[str]:
    """Modules of tests that a file imports; found by the text, since to parse all files takes a second."""
    return set(re.findall(r"^\s*(?:from|import) (tests\.\S*\btest_\w+)", file.read_text("utf-8"), re.M))


def test_no_test_file_imports_another() -> None:
    """What several use stands in ``tests/helpers``, fixtures in the ``conftest.py`` of a folder."""
    assert offenders(imported_tests, files_of_tests()) == {}


def unused_private_names(file: Path) -> set[str]:
    words = Counter(re.findall(r"\w+", file.read_text("utf-8")))
    return {name for name in facts_of(file).private_names if words[name] == 1}


def test_a_module_uses_its_private_names() -> None:
    assert offenders(unused_private_names) == {}


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
        "StubRequest",
        "__version__",
        "connect",
        "create_app",
    ]
    for name in fakekit.__all__:
        assert getattr(fakekit, name) is not None
    with pytest.raises(AttributeError, match="module 'fakekit' has no attribute 'nonsense'"):
        fakekit.nonsense  # noqa: B018
    assert "fakekit" in sys.modules
