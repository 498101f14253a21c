"""Every option, once. The command line, the environment, ``[tool.fakekit]`` and the docs read this table.

What wins, first to last: the command line (or a keyword argument), the ``FAKEKIT_...`` variable, the
key of ``[tool.fakekit]`` in the nearest ``pyproject.toml``, the default.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.assumptions import read_changes
from fakekit.contract.positions import TABLE as POSITIONS
from fakekit.errors import FaultError, Problem, SettingsError, show, suggest
from fakekit.import_lock import IMPORT_LOCK
from fakekit.settings.environment import PREFIX, own_variables
from fakekit.settings.kinds import (
    FAULT_KINDS,
    FAULTS,
    FLAG,
    HOST,
    PAIRS,
    PATH,
    PATHS,
    TEXT,
    Kind,
    choice,
    whole,
)
from fakekit.settings.pyproject import tool_table

DEFAULT_PORT = 4310
DEFAULT_CUSTOMERS = 50


@dataclass(frozen=True)
class Setting:
    """One option: its name, type, default and help. Flag, variable and key follow from the name.

    serving: whether it only concerns ``fakekit serve`` and not the app.
    also: another spelling of its flag.
    secret: whether its value may stand in no error.
    page: of the documentation, if one says more than `help`.
    """

    name: str
    kind: Kind
    default: Any
    help: str
    serving: bool = False
    also: str = ""
    secret: bool = False
    page: str = ""

    @property
    def flag(self) -> str:
        """As the command line spells it: ``--max-accounts``."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """As the environment spells it: ``FAKEKIT_MAX_ACCOUNTS``."""
        return PREFIX + self.name.upper()

    def read(self, value: Any, source: str) -> Any:
        """The value as its type; raises `SettingsError` that names the source."""
        try:
            parsed = self.kind.parse(value)
        except ValueError:
            found = "" if self.secret else show(value)
            problem = Problem(source, f"must be {self.kind.expected}", found)
            raise SettingsError(problem) from None
        if self.kind is FAULTS:
            _check_faults(parsed, source)
        return tuple(read_changes(POSITIONS, dict(parsed), source).items()) if self.kind is PAIRS else parsed


def _check_faults(faults: Iterable[str], source: str) -> None:
    with IMPORT_LOCK:
        from fakekit.faults.kinds import read  # marshmallow takes a while, and few give any

    try:
        for fault in faults:
            read(fault, source)
    except FaultError as error:
        raise SettingsError(error.problems) from None


TABLE: tuple[Setting, ...] = (
    Setting(
        "seed",
        whole(-(2**63), 2**63 - 1),
        1,
        "The world to serve: the same seed always gives the same customers.",
    ),
    Setting(
        "customers",
        whole(0, LARGEST_POPULATION),
        None,
        "How many customers the seed gives, ids 1 to N; 0 leaves only the fixture files. Wins over a "
        f"file's own population; {DEFAULT_CUSTOMERS} when neither says.",
    ),
    Setting(
        "fixtures",
        PATHS,
        (),
        "A fixture file, or a folder of them, laid over the generated world. May be given again; the "
        "later file wins.",
    ),
    Setting(
        "strict",
        FLAG,
        False,
        "Refuse fixture records and requests that break a rule of form (an e-mail address that does not "
        "look like one) instead of warning, and hold every answer against the contract.",
    ),
    Setting(
        "assumptions",
        PAIRS,
        (),
        "Set the value of an assumption, where you know better: missing.status=400. May be given again. "
        f"Those with a value are {', '.join(a.name for a in POSITIONS if a.value is not None)}.",
        page="fidelity",
    ),
    Setting(
        "max_accounts",
        whole(1, 1_000_000),
        10_000,
        "How many keys may have an account open at once; the least recently used unchanged one makes room.",
    ),
    Setting(
        "faults",
        FAULTS,
        (),
        "A fault that every key has from the start: fail=503,times=2, or slow=2s,path=customers/*. May be "
        f"given again. The kinds are {', '.join(FAULT_KINDS)}.",
        page="faults",
        also="--fault",
    ),
    Setting("host", HOST, "127.0.0.1", "The address to listen on.", serving=True),
    Setting(
        "port",
        whole(0, 65535),
        DEFAULT_PORT,
        "The port to listen on; 0 takes a free one.",
        serving=True,
    ),
    Setting(
        "server",
        choice("gunicorn", "waitress"),
        None,
        "What serves underneath. gunicorn, which is faster, where it runs; else waitress.",
        serving=True,
    ),
    Setting(
        "changes",
        PATH,
        None,
        "Keep what fk_demo changes in this fixture file, and begin with what is in it.",
        serving=True,
    ),
    Setting(
        "control_token",
        TEXT,
        None,
        "What the control API asks for when the server is not bound to loopback; made up and printed if not "
        "given. Give it as FAKEKIT_CONTROL_TOKEN: other users of a machine see command lines.",
        secret=True,
        serving=True,
    ),
    Setting(
        "tls",
        FLAG,
        False,
        "Serve HTTPS, with a certificate that is made for this run; how to trust it is printed.",
        serving=True,
    ),
    Setting(
        "ready_file",
        PATH,
        None,
        "Write a JSON object (url, base_url, port, pid) here once requests are answered.",
        serving=True,
    ),
    Setting(
        "exit_with_parent",
        FLAG,
        False,
        "End when the process that started the server ends.",
        serving=True,
    ),
)
BY_NAME = {setting.name: setting for setting in TABLE}
WORLD = tuple(setting.name for setting in TABLE if not setting.serving)
"""What a fake serves, wherever it runs."""
APP = (*WORLD, "host", "control_token")
"""What `create_app` reads: by the host it knows who may reach it, and whether control needs a token."""
WAITED = ("host", "port", "tls", "ready_file")
"""What ``fakekit wait`` reads when it is not told where."""


@dataclass(frozen=True)
class Settings:
    """What a server was told. Use `Settings.read` for environment and files, `Settings.of` for neither.

    sources: where each value came from, by name: ``--seed``, ``FAKEKIT_SEED``, ``pyproject.toml`` or
        ``default``.
    """

    seed: int = BY_NAME["seed"].default
    customers: int | None = BY_NAME["customers"].default
    fixtures: tuple[Path, ...] = BY_NAME["fixtures"].default
    strict: bool = BY_NAME["strict"].default
    assumptions: tuple[tuple[str, int | str], ...] = BY_NAME["assumptions"].default
    max_accounts: int = BY_NAME["max_accounts"].default
    faults: tuple[str, ...] = BY_NAME["faults"].default
    host: str = BY_NAME["host"].default
    port: int = BY_NAME["port"].default
    server: str | None = BY_NAME["server"].default
    changes: Path | None = BY_NAME["changes"].default
    control_token: str | None = field(default=BY_NAME["control_token"].default, repr=False)
    tls: bool = BY_NAME["tls"].default
    ready_file: Path | None = BY_NAME["ready_file"].default
    exit_with_parent: bool = BY_NAME["exit_with_parent"].default
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, **values: Any) -> Settings:
        """Settings from keyword arguments alone, each validated. Raises `SettingsError`."""
        for name in values:
            if name not in BY_NAME:
                raise SettingsError(Problem(name, "is not a setting", "", suggest(name, BY_NAME)))
        return cls(**{name: BY_NAME[name].read(value, name) for name, value in values.items()})

    @classmethod
    def read(
        cls,
        given: Mapping[str, Any],
        environ: Mapping[str, str],
        folder: Path,
        names: Collection[str] = tuple(BY_NAME),
    ) -> Settings:
        """Settings from everywhere.

        given: what the command line or the caller says, by name; None counts as not said.
        environ: the environment's variables.
        folder: where to look for ``pyproject.toml``, here and upwards.
        names: the settings to read. The others have their defaults, whatever is said of them.

        Raises `SettingsError`, but for a value that another one overrides; unknown variables and keys, and
        variables that somebody else meant, only warn, in `warnings`.
        """
        file, keys = tool_table(folder)
        environ, foreign = own_variables(environ, {s.variable: s.kind.holds_urls for s in TABLE})
        values: dict[str, Any] = {}
        sources = dict.fromkeys(BY_NAME, "default")
        for setting in (setting for setting in TABLE if setting.name in names):
            said = _said(setting, given, environ, file, keys)
            found = list(said) if setting.kind is PAIRS else list(islice(said, 1))
            if setting.kind is PAIRS and found:  # name by name, what wins is what wins
                merged = dict(pair for _, pairs in reversed(found) for pair in pairs)
                found[0] = (found[0][0], tuple(merged.items()))
            if found:
                sources[setting.name], values[setting.name] = found[0]
        return cls(**values, sources=sources, warnings=(*foreign, *_unknown_keys(file, keys)))

    def with_(self, **values: Any) -> Settings:
        """A copy with other values, validated as by `of`."""
        checked = Settings.of(**values)
        if "assumptions" in values:  # name by name, as in `read`
            merged = dict(self.assumptions) | dict(checked.assumptions)
            checked = dataclasses.replace(checked, assumptions=tuple(merged.items()))
        return dataclasses.replace(self, **{name: getattr(checked, name) for name in values})

    def with_warnings_told(self) -> Settings:
        """A copy without warnings, for a caller that has shown them."""
        return dataclasses.replace(self, warnings=())


def _said(
    setting: Setting,
    given: Mapping[str, Any],
    environ: Mapping[str, str],
    file: Path,
    keys: Mapping[str, Any],
) -> Iterator[tuple[str, Any]]:
    """Who says what of a setting, what wins first, read when it is asked for. Raises `SettingsError`."""
    if given.get(setting.name) is not None:
        yield setting.flag, setting.read(given[setting.name], setting.flag)
    if environ.get(setting.variable, "").strip():
        yield setting.variable, setting.read(environ[setting.variable], setting.variable)
    if setting.name in keys:
        value = setting.read(keys[setting.name], f"{file}: tool.fakekit.{setting.name}")
        yield "pyproject.toml", _beside(setting, file, value)


def _beside(setting: Setting, file: Path, value: Any) -> Any:
    """Paths in a file are meant from where the file is."""
    if isinstance(value, Path):
        return file.parent / value
    return tuple(file.parent / part for part in value) if setting.kind is PATHS else value


def _unknown_keys(file: Path, keys: Mapping[str, Any]) -> Iterator[Problem]:
    for key in filter(lambda name: name not in BY_NAME, keys):
        yield Problem(f"{file}: tool.fakekit.{key}", "is not a setting", "", suggest(key, BY_NAME))
