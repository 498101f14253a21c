"""Thirty first requests at once: each is answered, and what they need is imported by one thread."""

from __future__ import annotations

import ast
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.helpers.processes import serving
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

SUITE = """
import ast
import http.client
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

THREADS = 30


def ask_at_once(origin, paths, faults=""):
    port, barrier = int(origin.rpartition(":")[2]), threading.Barrier(THREADS)

    def ask(number):
        headers = {"Authorization": f"Bearer fk_{number}{faults}", "Fakekit-Control": "1"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        barrier.wait()
        connection.request("GET", paths[number % len(paths)], headers=headers)
        status = connection.getresponse().status
        connection.close()
        return status

    with ThreadPoolExecutor(THREADS, "client") as pool:
        return set(pool.map(ask, range(THREADS)))


def is_server(thread):
    return thread is not threading.main_thread() and not thread.name.startswith("client")


class Recorder:
    def __init__(self):
        self.imported = []

    def find_spec(self, name, path=None, target=None):
        if is_server(threading.current_thread()):
            self.imported.append(name)


def recorded(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(sys, "meta_path", [recorder, *sys.meta_path])
    return recorder.imported
"""

CUSTOMERS = """
def test_first_fetches(xtrakit, monkeypatch):
    imported = recorded(monkeypatch)
    paths = [f"/api/v1/customers/{n}" for n in range(1, 31)] + ["/api/v1/customers", "/api/v1/sales"]
    assert ask_at_once(xtrakit.origin, paths) == {200}
    assert ask_at_once(xtrakit.origin, ["/api/v1/customers", "/api/v1/sales", "/api/v1/expenses/2"]) == {200}
    assert imported == []
"""

SERVER = """
import fakekit


def test_first_fetches_of_a_server_of_ones_own(monkeypatch):
    with fakekit.FakeServer(customers=60) as handle:
        imported = recorded(monkeypatch)
        assert ask_at_once(handle.origin, [f"/api/v1/customers/{n}" for n in range(10, 50)]) == {200}
        assert imported == []
"""

OTHERS = """
from contextlib import contextmanager


@contextmanager
def counted(monkeypatch):
    \"\"\"How many of the server's threads were in the parser at once; each stays there a while.\"\"\"
    inside, most, parse, counting = set(), [0], ast.parse, threading.Lock()

    def slow(*arguments, **options):
        thread = threading.current_thread()
        if not is_server(thread):
            return parse(*arguments, **options)
        with counting:
            inside.add(thread)
            most[0] = max(most[0], len(inside))
        try:
            time.sleep(0.001)
            return parse(*arguments, **options)
        finally:
            with counting:
                inside.discard(thread)

    monkeypatch.setattr(ast, "parse", slow)
    yield most


DOCUMENTS = ["/_fakekit/openapi.json", "/_fakekit/control.json"]
CONTROL = ["/_fakekit/accounts", "/_fakekit/accounts/fk_a/faults", "/_fakekit/accounts/fk_a/export"]


def test_first_faults_documents_and_control_calls(xtrakit, monkeypatch):
    with counted(monkeypatch) as most:
        asked = ask_at_once(xtrakit.origin, [*DOCUMENTS, *CONTROL, "/api/v1/customers/1"], "~fail=503")
    assert asked == {200, 503}
    assert most == [1]


def test_again(xtrakit, monkeypatch):
    imported = recorded(monkeypatch)
    assert ask_at_once(xtrakit.origin, [*DOCUMENTS, *CONTROL]) == {200}
    assert ask_at_once(xtrakit.origin, ["/api/v1/customers/11"], "~fail=429") == {429}
    assert imported == []
"""


@pytest.mark.parametrize(
    "tests",
    [CUSTOMERS, pytest.param(SERVER, marks=pytest.mark.slow), pytest.param(OTHERS, marks=pytest.mark.slow)],
    ids=["fixture", "server", "others"],
)
def test_thirty_first_requests_under_assertion_rewriting(pytester: pytest.Pytester, tests: str) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(SUITE + tests)
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


REACHED = (
    *("contract", "world", "faults", "resources", "serving", "control", "app", "grounds", "settings"),
    *("keeping", "listening", "thread", "process", "server", "handle", "remote", "child"),
)
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
        by_once = isinstance(child, ast.FunctionDef) and "once" in map(ast.unparse, child.decorator_list)
        found += unguarded(child, guarded or by_lock or by_once, inside or is_function)
    return found


def test_every_import_that_a_request_may_lead_to_is_under_the_lock() -> None:
    found = {
        str(file.relative_to(ROOT)): lines
        for room in REACHED
        for file in [*(ROOT / "fakekit" / room).rglob("*.py"), ROOT / "fakekit" / f"{room}.py"]
        if file.exists() and (lines := unguarded(ast.parse(file.read_text("utf-8")), guarded=False))
    }
    assert found == {}
