"""``make bench-peers``: fakekit beside other servers that tests are run against, in one run.

Each answers the same 50 fetches with the same bodies, as shipped and as tuned; the better of the two counts.
Each is warmed until two rounds agree, then rounds alternate. fakekit has its journal and log on and is as
shipped.
"""

from __future__ import annotations

import json
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from load import Result, load, request, spread, warm  # noqa: E402
from servers import (  # noqa: E402
    FAKEKIT,
    LIMIT,
    REFERENCE,
    Server,
    compile_sources,
    fetch,
    running,
    started,
    wait_until,
)

QUICK = "--quick" in sys.argv
ROUNDS = 1 if QUICK else 5
SECONDS = 1 if QUICK else 2
NUMBERS = range(1, 51)
JAVA_QUICK_START = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]
JAVA_THROUGHPUT = ["-XX:+UseParallelGC", "-Xms512m", "-Xmx512m"]


@dataclass
class Peer:
    """A server in one of its variants, and what was measured of it.

    command: makes the command for a port and the folder with the files of all peers.
    path: of a fetch; ``{}`` is the number of the customer.
    """

    name: str
    command: Callable[[int, Path], list[str]]
    path: str = "/api/v1/customers/{}"
    environment: dict[str, str] = field(default_factory=dict)
    results: dict[int, list[Result]] = field(default_factory=dict)
    starts: list[float] = field(default_factory=list)
    memory: float = 0.0

    def requests(self) -> list[bytes]:
        """Return the fetches that it is asked for."""
        return [request("GET", self.path.format(n)) for n in NUMBERS]

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Server]:
        """Run it until the block ends; its start is timed up to the first 200."""
        begun = time.perf_counter()
        if self.name in OWN:
            with running(OWN[self.name], str(folder), log=folder / "log") as server:
                fetch(server.port, self.path.format(1))
                self.starts.append(time.perf_counter() - begun)
                yield server
            return
        port = free_port()
        environment = {"HOME": str(folder), **self.environment}  # Mockoon writes there
        with started(self.command(port, folder), None, folder, environment) as process:
            wait_until(lambda: answers(port, self.path.format(1)), process)
            self.starts.append(time.perf_counter() - begun)
            yield Server(port, process.pid)


OWN = {"fakekit": FAKEKIT, "limit": LIMIT, "reference": REFERENCE}


def main() -> None:
    """Print a table; about eight minutes."""
    if len(sys.argv) < 2:
        usage = "bench_peers.py FOLDER [--quick] [NAME...]: the folder that make bench-peers installs into"
        raise SystemExit(f"{usage}; names limit the peers to those that begin so")
    compile_sources()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        write_files(folder)
        names = tuple(name for name in sys.argv[2:] if not name.startswith("--"))
        found = peers(Path(sys.argv[1]).absolute())
        known = [*own_servers(), *(peer for peer in found if not names or peer.name.startswith(names))]
        for peer in known:
            for _ in range(0 if QUICK else 2):
                with peer.serve(folder):
                    pass
        servers = [(peer, stack.enter_context(peer.serve(folder))) for peer in known]
        for connections in (1, 32):
            for peer, server in servers:
                warm(server.port, connections, peer.requests(), SECONDS, 1 if QUICK else 12)
            for _ in range(ROUNDS):
                for peer, server in servers:
                    result = load(server.port, connections, peer.requests(), SECONDS)
                    peer.results.setdefault(connections, []).append(result)
        for peer, server in servers:
            peer.memory = server.memory()
        print_table(known)


def own_servers() -> list[Peer]:
    """Return fakekit, the limit and the reference."""
    return [Peer(name, lambda port, folder: []) for name in OWN]


def peers(installed: Path) -> Iterator[Peer]:
    """Yield the peers that can run here; says which cannot.

    installed: the folder with ``node_modules`` and the environment ``python``.
    """
    modules, python = installed / "node_modules", str(installed / "python" / "bin" / "python")
    yield from wiremock(next((modules / "wiremock" / "build").glob("*.jar")))
    for variant in ("shipped", "tuned"):
        production = {"NODE_ENV": "production"} if variant == "tuned" else {}
        node = ["node", "--max-semi-space-size=64"] if variant == "tuned" else ["node"]

        def json_server(port: int, folder: Path, node: list[str] = node) -> list[str]:
            script = modules / "json-server" / "lib" / "bin.js"
            return [*node, str(script), "--host", "127.0.0.1", "--port", str(port), str(folder / "db.json")]

        yield Peer(f"json-server 1 beta, {variant}", json_server, "/customers/{}", production)

        def httpserver(port: int, folder: Path, variant: str = variant) -> list[str]:
            script = str(HERE / "peers" / "httpserver.py")
            return [python, script, str(port), str(folder / "records.json"), variant]

        yield Peer(f"pytest-httpserver, {variant}", httpserver)

        def prism(port: int, folder: Path, node: list[str] = node) -> list[str]:
            script = modules / "@stoplight" / "prism-cli" / "dist" / "index.js"
            quiet = ["-v", "silent"] if len(node) > 1 else []
            document = str(folder / "openapi.json")
            return [*node, str(script), "mock", "-h", "127.0.0.1", "-p", str(port), *quiet, document]

        yield Peer(f"Prism, {variant}", prism)

        def mockoon(port: int, folder: Path, node: list[str] = node) -> list[str]:
            script = modules / "@mockoon" / "cli" / "bin" / "run.js"
            quiet = ["--max-transaction-logs", "0"] if len(node) > 1 else []
            data = [
                "--data",
                str(folder / "mockoon.json"),
                "--port",
                str(port),
                "--repair",
                "--disable-log-to-file",
            ]
            return [*node, str(script), "start", *data, *quiet]

        yield Peer(f"Mockoon, {variant}", mockoon, environment=production)


def wiremock(jar: Path) -> Iterator[Peer]:
    """Yield WireMock's variants; says so and yields none without a JVM."""
    if shutil.which("java") is None:
        print("WireMock is left out: there is no java", flush=True)
        return
    quiet = ["--no-request-journal", "--disable-request-logging", "--disable-gzip", "--disable-banner"]

    def command(java: list[str], options: list[str]) -> Callable[[int, Path], list[str]]:
        return lambda port, folder: [
            *("java", *java, "-jar", str(jar)),
            *("--bind-address", "127.0.0.1", "--port", str(port), "--root-dir", str(folder / "wiremock")),
            *options,
        ]

    yield Peer("WireMock, shipped", command([], []))
    yield Peer("WireMock, journal off", command(JAVA_THROUGHPUT, quiet))
    yield Peer("WireMock, quick start", command(JAVA_QUICK_START, quiet))


def write_files(folder: Path) -> None:
    """Write what each peer is to serve: the responses of fakekit for customers 1 to 50."""
    with running(FAKEKIT, str(folder)) as server:
        bodies = {n: json.loads(fetch(server.port, f"/api/v1/customers/{n}")) for n in NUMBERS}
        document = json.loads(fetch(server.port, "/_fakekit/openapi.json"))
    (folder / "records.json").write_text(json.dumps(bodies))
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "db.json").write_text(
        json.dumps({"customers": [{"id": str(n)} | b for n, b in bodies.items()]})
    )
    (folder / "public").mkdir()  # json-server wants one under NODE_ENV=production
    mappings = folder / "wiremock" / "mappings"
    mappings.mkdir(parents=True)
    for number, body in bodies.items():
        matches = {
            "method": "GET",
            "urlPath": f"/api/v1/customers/{number}",
            "headers": {"Authorization": {"equalTo": "Bearer fk_demo"}},
        }
        response = {"status": 200, "jsonBody": body, "headers": {"Content-Type": "application/json"}}
        (mappings / f"{number}.json").write_text(json.dumps({"request": matches, "response": response}))
    (folder / "mockoon.json").write_text(json.dumps(mockoon_environment(bodies)))


def mockoon_environment(bodies: dict[int, object]) -> dict[str, object]:
    """Return the data file of Mockoon with a route for each customer."""
    routes = [
        {
            "uuid": f"route-{number}",
            "type": "http",
            "method": "get",
            "endpoint": f"api/v1/customers/{number}",
            "responses": [
                {
                    "uuid": f"response-{number}",
                    "body": json.dumps(body),
                    "statusCode": 200,
                    "headers": [{"key": "Content-Type", "value": "application/json"}],
                    "bodyType": "INLINE",
                    "default": True,
                }
            ],
        }
        for number, body in bodies.items()
    ]
    children = [{"type": "route", "uuid": f"route-{number}"} for number in bodies]
    return {
        "uuid": "peers",
        "name": "peers",
        "hostname": "127.0.0.1",
        "routes": routes,
        "rootChildren": children,
    }


def free_port() -> int:
    """Return a port that is free now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
    return port


def answers(port: int, path: str) -> bool:
    """Return whether a fetch is answered with 200."""
    try:
        fetch(port, path)
    except OSError:
        time.sleep(0.01)
        return False
    return True


def print_table(known: list[Peer]) -> None:
    """Print what was measured, and fakekit's requests/s as a multiple of the others'.

    Behind a p99 is that of the least disturbed round: on a machine that does other things, too, it says more.
    """
    print("| server | requests/s at 1 connection | p99, ms | at 32 | p99, ms | start, s | memory, MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for peer in known:
        cells = [peer.name]
        for connections in (1, 32):
            results = peer.results[connections]
            cells.append(f"{statistics.median(r.rate for r in results):,.0f}")
            p99 = [r.p99 for r in results]
            cells.append(f"{statistics.median(p99):.1f} ({min(p99):.1f})")
        cells += [f"{statistics.median(peer.starts):.2f}", f"{peer.memory:.0f}"]
        print(f"| {' | '.join(cells)} |")
    print("\nfakekit's requests/s as a multiple of theirs, at 1 connection and at 32, by round:")
    ours = known[0].results
    for peer in known[1:]:
        ratios = [
            spread(our.rate / their.rate for our, their in zip(ours[c], peer.results[c], strict=True))
            for c in (1, 32)
        ]
        print(f"    {peer.name:<28} {ratios[0]}   {ratios[1]}", flush=True)


if __name__ == "__main__":
    main()
