"""Print how far a reader must go to follow a request: calls, files, and moves between files.

Three runs are traced, in this process and without a server (``app.test_client()``):

- ``get``: the first GET of customer 42, who is generated for it, by an account that changed nothing; another
  customer was fetched before, so that everything is imported.
- ``post``: a POST of a customer group, by another account, which has added one before.
- ``file``: loading ``tools/traced.yaml``, a customer and her group.

Counted by `sys.setprofile`, frames of the package ``fakekit`` only. A *call* is a call of one of its
functions or the resumption of one of its generators; comprehensions and modules do not count. The calls
stand in the order in which they happen. A *move* is a call in another file than the call before it, a
*return* a move to a file that an earlier call was in. So files = moves - returns + 1.

    python tools/trace_request.py            the table
    python tools/trace_request.py --calls get   every call of a run, with its file
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from flask.testing import FlaskClient

import fakekit
from fakekit.app import create_app
from fakekit.fixtures.load import load
from fakekit.resources import RECORDS
from fakekit.settings import Settings

PACKAGE = str(Path(fakekit.__file__).parent) + "/"
_NOT_CALLS = ("<module>", "<listcomp>", "<dictcomp>", "<setcomp>")
"""Not counted: modules that are imported, and comprehensions, which have no frames from Python 3.12 on."""
READER, WRITER = {"Authorization": "Bearer fk_reader"}, {"Authorization": "Bearer fk_writer"}
FIXTURE_FILE = Path(__file__).parent / "traced.yaml"


class Call(NamedTuple):
    """One call of a function of the package: the file below ``fakekit/`` that it is in, and its name."""

    file: str
    function: str


def trace(run: Callable[[], object]) -> list[Call]:
    """Return the calls of fakekit's functions that `run` makes in this thread, in their order."""
    calls: list[Call] = []

    def record(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE) and code.co_name not in _NOT_CALLS:
            calls.append(Call(code.co_filename.removeprefix(PACKAGE), code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(record)
    try:
        run()
    finally:
        sys.setprofile(before)
    return calls


class Way(NamedTuple):
    """The figures of one run."""

    calls: int
    files: int
    moves: int
    returns: int


def measure(calls: list[Call]) -> Way:
    """Return how many calls, files, moves between files, and returns to a file that was left, there are."""
    seen: set[str] = set()
    moves = returns = 0
    current = ""
    for call in calls:
        if call.file != current:
            moves += bool(current)
            returns += call.file in seen
            seen.add(call.file)
            current = call.file
    return Way(len(calls), len(seen), moves, returns)


def trace_runs() -> dict[str, list[Call]]:
    """Return the calls of each run by its name: ``get``, ``post``, ``file``."""
    client = create_app(Settings()).test_client()
    _get(client, 41)
    _post(client)
    return {
        "get": trace(lambda: _get(client, 42)),
        "post": trace(lambda: _post(client)),
        "file": trace(lambda: load([FIXTURE_FILE], RECORDS, {}, strict=False)),
    }


def _get(client: FlaskClient, key: int) -> None:
    """Fetch a customer. Raises AssertionError when it is not answered 200."""
    response = client.get(f"/api/v1/customers/{key}", headers=READER)
    assert response.status_code == HTTPStatus.OK


def _post(client: FlaskClient) -> None:
    """Add a customer group. Raises AssertionError when it is not answered 200."""
    group = {"group_name": "Regulars", "group_description": "Every week"}
    response = client.post("/api/v1/customer-groups/add", headers=WRITER, json=group)
    assert response.status_code == HTTPStatus.OK


def main() -> None:
    """Print the table, or the calls of one run."""
    parser = argparse.ArgumentParser(description="How far a reader must go to follow a request.")
    parser.add_argument("--calls", choices=("get", "post", "file"), help="print every call of this run")
    chosen = parser.parse_args().calls
    runs = trace_runs()
    if chosen:
        for call in runs[chosen]:
            print(f"{call.file:32} {call.function}")
        return
    print(f"{'run':6}" + "".join(f"{name:>9}" for name in Way._fields))
    for name, calls in runs.items():
        print(f"{name:6}" + "".join(f"{figure:9}" for figure in measure(calls)))


if __name__ == "__main__":
    main()
