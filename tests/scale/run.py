"""Run the commands of docs/scale.md, send writes through HAProxy, kill a replica and crash the database.

Checks that every write that was answered is there once, with an id of its own, and in the journal. Needs
PostgreSQL and HAProxy, which ``make scale`` installs from Debian's packages. Prints a line for each check; exits
with 1 if one fails. Everything is on free ports of loopback and in a temporary folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "scale.md"
PORTS = {"proxy": "4320", "one": "4321", "two": "4322", "database": "4323"}
"""The ports that the page has; free ones take their place."""
OWNER = "postgres"
"""Debian's user of the database, as which it runs when this program is run by root."""
WRITERS = 8
SHARED = 4
"""How many of the writers have the same key; each of the others has one of its own."""
WRITES = 120
"""How many writes each makes in a phase: a journal keeps 1,000 entries of a key."""
PATIENCE = 30.0


@dataclass
class Answered:
    """What the writers were told: by key the ids of the groups that were added, by their names."""

    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> int:
        """Return how many writes were answered."""
        with self.lock:
            return sum(map(len, self.ids.values()))


class Checks:
    """Prints what is checked, and counts what failed."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def check(self, what: str, is_so: bool, found: object = "") -> None:
        """Print a check; found: what is shown when it fails."""
        self.passed, self.failed = self.passed + is_so, self.failed + (not is_so)
        print(f"{'passed' if is_so else 'FAILED'}: {what}{'' if is_so else f' ({found})'}", flush=True)


class Cluster:
    """What the commands of the page run: a database, two replicas and HAProxy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in PORTS}
        page = PAGE.read_text("utf-8")
        (config,) = re.findall(r"```haproxy\n(.*?)```", page, re.S)
        (self.commands,) = re.findall(r"```sh\n(.*?)```", page, re.S)
        (folder / "haproxy.cfg").write_text(self._with_ports(config))

    def _with_ports(self, text: str) -> str:
        for name, port in PORTS.items():
            text = text.replace(port, str(self.ports[name]))
        return text

    def run(self, commands: str) -> str:
        """Run commands of the page in the folder, and return what they print.

        Raises SystemExit when one fails. What they start in the background goes on.
        """
        with (self.folder / "output").open("w+") as output:
            done = subprocess.run(
                ["bash", "-euc", as_database_owner() + self._with_ports(commands)],
                cwd=self.folder,
                env={**clean_environment(), "PATH": search_path()},
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=120,
            )
            output.seek(0)
            printed = output.read()
        if done.returncode:
            raise SystemExit(f"a command failed:\n{printed}")
        return printed

    def start_replica(self, name: str) -> None:
        """Start a replica by its line of the page, and wait for it."""
        lines = self.commands.splitlines()
        export = next(line for line in lines if line.startswith("export "))
        serve = next(line for line in lines if f"{name}.json 2>" in line)
        self.run(f"{export}\nrm -f {name}.json\n{serve}\nfakekit wait {name}.json >/dev/null")

    def kill_replica(self, name: str) -> None:
        """Kill the master of a replica and its workers with SIGKILL."""
        master = json.loads((self.folder / f"{name}.json").read_text())["pid"]
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for pid in (master, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def crash_database(self) -> None:
        """Stop the database as a crash does, without a checkpoint, and start it again."""
        self.run('pg_ctl -D "$PWD/data" -w -m immediate restart >>setup.log')

    def end(self) -> None:
        """End everything that the commands started."""
        for name in ("one", "two"):
            with suppress(FileNotFoundError, ProcessLookupError):
                self.kill_replica(name)
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((self.folder / "haproxy.pid").read_text()), signal.SIGTERM)
        with suppress(SystemExit):
            self.run('pg_ctl -D "$PWD/data" -w -m fast stop >>setup.log')


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def clean_environment() -> dict[str, str]:
    """Return the variables of this process without fakekit's own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FAKEKIT_")}


def search_path() -> str:
    """Return PATH with the programs of this environment, of PostgreSQL and of administrators."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
    return os.pathsep.join(
        map(str, [Path(sys.executable).parent, *programs, os.environ["PATH"], "/usr/sbin"])
    )


def as_database_owner() -> str:
    """Return definitions for the shell by which root runs PostgreSQL as its owner, which it insists on."""
    if os.getuid() != 0:
        return ""
    return "".join(
        f'{name}() {{ runuser -u {OWNER} -- "$(type -P {name})" "$@"; }}\n' for name in ("initdb", "pg_ctl")
    )


def write_groups(port: int, key: str, name: str, answered: Answered) -> None:
    """Add groups until `WRITES` were answered, and note their ids; a request that fails is not repeated."""
    connection, deadline = HTTPConnection("127.0.0.1", port, timeout=10), time.monotonic() + PATIENCE
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    number = done = 0
    while done < WRITES and time.monotonic() < deadline:
        number += 1
        group = f"{name}-{number}"
        try:
            body = json.dumps({"group_name": group})
            connection.request("POST", "/api/v1/customer-groups/add", body, headers)
            response = connection.getresponse()
            content = response.read()
        except (HTTPException, OSError) as error:
            connection.close()
            answered.failures[type(error).__name__] += 1
            time.sleep(0.02)
            continue
        if response.status not in (200, 201):
            answered.failures[str(response.status)] += 1
            time.sleep(0.02)
            continue
        done += 1
        with answered.lock:
            answered.ids.setdefault(key, {})[group] = id_of_group(json.loads(content))


def id_of_group(body: object) -> int:
    """Return the id in the vendor's response to an added group."""
    assert isinstance(body, dict)
    return int(body["data"]["group"]["id"])


@contextmanager
def writers(port: int, phase: str, answered: Answered) -> Iterator[None]:
    """Run the writers beside the block, and wait for their end behind it."""
    threads = [
        threading.Thread(
            target=write_groups,
            args=(port, f"fk_scale_{phase}_{max(0, n - SHARED + 1)}", f"{phase}-{n}", answered),
        )
        for n in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


def ask(port: int, path: str, key: str = "fk_demo") -> Any:
    """Return the JSON of a GET; a control request has the header that it needs.

    Raises SystemExit unless it is answered with 200.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}", "Fakekit-Control": "1"})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    if response.status != 200:
        raise SystemExit(f"GET {path}: {response.status} {content!r}")
    return json.loads(content)


def check_groups(checks: Checks, port: int, where: str, answered: Answered) -> None:
    """Check that each group that was answered is there once, with the id that was answered."""
    lost, doubled, shared = list[str](), list[str](), list[int]()
    for key, ids in answered.ids.items():
        groups = ask(port, "/api/v1/customer-groups", key)["data"]["groups"]
        names = Counter(group["group_name"] for group in groups)
        found = {group["group_name"]: group["id"] for group in groups}
        lost += [name for name, number in ids.items() if found.get(name) != number]
        doubled += [name for name, count in names.items() if count > 1]
        shared += [number for number, count in Counter(g["id"] for g in groups).items() if count > 1]
    total = answered.count()
    checks.check(f"{where}: each of {total} answered writes is there with its id", not lost, lost[:5])
    checks.check(f"{where}: no write is there twice", not doubled, doubled[:5])
    checks.check(f"{where}: no id is given twice", not shared, shared[:5])


def check_journal(checks: Checks, port: int, where: str, answered: Answered) -> None:
    """Check that each answered write is in the journal of its key once, and no number is given twice."""
    missing, numbers = list[str](), list[int]()
    for key, ids in answered.ids.items():
        entries = ask(port, f"/_fakekit/accounts/{key}/requests?limit=1000")["requests"]
        numbers += [entry["number"] for entry in entries]
        bodies = Counter(entry["body"] for entry in entries if entry["status"] == 200)
        missing += [name for name in ids if bodies[json.dumps({"group_name": name})] != 1]
    checks.check(f"{where}: each answered write is in the journal once", not missing, missing[:5])
    checks.check(f"{where}: no number of a request is given twice", len(set(numbers)) == len(numbers))


def run_phases(cluster: Cluster, checks: Checks) -> None:
    """Run the page's commands, then a phase without a fault, one with a kill, and one with a crash."""
    printed = cluster.run(cluster.commands)
    checks.check("the commands of the page end with the customer", '"customer_name": "Jane Doe"' in printed)
    proxy, answered = cluster.ports["proxy"], Answered()
    with writers(proxy, "quiet", answered):
        pass
    checks.check("without a fault every request is answered", not answered.failures, answered.failures)
    with writers(proxy, "killed", answered):
        wait_for_more(answered, WRITERS * WRITES // 3)
        cluster.kill_replica("one")
        wait_for_more(answered, WRITERS * WRITES // 4)
        cluster.start_replica("one")
    print(f"        failed requests while one replica was killed: {dict(answered.failures)}")
    answered.failures.clear()
    with writers(proxy, "crashed", answered):
        wait_for_more(answered, WRITERS * WRITES // 3)
        cluster.crash_database()
    print(f"        failed requests while the database crashed: {dict(answered.failures)}")
    checks.check("every writer came to its end", answered.count() == 3 * WRITERS * WRITES, answered.count())
    for name in ("one", "two", "proxy"):
        check_groups(checks, cluster.ports[name], name, answered)
        check_journal(checks, cluster.ports[name], name, answered)
    health = ask(proxy, "/_fakekit/health")
    checks.check("the replicas are healthy", health["seed"] == 1, health)


def wait_for_more(answered: Answered, count: int) -> None:
    """Wait until so many more writes were answered; for `PATIENCE` at most."""
    aim, deadline = answered.count() + count, time.monotonic() + PATIENCE
    while answered.count() < aim and time.monotonic() < deadline:
        time.sleep(0.01)


def main() -> None:
    """Run everything; leaves by SystemExit with 1 when a check failed."""
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="fakekit-scale-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        if os.getuid() == 0:
            shutil.chown(folder, OWNER)
        cluster = Cluster(folder)
        try:
            run_phases(cluster, checks)
        finally:
            cluster.end()
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(checks.failed > 0)


if __name__ == "__main__":
    main()
