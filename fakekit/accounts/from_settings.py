"""Build what accounts start from: worlds with their fixture files, assumptions, faults."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from json import dumps, loads
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakekit._version import WORLD_VERSION
from fakekit.accounts.baseline import Baseline
from fakekit.accounts.state_store import UnusableSettingsError
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.positions import TABLE
from fakekit.errors import (
    FakekitError,
    FixtureError,
    Problem,
    SettingsError,
    format_problems,
)
from fakekit.fixtures.load import Fixtures, load
from fakekit.import_lock import IMPORT_LOCK
from fakekit.log import LOGGER
from fakekit.resources import RECORDS
from fakekit.settings import Settings
from fakekit.settings.table import ACCOUNT_SETTINGS, BY_NAME, DEFAULT_CUSTOMERS, SIZES
from fakekit.unpatched import Lock, is_folder, list_folder, stat_of
from fakekit.world.random_values import WorldOptions
from fakekit.world.world import World

if TYPE_CHECKING:
    from fakekit.faults.fault import Fault

MAX_REMEMBERED = 8
"""How many results `Baselines` keeps, so that tests with the same settings share a world."""

_PACKAGE = Path(__file__).parent.parent
_DOCUMENTED = (_PACKAGE / "documented", _PACKAGE.parent / "fixtures" / "documented")
"""Where the vendor's own sample records are: in the package, or beside it in a checkout."""

_FILES = "fixture_contents"
"""The name of the fixture files that are nowhere on disk, in the stored settings of an account."""
FilePairs = tuple[tuple[str, str], ...]
"""Fixture files that are nowhere on disk: their names and what they hold."""


class Baselines:
    """Builds and caches what accounts start from: a world, assumptions and faults.

    The same settings give the same object, until one of their fixture files changes. At most
    `MAX_REMEMBERED` are cached.

    settings: those of the server; `for_account` starts from them.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._by_settings: OrderedDict[object, Baseline] = OrderedDict()
        self._lock = Lock()

    def for_settings(self, settings: Settings, files: FilePairs = ()) -> Baseline:
        """Return the world, assumptions and faults for accounts with these settings, built on first use.

        files: fixture files that are not on disk, as pairs of name and content.

        Raises `FixtureError` for a fixture file that cannot be served, and `FaultError` for a fault in the
        settings that cannot be parsed.
        """
        # Only what an account starts from; accounts that differ in a port share a baseline.
        values = tuple(getattr(settings, name) for name in ACCOUNT_SETTINGS)
        key = (values, tuple(map(_file_versions, settings.fixtures)), files)
        with self._lock:
            if key not in self._by_settings:
                baseline = build_baseline(settings, files)
                self._by_settings[key] = replace(baseline, settings=self._to_json(settings, files))
                if len(self._by_settings) > MAX_REMEMBERED:
                    self._by_settings.popitem(last=False)
            self._by_settings.move_to_end(key)
            return self._by_settings[key]

    def for_account(self, values: Mapping[str, Any]) -> Baseline:
        """Return the world, assumptions and faults for an account that changes some of the server's settings.

        values: settings by name, ``{"seed": 7}``, and under ``fixtures`` pairs of file name and content,
            which replace the server's fixture files.

        Raises `fakekit.errors.SettingsError` for a setting or value that does not exist, `FixtureError`.
        """
        app_values = dict(values)
        files: FilePairs = app_values.pop("fixtures", None) or ()
        settings = self.settings.with_(**app_values, **({"fixtures": ()} if files else {}))
        return self.for_settings(settings, files)

    def for_stored(self, text: str) -> Baseline:
        """Return what a stored account starts from, by the `Baseline.settings` that are stored with it.

        Raises `UnusableSettingsError` for settings that this server cannot use, as a fixture file that it
        does not have.
        """
        stored = loads(text) if text else {}
        files = tuple((name, content) for name, content in stored.pop(_FILES, ()))
        try:
            values = {name: BY_NAME[name].read(value, name) for name, value in stored.items()}
            return self.for_settings(replace(self.settings, **values), files)
        except FakekitError as error:
            message = f"an account was opened with settings that this server cannot use: {error}"
            raise UnusableSettingsError(Problem("", message, "", "delete the account")) from error

    def _to_json(self, settings: Settings, files: FilePairs) -> str:
        """Return the settings that differ from the server's, and fixture files, as JSON; empty for none."""
        values = {
            name: value
            for name in ACCOUNT_SETTINGS
            if (value := getattr(settings, name)) != getattr(self.settings, name)
        }
        if "assumptions" in values:
            values["assumptions"] = dict(settings.assumptions)
        if "fixtures" in values:
            values["fixtures"] = [str(Path.cwd() / path) for path in settings.fixtures]
        return dumps(values | ({_FILES: files} if files else {})) if values or files else ""


def _file_versions(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, modification time and size of a fixture file, or of each file of a folder.

    They are part of the key under which `Baselines` caches a world: a file that changed is loaded again.
    Missing files are left out.
    """
    files = [path / name for name in list_folder(path)] if is_folder(path) else [path]
    results = [(file.name, stat_of(file)) for file in files]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in results if stat is not None)


def build_baseline(settings: Settings, files: Iterable[tuple[str, str]] = ()) -> Baseline:
    """Build the world, assumptions and faults that accounts with these settings start from.

    files: fixture files that are not on disk, as pairs of name and content.

    Raises `FixtureError`, and `FaultError` for a fault in the settings that cannot be parsed.
    """
    assumptions = Assumptions(TABLE, dict(settings.assumptions))
    faults: tuple[Fault, ...] = ()
    if settings.faults:
        with IMPORT_LOCK:
            from fakekit.faults.registry import read_fault

        faults = tuple(read_fault(fault, "faults") for fault in settings.faults)
    return Baseline(build_world(settings, files), assumptions, settings.strict, faults)


def build_world(settings: Settings, files: Iterable[tuple[str, str]] = ()) -> World:
    """Build the world that settings describe, with the records of their fixture files.

    files: fixture files that are not on disk, as pairs of name and content.

    The population is the setting's, else the one that a fixture file states, else `DEFAULT_CUSTOMERS`.
    Warnings about the files go to the log. Raises `FixtureError`, and `SettingsError` for sales without
    anybody to sell to, or anything to sell.
    """
    fixtures = load(settings.fixtures, RECORDS, settings.sizes, settings.strict, files)
    for line in format_problems(fixtures.warnings).splitlines():
        LOGGER.warning("%s", line)
    population = DEFAULT_CUSTOMERS if fixtures.population is None else fixtures.population
    sizes = {"customers": population, **settings.sizes}
    counts = {name: resource.count_generated(sizes) for name, resource in RECORDS.items()}
    if sizes.get("sales") and min(counts["customers"], counts["items"]) < 2:
        write = "two of both, or sales = 0"
        raise SettingsError(Problem("sales", "needs two customers and two items to be of", "", write))
    documented = _documented().records if any(sizes.values()) else {}
    file_records = {
        address: record
        for address, record in documented.items()
        if sizes.get(address[0], sizes["customers"]) and address not in fixtures.removed
    }
    records = {**file_records, **fixtures.records}
    options = WorldOptions(settings.phones, settings.invoice_prefix)
    return World(RECORDS, settings.seed, sizes, records, fixtures.removed, options)


def describe_world(world: World) -> dict[str, str]:
    """Return what the records of a world depend on, by name: version, seed, sizes, files.

    Accounts that are stored are changes of one world; for another one, the store is refused.
    """
    records = [[resource, key, record] for (resource, key), record in sorted(world.file_records.items())]
    files = dumps([records, sorted(world.removed)], sort_keys=True)
    return {
        "world version": WORLD_VERSION,
        "seed": str(world.seed),
        **{name: str(world.count_generated(name)) for name in SIZES},
        "phones": world.options.phones,
        "invoice_prefix": world.options.invoice_prefix,
        "fixture files": sha256(files.encode()).hexdigest()[:12],
    }


def _documented() -> Fixtures:
    """Load the vendor's own sample records, which every world with customers starts with.

    They are in the package or, in a checkout, beside it. Raises `FixtureError` when the installation lacks
    them.
    """
    for folder in _DOCUMENTED:
        if is_folder(folder):
            return load([folder], RECORDS, {}, strict=False)
    write = "pip install --force-reinstall fakekit"
    raise FixtureError(Problem(str(_DOCUMENTED[0]), "is not there: the installation is not whole", "", write))
