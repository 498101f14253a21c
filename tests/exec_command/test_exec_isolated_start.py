"""How ``fakekit exec --isolated`` starts its command: what it inherits, and what may end before it runs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fakekit.errors import SettingsError
from fakekit.intercept.namespaces import Address, open_namespaces
from fakekit.intercept.trust_overlay import write_java_store
from tests.helpers.namespaces import are_namespaces_allowed, run_isolated
from tests.helpers.processes import FAKEKIT
from tests.helpers.programs import PATH
from tests.helpers.project import ROOT

pytestmark = pytest.mark.slow

INHERITED = """import os, sys
for descriptor in map(int, sys.argv[1:]):
    try: print(os.write(descriptor, b"sent"))
    except OSError as error: print(error.strerror)
"""


def test_a_connection_from_outside_is_closed_and_pipes_stay() -> None:
    """And Unix sockets, by which a parent process speaks with the command."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        outside = socket.create_connection(server.getsockname())
        inside, _ = server.accept()
    near, far = socket.socketpair()
    reader, writer = os.pipe()
    with outside, inside, near, far, os.fdopen(reader, "rb"), os.fdopen(writer, "wb"):
        given = (outside.fileno(), near.fileno(), writer)
        done = subprocess.run(
            [*FAKEKIT, "exec", "--isolated", "--", sys.executable, "-c", INHERITED, *map(str, given)],
            capture_output=True,
            text=True,
            timeout=300,
            cwd=ROOT,
            env={"PATH": PATH, "PYTHONPATH": str(ROOT)},
            pass_fds=given,
            check=False,
        )
    if are_namespaces_allowed():
        assert (done.stdout, done.stderr) == ("Bad file descriptor\n4\n4\n", "")


@pytest.mark.parametrize("name", [b"a:b,c\\d", b"\xff"])
def test_the_folder_for_temporary_files_may_have_any_name(name: bytes, tmp_path: Path) -> None:
    """The folder of certificates has that of the run also where its path has signs of mount(8)."""
    folder = tmp_path / os.fsdecode(name)
    folder.mkdir()
    done = run_isolated("ls", "/etc/ssl/certs", env={"TMPDIR": str(folder)})
    if done:
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout.splitlines()) == len(list(Path("/etc/ssl/certs").iterdir())) + 1


def test_an_end_before_the_command_is_not_taken_for_that_of_the_command() -> None:
    if not are_namespaces_allowed():
        assert run_isolated("true") is None
        return
    with open_namespaces([Address("127.0.0.1", 0)]) as process:
        child = process._process
        os.kill(child.pid, signal.SIGINT)
        with process.listeners[0], pytest.raises(SettingsError) as caught:
            process.start(["true"], {"PATH": PATH})
    assert caught.value.problems[0].description == "this machine does not allow it: KeyboardInterrupt"


def test_a_damaged_certificate_is_left_out_of_the_store_of_java(tmp_path: Path) -> None:
    """The store has a head of 12 bytes and ends with a checksum of 20."""
    damaged = b"-----BEGIN CERTIFICATE-----\n%b\n-----END CERTIFICATE-----\n"
    write_java_store(tmp_path / "store", damaged % b"A" + damaged % "ü".encode())
    assert (tmp_path / "store").read_bytes()[:12].hex() == "feedfeed0000000200000000"
    assert len((tmp_path / "store").read_bytes()) == 32
