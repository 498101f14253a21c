"""Many clients, few descriptors, and the end of the server in the middle of requests."""

from __future__ import annotations

import json
import resource
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.helpers.processes import ALONE, FAKEKIT, PATIENCE, Server, drain, serving, wait_until
from tests.helpers.raw_http import Connection, get, read_all, statuses

HEALTH = b"GET /_fakekit/health HTTP/1.1\r\nHost: x\r\n\r\n"
FETCH = get()
HALF = FETCH[:-2]
SERVERS = ["gunicorn", ALONE]


@contextmanager
def descriptors(wanted: int) -> Iterator[None]:
    """This process may open so many meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def limited(folder: Path, limit: str, name: str) -> AbstractContextManager[Server]:
    """A server with a limit of descriptors, set as `ulimit` takes it."""
    command = ["bash", "-c", f'ulimit {limit}; exec "$@"', "-", *FAKEKIT, "serve", "--server", name]
    return serving(folder, command=command)


def opened(stack: ExitStack, port: int, count: int, data: bytes = b"") -> list[socket.socket]:
    """So many connections, each of which has sent this."""
    clients = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        clients.append(stack.enter_context(client))
        if data:
            client.sendall(data)
    return clients


def processor_seconds(pid: int) -> float:
    """The time that a process and its children have used."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = [
        Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split() for process in (pid, *children)
    ]
    return sum(int(field[11]) + int(field[12]) for field in fields) / 100


def slow_get(seconds: str) -> bytes:
    return get(first=b"Host: x\r\nAuthorization: Bearer fk_a~slow=" + seconds.encode() + b"\r\n")


def wait_until_idle(running: Server) -> None:
    """Return once a second goes by in which a server does much less than a loop that never rests.

    The loop is one of this process, so that both have the same share of a machine on which others run.
    """

    def is_idle() -> bool:
        used, ours, end = processor_seconds(running.process.pid), time.process_time(), time.monotonic() + 1
        while time.monotonic() < end:
            pass
        return processor_seconds(running.process.pid) - used < 0.3 * (time.process_time() - ours)

    wait_until(is_idle)


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
def test_it_raises_its_limit_and_two_thousand_delayed_requests_hold(tmp_path: Path, name: str) -> None:
    """Shells allow 1,024 descriptors, and more to who asks for them."""
    with ExitStack() as stack:
        stack.enter_context(descriptors(4096))
        running = stack.enter_context(limited(tmp_path, "-S -n 1024", name))
        drain(running)
        slow = get(first=b"Host: x\r\nAuthorization: Bearer fk_a~slow=4s\r\nConnection: close\r\n")
        clients = opened(stack, running.port, 2000, slow)
        with Connection(running.port) as connection:
            assert connection.ask(FETCH)[0] == 200
        assert [statuses(read_all(client)) for client in clients] == [[200]] * 2000


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
def test_with_a_thousand_descriptors_many_clients_do_not_keep_a_fetch_waiting(
    tmp_path: Path, name: str
) -> None:
    """2,000 silent ones, 500 with half a request, and 1,500 that have got a response and stay."""
    with ExitStack() as stack:
        stack.enter_context(descriptors(8192))
        running = stack.enter_context(limited(tmp_path, "-n 1024", name))
        drain(running)
        for count, data in ((2000, b""), (500, HALF), (1500, FETCH)):
            opened(stack, running.port, count, data)
            for _ in range(5):
                with Connection(running.port) as connection:
                    assert connection.ask(FETCH)[0] == 200
                    assert connection.ask(HEALTH)[0] == 200
        # What is imported by a request needs descriptors too.
        with Connection(running.port) as connection:
            assert connection.ask(get(b"/api/v1/customers/33"))[0] == 200
            assert connection.ask(b"GET /_fakekit/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")[0] == 200
        wait_until_idle(running)
        assert running.process.poll() is None


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
def test_when_every_connection_is_busy_accepting_pauses_and_goes_on(tmp_path: Path, name: str) -> None:
    with ExitStack() as stack:
        running = stack.enter_context(limited(tmp_path, "-n 128", name))
        with Connection(running.port) as connection:  # imports what delays, which needs descriptors
            assert connection.ask(slow_get("0s"))[0] == 200
        opened(stack, running.port, 300, slow_get("3s"))
        with Connection(running.port) as connection:
            connection.send(FETCH)
            wait_until_idle(running)
            assert connection.read()[0] == 200
        _, err = running.end()
    warnings = [line for line in err.splitlines() if "descriptors" in line]
    assert warnings == ["warning: no descriptors are left for new connections; idle ones are closed"]
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
def test_without_a_thread_left_it_answers_in_the_loop(tmp_path: Path, name: str) -> None:
    """As where a container's limit of processes is reached; requests that would wait for a thread do not hang."""
    code = (
        "import threading, sys\n"
        "start = threading.Thread.start\n"
        "def refuse(thread):\n"
        "    if thread.name.startswith('fakekit-') and thread.name[8:].isdigit():\n"
        '        raise RuntimeError("can\'t start new thread")\n'
        "    start(thread)\n"
        "threading.Thread.start = refuse\n"
        "from fakekit.cli import main; main()"
    )
    with serving(tmp_path, "--server", name, command=[FAKEKIT[0], "-c", code, "serve"]) as running:
        with Connection(running.port) as connection:
            for _ in range(3):
                assert connection.ask(get(b"/api/v1/customers"))[0] == 200
                assert connection.ask(FETCH)[0] == 200
        _, err = running.end()
    assert "Traceback" not in err
    assert running.process.returncode == 0


# --- the end -----------------------------------------------------------------------------------------


def requests_of(running: Server, key: str) -> int:
    """How many requests of a key are in its journal; they may be delayed still."""
    data = f"GET /_fakekit/accounts/{key} HTTP/1.1\r\nHost: localhost\r\nFakekit-Control: 1\r\n\r\n".encode()
    with Connection(running.port) as connection:
        status, _, body = connection.ask(data)
    return int(json.loads(body)["requests"]) if status == 200 else 0


def end(running: Server, signals: Sequence[signal.Signals]) -> None:
    for number in signals:
        running.process.send_signal(number)
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("times", [1, 2, 3])
def test_at_sigterm_what_is_being_answered_is_answered_and_the_rest_not_begun(
    tmp_path: Path, name: str, times: int
) -> None:
    with ExitStack() as stack:
        running = stack.enter_context(serving(tmp_path, "--server", name))
        (long,) = opened(stack, running.port, 1, slow_get("30s"))
        (silent,) = opened(stack, running.port, 1)
        (half,) = opened(stack, running.port, 1, HALF)
        wait_until(lambda: requests_of(running, "fk_a") == 1)
        (pipelined,) = opened(stack, running.port, 1, slow_get("1s") + FETCH)
        wait_until(lambda: requests_of(running, "fk_a") == 2)
        end(running, [signal.SIGTERM] * times)
        came = read_all(pipelined)
        assert statuses(came) == [200]
        assert b"\r\nConnection: close\r\n" in came
        assert came.endswith(b"}\n")
        assert [read_all(client) for client in (long, silent, half)] == [b"", b"", b""]
        assert running.process.wait(timeout=PATIENCE) == 0
        _, err = running.end()
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
def test_at_sigterm_a_response_that_is_being_sent_is_sent_whole(tmp_path: Path, name: str) -> None:
    with ExitStack() as stack:
        running = stack.enter_context(serving(tmp_path, "--server", name, "--customers", "8000"))
        client = stack.enter_context(socket.socket())
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", running.port))
        client.sendall(get(b"/api/v1/customers"))
        came = client.recv(65536)
        end(running, [signal.SIGTERM])
        time.sleep(0.3)
        came += read_all(client)
        assert came.count(b'"customer_name"') == 8_000
        assert came.endswith(b"}\n")
        assert running.process.wait(timeout=PATIENCE) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
def test_at_sigterm_a_write_is_answered_or_not_done(tmp_path: Path, name: str) -> None:
    """Clients that add records until the server ends: each has its whole response, or none."""
    body = b'{"group_name": "Regulars", "group_description": "Every week"}'
    head = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    add = get(b"/api/v1/customer-groups/add", head, method=b"POST") + body
    with ExitStack() as stack:
        running = stack.enter_context(serving(tmp_path, "--server", name))
        drain(running)
        clients = opened(stack, running.port, 20, add * 500)
        time.sleep(0.2)
        end(running, [signal.SIGTERM])
        for client in clients:
            came = read_all(client)
            assert came.count(b"HTTP/1.1 200 OK\r\n") == came.count(b"}\n")
        assert running.process.wait(timeout=PATIENCE) == 0
