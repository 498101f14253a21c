"""Run the suite of this folder beside each set of plugins, with the server in a thread and in a process.

Several sets, since some exclude each other: two plugins that freeze time, or that run a test again, are not loaded
in one run. Prints what pytest prints; exits with 1 if one of the runs fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent

SETS = {
    "test_runners.py": (
        (
            "xdist",
            "xdist.looponfail",
            "pytest_asyncio.plugin",
            "anyio.pytest_plugin",
            "pytest_randomly",
            "pytest_rerunfailures",
            "pytest_timeout",
            "pytest_cov.plugin",
            "pytest_mock",
        ),
        ("-n", "2", "--cov=operations", "--cov-report=", "-o", "asyncio_default_fixture_loop_scope=function"),
    ),
    "test_replaced.py": (("pytest_socket", "time_machine", "pyfakefs.pytest_plugin"), ()),
    "test_http_mocks.py": (
        (
            "respx.plugin",
            "pytest_httpx",
            "pytest_recording.plugin",
            "pytest_httpserver.pytest_plugin",
            "pytest_django.plugin",
            "pytest_flask.plugin",
        ),
        ("--ds=django_settings",),
    ),
    "test_block_network.py": (("pytest_recording.plugin",), ("--block-network",)),
    "test_disable_socket.py": (("pytest_socket",), ("--disable-socket",)),
    "test_truststore.py": (("by_truststore",), ()),
    "test_pages.py": ((), ()),
    "test_gevent.py": (("by_gevent",), ()),
    "test_eventlet.py": (("by_eventlet",), ()),
}
"""For each file of tests, the plugins that it runs with, by their modules, and their options."""


def run(file: str, server: str) -> int:
    """Run one file with the server in a ``thread`` or a ``process``; the exit code of pytest."""
    plugins, options = SETS[file]
    loaded = [word for plugin in plugins for word in ("-p", plugin)]
    command = [sys.executable, "-m", "pytest", *loaded, *options, "--fakekit-server", server, file]
    print(f"== {file}, the server in a {server}", flush=True)
    with tempfile.TemporaryDirectory() as folder:  # coverage writes files
        own = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COVERAGE_FILE": f"{folder}/coverage"}
        return subprocess.run(command, cwd=FOLDER, env={**os.environ, **own}, check=False).returncode


if __name__ == "__main__":
    chosen = sys.argv[1:] or SETS
    codes = [run(file, server) for file in chosen for server in ("thread", "process")]
    sys.exit(any(codes))
