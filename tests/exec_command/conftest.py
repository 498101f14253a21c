"""Where clients would reach the vendor without `fakekit exec`."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from tests.helpers.programs import PATH, compile_programs
from tests.helpers.project import NODE_MODULES
from tests.helpers.scripted_server import answering, read_request


@pytest.fixture
def went_out() -> Iterator[list[bytes]]:
    """What leaves this machine by the user's own proxy, which stands for the network: nothing of the vendor's."""
    heard: list[bytes] = []
    yield heard
    assert heard == []


NODE_RESOLVER = """const dns = require('node:dns'), fs = require('node:fs'), net = require('node:net'), lookup = dns.lookup;
dns.lookup = (host, ...rest) => {
  if (!net.isIP(host)) fs.appendFileSync(process.env.ASKED, `${host}\\n`);
  return lookup(net.isIP(host) ? host : '127.0.0.1', ...rest);
};
"""
PYTHON_RESOLVER = """import _socket, os
look_up = _socket.getaddrinfo
def getaddrinfo(host, *rest):
    if host is None or host[0].isdigit(): return look_up(host, *rest)
    with open(os.environ["ASKED"], "a") as file: print(host, file=file)
    raise _socket.gaierror(-2, "no such host, in this test")
_socket.getaddrinfo = getaddrinfo
"""


@pytest.fixture
def outside(went_out: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a machine whose proxy refuses, and whose Node and Python note what they look up: nothing."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "resolver.cjs").write_text(NODE_RESOLVER)
    (folder / "sitecustomize.py").write_text(PYTHON_RESOLVER)
    asked = folder / "asked"
    traps = {
        "ASKED": str(asked),
        "NODE_OPTIONS": f"--require {folder / 'resolver.cjs'}",
        "PYTHONPATH": str(folder),
    }

    def script(sock: socket.socket) -> None:
        went_out.append(read_request(sock))
        sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with answering(script) as origin:
        proxies = dict.fromkeys(("http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"), origin)
        yield {**proxies, **traps, "NO_PROXY": "*", "NODE_PATH": str(NODE_MODULES)}
    assert not asked.exists(), asked.read_text()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The PATH with the folder of `fetch-go` and `fetch-rust` in front."""
    folder = tmp_path_factory.mktemp("compiled")
    compile_programs(folder)
    return f"{folder}{os.pathsep}{PATH}"
