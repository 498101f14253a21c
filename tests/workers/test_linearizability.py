"""The checker of histories, and a history that eight clients of two workers recorded."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.helpers.linearizability import NEVER, RecordCall, is_linearizable
from tests.helpers.processes import drain, serving
from tests.helpers.workers import WorkerClient


def write(start: float, end: float, value: str) -> RecordCall:
    return RecordCall(start, end, written=value)


def read(start: float, end: float, value: str | None) -> RecordCall:
    return RecordCall(start, end, seen=value)


@pytest.mark.parametrize(
    "calls",
    [
        [write(0, 1, "a"), read(2, 3, "a")],
        [write(0, 5, "a"), read(1, 2, "before"), read(3, 4, "a")],
        [write(0, 5, "a"), write(1, 6, "b"), read(7, 8, "a")],
        [write(0, NEVER, "a"), read(1, 2, "before"), read(3, 4, "a")],
        [write(0, NEVER, "a"), read(1, 2, "before")],
    ],
)
def test_calls_that_can_have_happened_one_after_the_other(calls: list[RecordCall]) -> None:
    assert is_linearizable(calls, "before")


@pytest.mark.parametrize(
    "calls",
    [
        [write(0, 1, "a"), read(2, 3, "before")],
        [write(0, 5, "a"), read(1, 2, "a"), read(3, 4, "before")],
        [write(0, 1, "a"), write(2, 3, "b"), read(4, 5, "a")],
        [write(0, 1, "a"), read(2, 3, None)],
        [write(0, NEVER, "a"), read(1, 2, "a"), read(3, 4, "before")],
    ],
)
def test_calls_that_cannot(calls: list[RecordCall]) -> None:
    assert not is_linearizable(calls, "before")


@pytest.mark.slow
@pytest.mark.parametrize("share_of_edits", [1 / 3, 1 / 12])
def test_what_eight_clients_of_two_workers_see_is_linearizable(tmp_path: Path, share_of_edits: float) -> None:
    """They edit and fetch three customers. With few edits, most fetches are given again from memory."""
    with serving(tmp_path, "--state", "state.db", "--workers", "2") as running:
        drain(running)
        with WorkerClient(running.port, "fk_history") as first:
            names = {key: first.name_of(key) for key in (1, 10, 11)}
        calls: dict[int, list[RecordCall]] = {key: [] for key in names}

        def use(number: int) -> None:
            choices = random.Random(f"{share_of_edits} {number}")
            with WorkerClient(running.port, "fk_history") as client:
                for count in range(120):
                    key, value = choices.choice(list(names)), f"client {number} edit {count}"
                    start = time.monotonic()
                    if choices.random() < share_of_edits:
                        client.edit(key, value)
                        calls[key].append(RecordCall(start, time.monotonic(), written=value))
                    else:
                        seen = client.name_of(key)
                        calls[key].append(RecordCall(start, time.monotonic(), seen=seen))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(use, range(8)))
    for key, name in names.items():
        assert len(calls[key]) > 200
        assert is_linearizable(calls[key], name), key
