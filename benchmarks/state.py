"""The part `state` of ``make bench``: what a store costs, in alternating rounds with memory.

Each engine runs with one worker and with two. What is printed is the median, with the range behind it, and
its multiple of memory in the same round.
"""

from __future__ import annotations

import json
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from load import NUMBER, Result, load, request, spread
from servers import FAKEKIT, Server, running

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.helpers.postgresql import postgresql

QUICK = "--quick" in sys.argv
ROUNDS = 2 if QUICK else 5
SECONDS = 1

CUSTOMERS = "/api/v1/customers"
GROUP = json.dumps({"group_name": "Regulars"}).encode()

HITS = [request("GET", f"{CUSTOMERS}/{10 + n}") for n in range(30)]
MISSES = [request("GET", f"{CUSTOMERS}/{10 + n}", header=f"X-N: {NUMBER}") for n in range(30)]
ADD = [request("POST", "/api/v1/customer-groups/add", GROUP)]
_RESET_PATH = "/_fakekit/accounts/fk_demo/reset"
# The control API wants to be asked by a name of this machine.
RESET = [request("POST", _RESET_PATH, header="Fakekit-Control: 1").replace(b"Host: x", b"Host: localhost")]

_ROUND = count()


def opened() -> list[bytes]:
    """Return a request for a key that no request before had: it opens an account."""
    key = f"fk_{next(_ROUND)}_{NUMBER}".encode()
    return [part.replace(b"fk_demo", key) for part in HITS[:1]]


LOADS = (
    ("hit, 1 connection", 1, lambda: HITS),
    ("hit, 32 connections", 32, lambda: HITS),
    ("miss, 1 connection", 1, lambda: MISSES),
    ("miss, 32 connections", 32, lambda: MISSES),
    ("add, 1 connection", 1, lambda: ADD),
    ("add, 8 connections", 8, lambda: ADD),
    ("add and reset in turn, 1 connection", 1, lambda: [*ADD, *RESET]),
    ("open an account, 1 connection", 1, opened),
)
"""What is measured: its name, the number of connections, and what returns the requests of a round."""


def state() -> None:
    """Print the figures of each load for memory, a file and PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = dict(start_servers(folder, stack))
        for what, connections, requests_of_round in LOADS:
            results: dict[str, list[Result]] = {name: [] for name in servers}
            used: dict[str, list[float]] = {name: [] for name in servers}
            for server in servers.values():  # until the machine has its rhythm, and all is remembered
                load(server.port, connections, requests_of_round(), 1)
            for _ in range(ROUNDS):
                for name, server in servers.items():
                    reset(server)
                    before = server.processor_seconds()
                    results[name].append(load(server.port, connections, requests_of_round(), SECONDS))
                    seconds = server.processor_seconds() - before
                    used[name].append(seconds / results[name][-1].requests * 1e6)
            print_results(what, results, used)


def start_servers(folder: str, stack: ExitStack) -> Iterator[tuple[str, Server]]:
    """Yield each server that is measured, with its name; memory is the first.

    folder: for the files. stack: ends the servers.
    """
    yield "memory", stack.enter_context(running(FAKEKIT, folder))
    database = stack.enter_context(postgresql(fsync="on", autovacuum="on"))
    for workers in (1, 2):
        options = ("--workers", str(workers))
        for engine, location in (("file", f"{folder}/{workers}.db"), ("PostgreSQL", database.new_database())):
            server = running(FAKEKIT, folder, "--state", location, *options)
            yield f"{engine}, {workers} worker{'s' * (workers > 1)}", stack.enter_context(server)


def reset(server: Server) -> None:
    """Give the account its records of the start back, so that each round begins with the same."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{_RESET_PATH}", method="POST", headers={"Fakekit-Control": "1"}
    )
    with urllib.request.urlopen(asked, timeout=10):
        pass


def print_results(what: str, results: dict[str, list[Result]], used: dict[str, list[float]]) -> None:
    """Print a line for each server: rate, latencies, processor time per request, and multiple of memory."""
    print(what)
    for name, rounds in results.items():
        rates = spread([result.rate for result in rounds], "{:,.0f}")
        pairs = zip(rounds, results["memory"], strict=True)
        ratio = spread(result.rate / memory.rate for result, memory in pairs)
        p99 = spread([result.p99 for result in rounds])
        cpu = spread(used[name], "{:.0f}")
        print(f"    {name:<22} {rates} requests/s  p99 {p99} ms  {cpu} us CPU")
        print(f"    {'':<22} times memory {ratio}", flush=True)
