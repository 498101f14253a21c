"""The threads that run what would hold up the event loop."""

from __future__ import annotations

import threading
import time
from queue import Queue
from typing import Any

import pytest

from fakekit.server.pool import Pool
from tests.helpers.processes import PATIENCE


class LateQueue(Queue[Any]):
    """A queue from which a thread returns some time after it took something."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Take something, and return it a little later."""
        taken = super().get(block, timeout)
        time.sleep(0.05)
        return taken


def test_functions_that_wait_for_one_another_have_a_thread_each(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, is_warm, everywhere = Pool(4), threading.Event(), threading.Barrier(5)

    def wait() -> None:
        everywhere.wait(PATIENCE)

    monkeypatch.setattr(pool, "_queue", LateQueue())
    pool.run(is_warm.set)
    assert is_warm.wait(PATIENCE)
    time.sleep(0.05)  # the thread waits for the next function
    for _ in range(4):
        pool.run(wait)
        time.sleep(0.01)  # a thread takes it, and has not returned from the queue
    everywhere.wait(PATIENCE)
    pool.stop(PATIENCE)
