"""Thirty first requests at once: each is answered, and what they need is imported by one thread."""

from __future__ import annotations

import ast
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.helpers.processes import serving
from tests.helpers.programs import program
from tests.helpers.project import ROOT
from tests.helpers.pytest_runs import run
from tests.helpers.raw_http import ask

THREADS = 30

# Without compiled files, so that every module is parsed, as in the first run after an installation.
CONFTEST = """
import sys

import pytest

sys.dont_write_bytecode = True
pytest.register_assert_rewrite("faker", "fakekit.faults", "fakekit.control", "fakekit.contract", "apispec")
"""

CUSTOMERS = """
from first_requests import *

def test_first_fetches(xtrakit, monkeypatch):
    imported = recorded(monkeypatch)
    paths = [f"/api/v1/customers/{n}" for n in range(1, 31)] + ["/api/v1/customers", "/api/v1/sales"]
    assert ask_at_once(xtrakit.origin, paths) == {200}
    assert ask_at_once(xtrakit.origin, ["/api/v1/customers", "/api/v1/sales", "/api/v1/expenses/2"]) == {200}
    assert imported == []
"""

SERVER = """
from first_requests import *

import fakekit


def test_first_fetches_of_a_server_of_ones_own(monkeypatch):
    with fakekit.FakeServer(customers=60) as handle:
        imported = recorded(monkeypatch)
        assert ask_at_once(handle.origin, [f"/api/v1/customers/{n}" for n in range(10, 50)]) == {200}
        assert imported == []
"""

OTHERS = program("first_requests_others.py")


@pytest.mark.parametrize(
    "tests",
    [CUSTOMERS, pytest.param(SERVER, marks=pytest.mark.slow), pytest.param(OTHERS, marks=pytest.mark.slow)],
    ids=["fixture", "server", "others"],
)
def test_thirty_first_requests_under_assertion_rewriting(pytester: pytest.Pytester, tests: str) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(first_requests=program("first_requests.py"))
    pytester.makepyfile(tests)
    run(pytester, "-p", "no:randomly").assert_outcomes(passed=tests.count("def test_"))


@pytest.mark.slow
@pytest.mark.parametrize("server", ["gunicorn", "alone"])
def test_thirty_first_requests_to_a_process(tmp_path: Path, server: str) -> None:
    paths = [*[f"/api/v1/customers/{n}" for n in range(20, 27)], "/api/v1/sales", "/_fakekit/openapi.json"]
    barrier = Barrier(THREADS)

    def first(number: int) -> int:
        barrier.wait()
        key = b"Bearer fk_%d%s" % (number, b"~fail=503,method=PUT" if number % 2 else b"")
        return ask(running.port, paths[number % len(paths)], key).status

    with serving(tmp_path, "--server", server) as running, ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(first, range(THREADS))) == {200}


REACHED = [
    "contract",
    "world",
    "fixtures",
    "faults",
    "resources",
    "accounts",
    "api",
    "server",
    "control",
    "app",
    "settings",
    "testing",
]
"""Where threads come by that answer requests, or that hold a handle."""


def unguarded(node: ast.AST, guarded: bool, inside: bool = False) -> list[int]:
    """The lines of imports that wait for a call and are not of the standard library, without the lock."""
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ImportFrom | ast.Import) and inside and not guarded:
            name = child.module or "" if isinstance(child, ast.ImportFrom) else child.names[0].name
            if name.split(".")[0] not in sys.stdlib_module_names:
                found.append(child.lineno)
        by_lock = isinstance(child, ast.With) and "IMPORT_LOCK" in ast.unparse(child.items[0])
        is_function = isinstance(child, ast.FunctionDef)
        by_once = isinstance(child, ast.FunctionDef) and "Once" in map(ast.unparse, child.decorator_list)
        found += unguarded(child, guarded or by_lock or by_once, inside or is_function)
    return found


def test_every_import_that_a_request_may_lead_to_is_under_the_lock() -> None:
    found = {
        str(file.relative_to(ROOT)): lines
        for file in (ROOT / "fakekit").rglob("*.py")
        if file.relative_to(ROOT / "fakekit").parts[0].removesuffix(".py") in REACHED
        if (lines := unguarded(ast.parse(file.read_text("utf-8")), guarded=False))
    }
    assert found == {}
