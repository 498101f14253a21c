"""What accounts start from, made from settings: worlds with their fixture files, assumptions, faults."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from fakekit.accounts.baseline import Baseline
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.positions import TABLE
from fakekit.errors import FixtureError, format_problems
from fakekit.fixtures.load import Fixtures, load
from fakekit.import_lock import IMPORT_LOCK
from fakekit.log import LOGGER
from fakekit.resources import RECORDS
from fakekit.settings import Settings
from fakekit.settings.table import DEFAULT_CUSTOMERS
from fakekit.unpatched import is_folder, list_folder, stat_of
from fakekit.world.world import World

if TYPE_CHECKING:
    from fakekit.faults.fault import Fault

MAX_REMEMBERED = 8
"""How many baselines are kept for accounts to come."""

_PACKAGE = Path(__file__).parent.parent
_DOCUMENTED = (_PACKAGE / "documented", _PACKAGE.parent / "fixtures" / "documented")
"""Where the vendor's own sample records are: in the package, or beside it in a checkout."""

Texts = tuple[tuple[str, str], ...]
"""Fixture files that are nowhere on disk: their names and what they hold."""


class Baselines:
    """Baselines by their settings: the same settings give the same one, while their files do not change."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._by_settings: OrderedDict[Any, Baseline] = OrderedDict()
        self._lock = Lock()

    def for_settings(self, settings: Settings, texts: Texts = ()) -> Baseline:
        """The baseline of some settings. Raises `FixtureError`."""
        app_values = {
            s: getattr(settings, s) for s in ("seed", "customers", "strict", "assumptions", "faults")
        }
        key = (
            tuple(app_values.items()),
            settings.fixtures,
            tuple(map(_file_versions, settings.fixtures)),
            texts,
        )
        with self._lock:
            if key not in self._by_settings:
                self._by_settings[key] = build_baseline(settings, texts)
                if len(self._by_settings) > MAX_REMEMBERED:
                    self._by_settings.popitem(last=False)
            self._by_settings.move_to_end(key)
            return self._by_settings[key]

    def for_account(self, values: Mapping[str, Any]) -> Baseline:
        """The baseline of an account with settings of its own: what is not said, is as for all others.

        Raises `fakekit.errors.SettingsError`, `FixtureError`.
        """
        own_values = dict(values)
        texts: Texts = own_values.pop("fixtures", None) or ()
        settings = self.settings.with_(**own_values, **({"fixtures": ()} if texts else {}))
        return self.for_settings(settings, texts)


def _file_versions(path: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells a file, or the files of a folder, from an earlier state of it."""
    files = [path / name for name in list_folder(path)] if is_folder(path) else [path]
    results = [(file.name, stat_of(file)) for file in files]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in results if stat is not None)


def build_baseline(settings: Settings, texts: Iterable[tuple[str, str]] = ()) -> Baseline:
    """The baseline that settings describe. Raises `FixtureError`, `FaultError`."""
    assumptions = Assumptions(TABLE, dict(settings.assumptions))
    faults: tuple[Fault, ...] = ()
    if settings.faults:
        with IMPORT_LOCK:
            from fakekit.faults.registry import read_fault

        faults = tuple(read_fault(fault, "faults") for fault in settings.faults)
    return Baseline(build_world(settings, texts), assumptions, settings.strict, faults)


def build_world(settings: Settings, texts: Iterable[tuple[str, str]] = ()) -> World:
    """The world that settings describe, its fixture files read; warnings go to the log."""
    fixtures = load(settings.fixtures, RECORDS, settings.customers, settings.strict, texts)
    for line in format_problems(fixtures.warnings).splitlines():
        LOGGER.warning("%s", line)
    size = settings.customers
    if size is None:
        size = fixtures.population if fixtures.population is not None else DEFAULT_CUSTOMERS
    documented = _documented().records if size else {}
    file_records = {a: r for a, r in documented.items() if a not in fixtures.removed}
    return World(RECORDS, settings.seed, size, {**file_records, **fixtures.records}, fixtures.removed)


def _documented() -> Fixtures:
    """Load the vendor's own sample records."""
    for folder in _DOCUMENTED:
        if is_folder(folder):
            return load([folder], RECORDS, None, strict=False)
    raise FixtureError([])
