"""Worker processes: they are replaced when they die, and end when the server does."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.helpers.fault_requests import asked, wait_until_asked
from tests.helpers.processes import PATIENCE, serving, wait_until
from tests.helpers.raw_http import ask
from tests.helpers.workers import LOST, WorkerClient, client_of_each, kill, serving_worker, workers_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("how", "cause"),
    [(signal.SIGKILL, "SIGKILL: the system may be out of memory"), (signal.SIGSEGV, "SIGSEGV")],
)
def test_one_that_dies_is_replaced_and_the_log_says_so(
    tmp_path: Path, workers: str, how: signal.Signals, cause: str
) -> None:
    with serving(tmp_path, "--state", "state.db", "--workers", workers) as running:
        wait_until(
            lambda: len(workers_of(running)) == int(workers)
        )  # the first one has written the ready file
        before = workers_of(running)
        with WorkerClient(running.port, "fk_a") as client:
            client.edit(1, "Efua")
            pid = serving_worker(client, running)
            kill(running, [pid], how)
            with pytest.raises(LOST):
                client.name_of(1)
        wait_until(lambda: len(workers_of(running)) == int(workers))
        assert len({*before, *workers_of(running)}) == int(workers) + 1
        with WorkerClient(running.port, "fk_a") as client:
            assert client.name_of(1) == "Efua"
        _, err = running.end()
    assert running.process.returncode == 0
    lines = [line for line in err.splitlines() if not line.startswith("#")]
    assert lines == [f"warning: worker process {pid} died ({cause}); another one takes its place"]


def test_health_says_how_many_there_are(tmp_path: Path) -> None:
    with serving(tmp_path, "--state", "state.db", "--workers", "3") as running:
        wait_until(lambda: len(workers_of(running)) == 3)
        health = ask(running.port, "/_fakekit/health", None).json()
        assert isinstance(health, dict)
        assert health["workers"] == 3


def test_the_ready_file_is_written_once(tmp_path: Path) -> None:
    with serving(tmp_path, "--state", "state.db", "--workers", "2") as running:
        (tmp_path / "ready.json").unlink()
        with client_of_each(running, "fk_a"):
            kill(running, workers_of(running))
        with client_of_each(running, "fk_a"):
            assert not (tmp_path / "ready.json").exists()


def test_all_of_them_end_with_the_server_and_answer_first(tmp_path: Path) -> None:
    with serving(tmp_path, "--state", "state.db", "--workers", "2") as running:
        with client_of_each(running, "fk_a") as clients, ThreadPoolExecutor(2) as pool:
            pids, before = workers_of(running), len(asked(running.port, "fk_a"))
            for client in clients:
                client.key = "fk_a~slow=1s"
            answers = [pool.submit(client.name_of, 1) for client in clients]
            wait_until_asked(running.port, "fk_a", before + 2)
            running.process.terminate()
            assert [answer.result(timeout=PATIENCE) for answer in answers] == ["Jane Doe"] * 2
        assert running.process.wait(timeout=PATIENCE) == 0
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_none_serves_on_when_the_master_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path, "--state", "state.db", "--workers", "2") as running:
        wait_until(lambda: len(workers_of(running)) == 2)
        pids = workers_of(running)
        running.process.kill()
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_signals_to_the_whole_group_replace_none(tmp_path: Path) -> None:
    with serving(tmp_path, "--state", "state.db", "--workers", "2") as running:
        wait_until(lambda: len(workers_of(running)) == 2)
        before = workers_of(running)
        for how in (signal.SIGTTIN, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTOU, signal.SIGWINCH):
            running.process.send_signal(how)
        time.sleep(0.3)
        assert workers_of(running) == before
