"""``make bench``: every figure of docs/performance.md but those of the peers.

``make bench ARGS="start memory"`` prints only the parts with these names, of the functions in `main`.

Rounds of fakekit, of the limit (limit.py) and of the reference (reference.py) alternate in one run, so that
what else the machine does meets them all; what is printed is the median, with the range behind it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from load import NUMBER, Load, Result, load, request, spread  # noqa: E402
from servers import FAKEKIT, LIMIT, REFERENCE, Server, compile_sources, fetch, running  # noqa: E402
from state import state  # noqa: E402

QUICK = "--quick" in sys.argv
ROUNDS = 2 if QUICK else 5
SECONDS = 1 if QUICK else 2

CUSTOMER = {
    "customer_group_id": 1,
    "customer_name": "Ama Mensah",
    "customer_email": "ama@example.com",
    "customer_phone": "+233401234567",
    "customer_country": "Ghana",
    "customer_city": "Kumasi",
    "customer_state": "Ashanti",
    "address1": "12 Market Street",
}
BODY = json.dumps(CUSTOMER).encode()
CUSTOMERS = "/api/v1/customers"

HITS = [request("GET", f"{CUSTOMERS}/{10 + n}") for n in range(200)]
MISSES = [request("GET", f"{CUSTOMERS}/{10 + n}", header=f"X-N: {NUMBER}") for n in range(200)]
ADD = [request("POST", f"{CUSTOMERS}/add", BODY)]
EDIT = [request("PUT", f"{CUSTOMERS}/{10 + n}", BODY) for n in range(200)]
GROUPS = [request("GET", "/api/v1/customer-groups", header=f"X-N: {NUMBER}")]
LIST = [request("GET", CUSTOMERS, header=f"X-N: {NUMBER}")]
MIXED = [*HITS[:14], *GROUPS, *ADD, *EDIT[:2], *MISSES[14:16]]
"""14 fetches, a list of the groups, an add, two edits, two fetches that were not asked for before."""


def main() -> None:
    """Print all figures, or those of the parts that the command line names; about five minutes for all."""
    compile_sources()
    named = [argument for argument in sys.argv[1:] if argument != "--quick"]
    for part in (fetches, writes_and_lists, beside_lists, start, memory, fixture, derived, account, state):
        if not named or part.__name__ in named:
            part()


class Rounds:
    """Results by name, of rounds that alternate."""

    def __init__(self) -> None:
        self.results: dict[str, list[Result]] = {}
        self.microseconds: dict[str, list[float]] = {}

    def measure(self, name: str, server: Server, connections: int, requests: list[bytes]) -> int:
        """Load a server for a round, note rate and processor time; return how many requests were answered."""
        before = server.processor_seconds()
        result = load(server.port, connections, requests, SECONDS)
        used = (server.processor_seconds() - before) / result.requests * 1e6
        self.results.setdefault(name, []).append(result)
        self.microseconds.setdefault(name, []).append(used)
        return result.requests

    def print(self, base: str) -> None:
        """Print a line for each name, with its requests/s as a multiple of those of `base`."""
        for name, results in self.results.items():
            rates = spread([r.rate for r in results], "{:,.0f}")
            p50 = statistics.median(r.p50 for r in results)
            p99 = statistics.median(r.p99 for r in results)
            used = statistics.median(self.microseconds[name])
            pairs = zip(results, self.results[base], strict=True)
            ratio = spread(other.rate / known.rate for other, known in pairs)
            print(f"    {name:<24} {rates} requests/s  p50 {p50:.3f} ms  p99 {p99:.2f} ms  {used:.0f} us CPU")
            print(f"    {'':<24} times {base} {ratio}", flush=True)


def fetches() -> None:
    """Fetches of 200 different customers: remembered, and with a header that differs each time."""
    answered = 0
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        log = Path(name) / "log"
        fakekit = stack.enter_context(running(FAKEKIT, name, "--customers", "1000", log=log))
        limit = stack.enter_context(running(LIMIT, name))
        reference = stack.enter_context(running(REFERENCE, name))
        answered += load(fakekit.port, 1, HITS, 1).requests
        for connections in (1, 32):
            rounds = Rounds()
            for _ in range(ROUNDS):
                rounds.measure("limit", limit, connections, HITS)
                answered += rounds.measure("hit", fakekit, connections, HITS)
                answered += rounds.measure("fetch without memory", fakekit, connections, MISSES)
                rounds.measure("reference", reference, connections, HITS)
            print(f"(a) fetches of 200 different customers at {connections} connections, journal and log on")
            rounds.print("limit")
        time.sleep(0.5)  # wrk ends in the middle of requests, whose lines come too
        print_log(log, answered, answered + (2 * ROUNDS + 1) * 33)


def print_log(log: Path, least: int, most: int) -> None:
    """Print whether the log has a line for each request, those that it says it has dropped included."""
    lines = log.read_text().splitlines()
    written = sum(line.startswith("#") for line in lines)
    warnings = [line.split()[1] for line in lines if "lines of the log were dropped" in line]
    dropped = sum(int(number.replace(",", "")) for number in warnings)
    is_complete = least <= written + dropped <= most
    print(f"    log lines = requests: {is_complete} ({written:,}, {dropped:,} dropped, of {least:,})")


def writes_and_lists() -> None:
    """Add, edit, lists and a mixed load, each beside fetches of the same server without its memory."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        large = stack.enter_context(running(FAKEKIT, name, "--customers", "1000"))
        small = stack.enter_context(running(FAKEKIT, name))
        rounds = Rounds()
        for _ in range(ROUNDS):
            rounds.measure("fetch without memory", large, 1, MISSES)
            rounds.measure("list of 5 groups", small, 1, GROUPS)
            rounds.measure("list of 50 customers", small, 1, LIST)
            rounds.measure("edit", large, 1, EDIT)
            rounds.measure("add", large, 1, ADD)
            rounds.measure("mixed, 8 connections", large, 8, MIXED)
    print("(b) one connection: add, edit, lists; a mixed load")
    rounds.print("fetch without memory")


def beside_lists() -> None:
    """Remembered responses at 32 connections while 4 others ask for lists."""
    alone, beside, lists = [], [], []
    with tempfile.TemporaryDirectory() as name, running(FAKEKIT, name) as fakekit:
        hits = HITS[:41]
        load(fakekit.port, 1, hits, 1)
        for _ in range(ROUNDS):
            alone.append(load(fakekit.port, 32, hits, SECONDS))
            other = Load(fakekit.port, 4, LIST, SECONDS + 1)
            time.sleep(0.3)
            beside.append(load(fakekit.port, 32, hits, SECONDS))
            lists.append(other.result())
    print("(c) hits at 32 connections beside 4 connections of lists of 50 customers")
    for what, results in (("alone", alone), ("beside lists", beside), ("those lists", lists)):
        rates, p99 = spread([r.rate for r in results], "{:,.0f}"), spread(r.p99 for r in results)
        print(f"    {what:<14} {rates} requests/s  p99 {p99} ms")


def start() -> None:
    """From the start of the process to the first 200."""
    times: dict[str, list[float]] = {}
    used: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(3 if QUICK else 15):
            for what, command, key in (
                ("reference", REFERENCE, 1),
                ("customer 1", FAKEKIT, 1),
                ("customer 42, derived", FAKEKIT, 42),
            ):
                seconds, processor = first_200(command, name, key)
                times.setdefault(what, []).append(seconds)
                used.setdefault(what, []).append(processor * 1000)
    print("(d) process start to first 200")
    for what, values in times.items():
        ratio = spread(v / r for v, r in zip(values, times["reference"], strict=True))
        cpu_ratio = spread(v / r for v, r in zip(used[what], used["reference"], strict=True))
        print(f"    {what:<21} {spread(values, '{:.3f}')} s  ratio {ratio}")
        print(f"    {'':<21} {spread(used[what], '{:.0f}')} ms CPU  ratio {cpu_ratio}", flush=True)


def first_200(command: list[str], folder: str, key: int) -> tuple[float, float]:
    """Return the seconds until a fetch of that customer was answered, and those that a processor was used."""
    started = time.perf_counter()
    with running(command, folder) as server:
        fetch(server.port, f"{CUSTOMERS}/{key}")
        return time.perf_counter() - started, server.processor_seconds()


def memory() -> None:
    """Memory of the whole process tree at 50 and at a million customers, beside the reference's."""
    servers: dict[str, tuple[int, list[str], list[str]]] = {"reference": (50, REFERENCE, [])}
    for size in (50, 1_000_000):
        servers[f"{size:,} customers"] = size, FAKEKIT, ["--customers", str(size)]
    found: dict[str, list[float]] = {what: [] for what in servers}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(2 if QUICK else 5):
            for what, (size, command, options) in servers.items():
                with running(command, name, *options) as server:
                    for n in range(200):
                        fetch(server.port, f"{CUSTOMERS}/{max(1, n * size // 200)}")
                    found[what].append(server.memory())
    print("(e) memory of the process tree (proportional set size) after 200 fetches")
    for what, values in found.items():
        print(f"    {what:<19}  {spread(values, '{:.1f}')} MB", flush=True)


def fixture() -> None:
    """The pytest fixture: first use with imports, each further test, the end."""
    found: dict[str, list[float]] = {"first": [], "processor": [], "each": [], "end": []}
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "conftest.py").write_text(TIMING)
        (Path(name) / "test_it.py").write_text(
            "import pytest\n@pytest.mark.parametrize('n', range(101))\ndef test_it(xtrakit, n): pass\n"
        )
        # pytest keeps what its assertion rewriting makes of fakekit, where it may write; the first run does.
        environment = {name: v for name, v in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        for number in range(4 if QUICK else 10):
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:faker", "-p", "no:cacheprovider"]
            done = subprocess.run(
                [*command, "-p", "no:randomly"],
                cwd=name,
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            times = json.loads(next(line for line in done.stdout.splitlines() if line.startswith('{"first"')))
            for what, value in times.items() if number else ():
                found[what].append(value * 1000)
    print("(f) the fixture xtrakit")
    print(f"    first use, with imports  {spread(found['first'], '{:.0f}')} ms")
    print(f"        of it on a processor {spread(found['processor'], '{:.0f}')} ms")
    print(f"    each further test        {spread(found['each'], '{:.2f}')} ms")
    print(f"    stop                     {spread(found['end'], '{:.1f}')} ms", flush=True)


TIMING = """
import json, statistics, time
import pytest
took = {"setup": [], "first": 0.0, "processor": 0.0, "end": 0.0}

@pytest.hookimpl(wrapper=True)
def pytest_collection_finish(session):
    started, processor = time.perf_counter(), time.process_time()
    yield
    took["first"], took["processor"] = time.perf_counter() - started, time.process_time() - processor
    from fakekit import FakeServer
    stop = FakeServer.stop

    def timed_stop(self):
        started = time.perf_counter()
        stop(self)
        took["end"] = time.perf_counter() - started

    FakeServer.stop = timed_stop

@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    started = time.perf_counter()
    try:
        return (yield)
    finally:
        took["setup"].append(time.perf_counter() - started)

@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    first, *others = took["setup"]
    found = {"first": took["first"] + first, "processor": took["processor"]}
    print(json.dumps({**found, "each": statistics.median(others), "end": took["end"]}), flush=True)
"""


def derived() -> None:
    """(g) Customers derived per second, in one thread."""
    from fakekit.resources import RECORDS
    from fakekit.world.world import World

    count = 2000 if QUICK else 20_000
    rates = []
    for seed in range(5):
        world = World(RECORDS, seed, 1_000_000, {})
        world.find("customers", 10)
        started = time.perf_counter()
        for key in range(11, 11 + count):
            world.find("customers", key)
        rates.append(count / (time.perf_counter() - started))
    print(f"(g) customers derived    {spread(rates, '{:,.0f}')} per second")


def account() -> None:
    """(h) Opening an account."""
    from fakekit.accounts.from_settings import build_baseline
    from fakekit.accounts.registry import Accounts
    from fakekit.settings import Settings

    baseline = build_baseline(Settings.of())

    times = []
    for _ in range(5):
        accounts = Accounts(baseline, 10_000)
        started = time.perf_counter()
        for number in range(20_000):
            accounts.open(f"fk_{number}")
        times.append((time.perf_counter() - started) / 20_000 * 1e6)
    print(f"(h) opening an account   {spread(times, '{:.1f}')} us")


if __name__ == "__main__":
    main()
