"""`fakekit serve`: how it ends, and that slow clients hold up nobody."""

from __future__ import annotations

import http.client
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.helpers.processes import (
    ALONE,
    FAKEKIT,
    PATIENCE,
    clean_environment,
    half_open,
    serving,
    started,
    wait_for_file,
    wait_until,
)
from tests.helpers.programs import PROGRAMS
from tests.helpers.project import ROOT
from tests.helpers.raw_http import ask


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
@pytest.mark.parametrize(
    "how", [signal.SIGTERM, signal.SIGINT, pytest.param(signal.SIGHUP, marks=pytest.mark.slow)]
)
def test_it_ends_quietly_and_does_not_wait_for_half_open_clients(
    tmp_path: Path, how: signal.Signals, underneath: str
) -> None:
    """The clients stay as they are until after it: a server that waited for them would not end."""
    with ExitStack() as stack:
        running = stack.enter_context(serving(tmp_path, "--server", underneath))
        half_open(stack, running.port, 5)
        half_open(stack, running.port, 3, b"")
        running.process.send_signal(how)
        assert running.process.wait(timeout=PATIENCE) == 0
        _, err = running.end()
        assert err == ""


def test_ctrl_c_reaches_the_whole_group_and_still_ends_quietly(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with started(
        [*FAKEKIT, "serve", "--port", "0", "--ready-file", str(ready)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        new_session=True,
    ) as process:
        wait_for_file(ready, process)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, b"")


def worker_of(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert len(children) == 1
    return int(children[0])


@pytest.mark.parametrize(
    ("how", "cause"),
    [
        (signal.SIGKILL, "SIGKILL: the system may be out of memory"),
        pytest.param(signal.SIGSEGV, "SIGSEGV", marks=pytest.mark.slow),
        pytest.param(signal.SIGABRT, "SIGABRT", marks=pytest.mark.slow),
    ],
)
def test_a_worker_that_dies_ends_the_server_with_an_error(
    tmp_path: Path, how: signal.Signals, cause: str
) -> None:
    with serving(tmp_path) as running:
        os.kill(worker_of(running.process.pid), how)
        assert running.process.wait(timeout=PATIENCE) == 1
        _, err = running.end()
    assert err.splitlines()[-1] == (
        f"error: the server's worker process died and its accounts with it ({cause}); start it again"
    )
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
        signal.SIGTERM,
    ],
)
def test_no_line_of_the_log_is_lost_when_the_whole_group_is_told_to_end(
    tmp_path: Path, how: signal.Signals
) -> None:
    ready = tmp_path / "ready.json"
    with (
        (tmp_path / "log").open("wb") as log,
        started(
            [*FAKEKIT, "serve", "--port", "0", "--ready-file", str(ready)],
            stdout=subprocess.DEVNULL,
            stderr=log.fileno(),
            env=clean_environment(),
            new_session=True,
        ) as process,
    ):
        port = int(str(wait_for_file(ready, process)["port"]))
        for _ in range(100):
            assert ask(port, "/api/v1/customers/1").status == 200
        os.killpg(process.pid, how)
        assert process.wait(timeout=PATIENCE) == 0
    assert (tmp_path / "log").read_text().count("\n") == 100


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
@pytest.mark.parametrize("size", [10, 300_000, pytest.param(10_000_000, marks=pytest.mark.slow)])
def test_a_body_that_nobody_reads_does_not_end_the_connection(
    tmp_path: Path, size: int, underneath: str
) -> None:
    import http.client

    with (
        serving(tmp_path, "--server", underneath) as running,
        closing(http.client.HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE)) as connection,
    ):
        for _ in range(3):
            connection.request("POST", "/api/v1/customers/1", b"x" * size, {"Authorization": "Bearer fk_a"})
            assert connection.getresponse().read() == b'{"status": 405, "error": "Method Not Allowed"}\n'
            connection.request("GET", "/api/v1/customers/1", headers={"Authorization": "Bearer fk_a"})
            assert connection.getresponse().read().startswith(b'{"status": 200')


@pytest.mark.slow
def test_signals_that_would_make_more_workers_do_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        before = worker_of(running.process.pid)
        for how in (signal.SIGTTIN, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTOU, signal.SIGWINCH):
            running.process.send_signal(how)
        time.sleep(0.3)
        assert worker_of(running.process.pid) == before
        assert ask(running.port, "/api/v1/customers/1").status == 200


@pytest.mark.slow
def test_no_orphan_serves_on_when_the_master_is_killed(tmp_path: Path) -> None:
    with ExitStack() as stack:
        running = stack.enter_context(serving(tmp_path))
        worker = worker_of(running.process.pid)
        half_open(stack, running.port, 3)
        running.process.kill()
        wait_until(lambda: not Path(f"/proc/{worker}").exists())


@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
def test_exit_with_parent(tmp_path: Path, underneath: str) -> None:
    ready = tmp_path / "ready.json"
    serve = [*FAKEKIT, "serve", "--port", "0", "--exit-with-parent", "--ready-file", str(ready)]
    serve += ["--server", underneath]
    code = "import subprocess, sys; subprocess.Popen(sys.argv[1:]); sys.stdin.read()"
    with started(
        [sys.executable, "-c", code, *serve],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
        new_session=True,
    ) as parent:
        port = int(str(wait_for_file(ready, parent)["port"]))
        parent.communicate(timeout=PATIENCE)
        wait_until(lambda: not is_answered(port))


@pytest.mark.slow
def test_exit_with_a_parent_that_ends_during_the_start(tmp_path: Path) -> None:
    command = [sys.executable, str(PROGRAMS / "parent_that_ends_early.py")]
    with started(command, cwd=tmp_path, env=clean_environment(), stdout=subprocess.PIPE) as process:
        out, _ = process.communicate(timeout=PATIENCE)  # until the server has ended, too
    assert b"origin    http://127.0.0.1" in out
    assert not (tmp_path / "ready.json").exists()


def is_answered(port: int) -> bool:
    try:
        return ask(port, "/_fakekit/health").status == 200
    except (OSError, http.client.HTTPException):  # it ends in the middle of an answer
        return False


@pytest.mark.slow
@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
def test_sixty_half_sent_requests_do_not_hold_up_a_fetch(tmp_path: Path, underneath: str) -> None:
    with ExitStack() as stack:
        running = stack.enter_context(serving(tmp_path, "--server", underneath))
        clients = half_open(stack, running.port, 60)
        for _ in range(9):
            assert ask(running.port, "/api/v1/customers/1").status == 200
        assert select.select(clients, [], [], 0)[0] == []  # none was given up to make room


@pytest.mark.slow
def test_these_tests_may_be_run_in_the_background() -> None:
    """With the signals ignored that a shell and nohup have a process ignore which they leave there."""
    run = f"trap '' HUP INT QUIT; exec {sys.executable} -m pytest -q -p no:cacheprovider -p no:xdist"
    names = "(1-alone or 2-alone) and half_open_clients"
    done = subprocess.run(
        ["bash", "-c", f'{run} "{Path(__file__)}" -k "{names}"'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=clean_environment(),
        check=False,
    )
    assert "2 passed" in done.stdout
