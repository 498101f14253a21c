"""``make bench``: every figure of docs/performance.md, fakekit against the baseline in the same run.

Rounds alternate, so that what else the machine does meets both; medians, with the range behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from load import Result, load, load_of, request  # noqa: E402

FAKEKIT = [sys.executable, "-m", "fakekit", "serve", "--port", "0", "--ready-file"]
BASELINE = [sys.executable, str(HERE / "baseline.py")]
QUICK = "--quick" in sys.argv


def main() -> None:
    """Print all figures; about two minutes."""
    for part in (requests_per_second, writes, start, fixture, derived, large, account):
        part()


def requests_per_second() -> None:
    """(a) Fetches over 200 different customers, logging as shipped."""
    print("(a) fetches of 200 different customers, gunicorn, one worker, log on")
    rounds, count = (3, 1000) if QUICK else (7, 6000)
    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / "log"
        with (
            running(FAKEKIT, name, "--customers", "1000", log=log) as (fake, _),
            running(BASELINE, name) as (base, _),
        ):
            for connections in (1, 32):
                found: dict[str, list[Result]] = {"fakekit": [], "baseline": []}
                for _ in range(rounds):
                    found["fakekit"].append(load(fake, connections, count))
                    found["baseline"].append(load(base, connections, count))
                for who, results in found.items():
                    rates = spread([r.rate for r in results], "{:,.0f}")
                    p50 = statistics.median(r.p50 for r in results)
                    p99 = statistics.median(r.p99 for r in results)
                    told = f"{rates} requests/s  p50 {p50:.2f} ms  p99 {p99:.2f} ms"
                    print(f"    {connections:>2} connections  {who:<9} {told}")
                pairs = zip(found["fakekit"], found["baseline"], strict=True)
                ratios = spread([f.rate / b.rate for f, b in pairs])
                print(f"    {connections:>2} connections  ratio     {ratios}")
        lines = sum(line.startswith("#") for line in log.read_text().splitlines())
        print(f"    log lines = requests: {lines == 2 * rounds * count} ({lines:,})")


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


def writes() -> None:
    """(g) Add, edit and list, each against fetches of the same server in the same rounds."""
    print("(g) one connection: the time of a request as a multiple of a fetch's, in the same rounds")
    body = json.dumps(CUSTOMER).encode()
    asked = {
        "fetch": [request("GET", f"customers/{10 + n}") for n in range(200)],
        "add": [request("POST", "customers/add", body)],
        "edit": [request("PUT", f"customers/{10 + n}", body) for n in range(200)],
        "list, of 5 groups": [request("GET", "customer-groups")],
        "list, of 50 customers": [request("GET", "customers")],
    }
    rounds, count = (3, 300) if QUICK else (7, 1500)
    found: dict[str, list[Result]] = {what: [] for what in asked}
    with (
        tempfile.TemporaryDirectory() as name,
        running(FAKEKIT, name, "--customers", "1000") as (port, _),
        running(FAKEKIT, name) as (small, _),
    ):
        for _ in range(rounds):
            for what, requests in asked.items():
                to, times = (small, count // 5) if what.startswith("list") else (port, count)
                found[what].append(load_of(to, 1, times, requests))
    for what, results in found.items():
        pairs = zip(found["fetch"], results, strict=True)
        ratios = spread([fetch.rate / other.rate for fetch, other in pairs])
        rates = spread([r.rate for r in results], "{:,.0f}")
        print(f"    {what:<22} {rates} requests/s  times a fetch {ratios}")


def start() -> None:
    """(b) From the start of the process to the first 200."""
    print("(b) process start to first 200")
    rounds = 3 if QUICK else 9
    times: dict[str, list[float]] = {"baseline": [], "customer 1": [], "customer 42, derived": []}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(rounds):
            times["baseline"].append(first_200(BASELINE, name, 1))
            times["customer 1"].append(first_200(FAKEKIT, name, 1))
            times["customer 42, derived"].append(first_200(FAKEKIT, name, 42))
    for what, values in times.items():
        ratios = [v / b for v, b in zip(values, times["baseline"], strict=True)]
        print(f"    {what:<21} {spread(values, '{:.3f}')} s  ratio {spread(ratios)}")


def first_200(command: list[str], folder: str, key: int) -> float:
    """Seconds until a fetch of that customer was answered."""
    started = time.perf_counter()
    with running(command, folder) as (port, _):
        fetch(port, key)
        return time.perf_counter() - started


def fixture() -> None:
    """(c) The pytest fixture: first use with imports, each further test, the end."""
    print("(c) the fixture xtrakit")
    found: dict[str, list[float]] = {"first": [], "each": [], "end": []}
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "conftest.py").write_text(TIMING)
        (Path(name) / "test_it.py").write_text(
            "import pytest\n@pytest.mark.parametrize('n', range(101))\ndef test_it(xtrakit, n): pass\n"
        )
        for _ in range(3 if QUICK else 7):
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:faker", "-p", "no:cacheprovider"]
            done = subprocess.run(
                [*command, "-p", "no:randomly"], cwd=name, capture_output=True, text=True, check=True
            )
            told = json.loads(next(line for line in done.stdout.splitlines() if line.startswith('{"first"')))
            for what, value in told.items():
                found[what].append(value * 1000)
    print(f"    first use, with imports  {spread(found['first'], '{:.0f}')} ms")
    print(f"    each further test        {spread(found['each'], '{:.2f}')} ms")
    print(f"    stop                     {spread(found['end'], '{:.1f}')} ms")


TIMING = """
import json, statistics, time
import pytest
took = {"setup": [], "end": 0.0}

@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    started = time.perf_counter()
    try:
        return (yield)
    finally:
        took["setup"].append(time.perf_counter() - started)

@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    started = time.perf_counter()
    try:
        return (yield)
    finally:
        took["end"] = time.perf_counter() - started

def pytest_unconfigure(config):
    first, *others = took["setup"]
    print(json.dumps({"first": first, "each": statistics.median(others), "end": took["end"]}), flush=True)
"""


def derived() -> None:
    """(d) Customers derived per second, in one thread."""
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
    print(f"(d) customers derived    {spread(rates, '{:,.0f}')} per second")


def large() -> None:
    """(e) Start and memory of the whole process tree at 50 and at a million customers."""
    print("(e) start and memory of the process tree (proportional set size), after 200 fetches")
    times: dict[int, list[float]] = {50: [], 1_000_000: []}
    memory: dict[int, list[float]] = {50: [], 1_000_000: []}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(2 if QUICK else 5):
            for size, took in times.items():
                started = time.perf_counter()
                with running(FAKEKIT, name, "--customers", str(size)) as (port, pid):
                    fetch(port, 42)
                    took.append(time.perf_counter() - started)
                    for n in range(200):
                        fetch(port, 1 + n * size // 200)
                    memory[size].append(tree_memory(pid))
    for size, took in times.items():
        print(f"    {size:>9,} customers  {spread(took, '{:.3f}')} s  {spread(memory[size], '{:.1f}')} MB")


def tree_memory(pid: int) -> float:
    """Megabytes of a process and its children, shared pages counted once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    total = 0
    for process in (pid, *map(int, children)):
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        total += int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1])
    return total / 1024


def account() -> None:
    """(f) Opening an account."""
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
    print(f"(f) opening an account   {spread(times, '{:.1f}')} us")


@contextlib.contextmanager
def running(
    command: list[str], folder: str, *options: str, log: Path | None = None
) -> Iterator[tuple[int, int]]:
    """A server, as its port and process id."""
    ready = Path(folder) / f"ready-{time.monotonic_ns()}.json"
    with (log or Path(os.devnull)).open("w") as stderr:
        process = subprocess.Popen([*command, str(ready), *options], stdout=subprocess.DEVNULL, stderr=stderr)
        try:
            deadline = time.monotonic() + 20
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{command} did not start")
                time.sleep(0.002)
            yield json.loads(ready.read_text())["port"], process.pid
        finally:
            process.terminate()
            process.wait(timeout=10)


def fetch(port: int, key: int) -> None:
    """One fetch; an error unless it is answered with 200. Ids start at 1."""
    url = f"http://127.0.0.1:{port}/api/v1/customers/{max(1, key)}"
    asked = urllib.request.Request(url, headers={"Authorization": "Bearer fk_demo"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        answer.read()


def spread(values: list[float], form: str = "{:.2f}") -> str:
    """The median, and the range behind it."""
    low, high = form.format(min(values)), form.format(max(values))
    return f"{form.format(statistics.median(values))} ({low} to {high})"


if __name__ == "__main__":
    main()
