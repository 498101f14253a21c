"""Runs of pytest that a test starts."""

from __future__ import annotations

import os
import sys
from unittest import mock

import pytest

from tests.helpers.programs import PROGRAMS

PLAIN = ("-p", "no:cacheprovider", "-W", "error")


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """A run with this plugin (and xdist, where it is asked for) and no other: the others take a second each."""
    xdist = ("-p", "xdist.plugin") if "-n" in options else ()
    command = [sys.executable, "-m", "pytest", "-p", "fakekit.pytest_plugin", *xdist, *PLAIN, *options]
    with mock.patch.dict(os.environ, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}):
        return pytester.run(*command)


def run_as_installed(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """A run with every plugin that is installed, this one by its entry point."""
    others = ("-p", "no:asyncio", "-p", "no:faker", "-p", "no:schemathesis")
    return pytester.runpytest_subprocess(*others, *PLAIN, *options)


def guarded(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    """A run of ``test_it.py`` under the guard, above the trap."""
    (pytester.path / "test_it.py").write_text(source, "utf-8")
    with mock.patch.dict(os.environ, {"PYTHONPATH": str(PROGRAMS)}):
        return run(pytester, "-p", "trap", *options)


IN_A_PROCESS = pytest.param("process", marks=pytest.mark.slow)

A_FUNCTION = """
import socket

def no_sockets(*args, **kwargs):
    raise RuntimeError("no sockets in this suite")

socket.socket = no_sockets
"""
