"""Plugins that replace the clock, the file system or sockets: freezegun, time-machine, pyfakefs, socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import freezegun
import pytest
import time_machine

from fakekit import Handle

CLOCKS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "freezegun": lambda: freezegun.freeze_time("2020-01-01 12:00:00"),
    "freezegun-later": lambda: freezegun.freeze_time("2041-01-01"),
    "time-machine": lambda: time_machine.travel("2020-01-01 12:00:00+00:00", tick=False),
    "time-machine-ticks": lambda: time_machine.travel("2041-01-01 12:00:00+00:00"),
}


@pytest.fixture(params=[*CLOCKS, "pyfakefs", "socket"])
def replaced(request: pytest.FixtureRequest) -> Iterator[None]:
    """What stands in the place of the clock, the file system or sockets, before the fake is first used."""
    if request.param in CLOCKS:
        with CLOCKS[request.param]():
            yield
    else:
        request.getfixturevalue({"pyfakefs": "fs", "socket": "socket_disabled"}[request.param])
        yield


def test_before(replaced: None, xtrakit: Handle, operate: Callable[[Handle], None]) -> None:
    operate(xtrakit)


def test_after(xtrakit: Handle, replaced: None, operate: Callable[[Handle], None]) -> None:
    operate(xtrakit)


def test_again_without(xtrakit: Handle, operate: Callable[[Handle], None]) -> None:
    operate(xtrakit)
