"""An account: what one key changed, what it was asked, and what else is different for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fakekit.accounts.baseline import Ground
from fakekit.accounts.changes import Changes, Overlay
from fakekit.accounts.clock import Clock
from fakekit.accounts.journal import Journal
from fakekit.errors import Problem, SnapshotError
from fakekit.import_lock import IMPORT_LOCK

if TYPE_CHECKING:
    from fakekit.faults.weather import Armed, Due, Weather

SNAPSHOTS = 32
"""How many snapshots an account keeps."""


class Account(Overlay):
    """One key: a view of a world, with its journal, its faults and its clock.

    held: somebody keeps the account itself, so it may not make room for another.
    users: how many requests are under way that change it or wait for it; it may not make room either.
    closed: it was forgotten; what is changed in it now, no request will see.
    own: whether its ground is its own and not that of all keys.
    assumed: the assumptions that its answers leaned on.
    keeper: what is told of every change, while nobody else can make one.
    """

    def __init__(self, key: str, ground: Ground, journal: Journal, own: bool = False) -> None:
        super().__init__(ground.world)
        self.key, self.ground, self.journal, self.own = key, ground, journal, own
        self.held = self.closed = False
        self.users = 0
        self.assumed: dict[str, None] = {}
        self.clock = Clock(ground.real)
        self.keeper: Callable[[Account], None] | None = None
        self._weather: Weather | None = _weather(ground) if ground.faults else None
        self._snapshots: dict[str, Changes] = {}
        self._last_snapshot = 0

    @property
    def weather(self) -> Weather:
        """Its faults."""
        with self._lock:
            if self._weather is None:
                self._weather = _weather(self.ground)
            return self._weather

    def due(self, method: str, path: str, carried: str) -> Due | None:
        """The faults that have their way with a request; None where there are none at all."""
        if self._weather is None and not carried:
            return None
        return self.weather.due(method, path, carried)

    def unused(self) -> list[Armed]:
        """The faults somebody added that were not used as often as they might have been."""
        weather = self._weather
        return weather.unused() if weather is not None else []

    def stubbed_segments(self) -> list[str]:
        """What stands in the paths of its faults: somebody wrote it there, so it may be shown."""
        weather = self._weather
        return weather.segments() if weather is not None else []

    def snapshot(self) -> str:
        """Keep a copy of what it changed; the name to restore it by. Raises `SnapshotError`."""
        with self._lock:
            if len(self._snapshots) >= SNAPSHOTS:
                raise SnapshotError(
                    Problem("", f"an account keeps {SNAPSHOTS} snapshots at most", "", "fewer")
                )
            self._last_snapshot += 1
            name = f"s{self._last_snapshot}"
            self._snapshots[name] = self.changes()
            return name

    def go_back(self, name: str) -> bool:
        """Restore a snapshot, which stays; False when there is none of this name."""
        with self._lock:
            found = self._snapshots.get(name)
            if found is not None:
                self.restore(found)
            return found is not None

    @property
    def snapshots(self) -> list[str]:
        """The names of its snapshots, oldest first."""
        return list(self._snapshots)

    def drop_snapshot(self, name: str) -> bool:
        """Forget a snapshot; False when there is none of this name."""
        with self._lock:
            return self._snapshots.pop(name, None) is not None

    def renew(self) -> None:
        """As it was when it was opened: no changes, snapshots or faults, the real time. The journal stays."""
        with self._lock:
            self.reset()
            self._snapshots.clear()
            self.clock.reset()
            self._weather = _weather(self.ground) if self.ground.faults else None

    @property
    def kept(self) -> bool:
        """Whether there is anything in it that a new account would not have, but its journal."""
        weather = self._weather
        return bool(
            self.changed
            or self.held
            or self.users
            or self.own
            or self._snapshots
            or self.clock.changed
            or (weather is not None and weather.touched)
        )

    def _touched(self) -> None:
        super()._touched()
        if self.keeper is not None:
            self.keeper(self)


def _weather(ground: Ground) -> Weather:
    with IMPORT_LOCK:
        from fakekit.faults.weather import Weather  # its kinds take a while, and most accounts have none

    return Weather(ground.faults)


def untouched(ground: Ground) -> Account:
    """An account that nobody changes: what all see that changed nothing."""
    return Account("", ground, Journal())
