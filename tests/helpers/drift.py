"""`fakekit drift` in this process, and servers that it is held against."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.helpers.commands import Done, cli
from tests.helpers.project import ROOT
from tests.helpers.scripted_server import answering, read_request

FAST = ("--rate", "1000")


def drift(*arguments: str, key: str = "fk_demo", cwd: Path = ROOT) -> Done:
    """The command, with the key in a variable."""
    return cli("drift", *FAST, "--api-key-env", "DRIFT_KEY", *arguments, env={"DRIFT_KEY": key}, cwd=cwd)


def findings(done: Done) -> dict[str, str]:
    """Of a report in JSON: the verdict of each finding, with its assumption, by its title."""
    report = json.loads(done.stdout)
    return {title_of(f): f"{f['verdict']} {f['assumption'] or ''}".strip() for f in report["findings"]}


def title_of(finding: dict[str, Any]) -> str:
    """Of a finding in JSON: its place and what differs, without what was seen."""
    identity: str = finding["identity"]
    return identity.removesuffix(": " + ", ".join(map(str, finding["seen"])))


def findings_in(report: str) -> str:
    """A report as text without its last part, on assumptions."""
    return re.split(r"\n\**assumptions:", report, flags=re.IGNORECASE)[0]


Answer = Callable[[str], bytes]
"""Takes the head of a request, returns the response."""


@contextmanager
def vendor(answer: Answer) -> Iterator[str]:
    """The base URL of a server that answers each connection by a function."""

    def script(client: socket.socket) -> None:
        client.sendall(answer(read_request(client).decode("latin-1")))

    with answering(script) as origin:
        yield f"{origin}/api/v1"


def http(status: str, body: str | bytes = b"", *headers: str) -> bytes:
    """A whole response in bytes."""
    data = body.encode() if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + data
