"""The settings of a fake: from the command line, the environment, ``pyproject.toml`` or keyword arguments."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from fakekit.errors import Problem, SettingsError, suggest
from fakekit.settings.environment import own_variables
from fakekit.settings.pyproject import tool_table
from fakekit.settings.table import BY_NAME, TABLE, Setting
from fakekit.settings.value_types import PAIRS, PATHS


@dataclass(frozen=True)
class Settings:
    """Every option of a fake. `Settings.read` takes the environment and files, `Settings.of` neither.

    sources: by name where each value came from: ``--seed``, ``FAKEKIT_SEED``, ``pyproject.toml`` or
        ``default``.
    warnings: unknown variables and keys, for the caller to show.
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
        """Return settings made of keyword arguments alone, each checked; the others have their default.

        Raises `SettingsError`.
        """
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
        """Return settings from the caller, the environment and ``pyproject.toml``; the first of these wins.

        given: what the command line or the caller sets, by name; None counts as not set.
        environ: the environment's variables.
        folder: where to look for ``pyproject.toml``, here and upwards.
        names: the settings to read. The others have their defaults, whatever is set for them.

        Raises `SettingsError`, but not for a value that another one overrides. Unknown variables and keys,
        and
        variables that somebody else meant, are only `warnings`.
        """
        file, keys = tool_table(folder)
        environ, foreign_warnings = own_variables(
            environ, {s.variable: s.value_type.holds_urls for s in TABLE}
        )
        values: dict[str, Any] = {}
        sources = dict.fromkeys(BY_NAME, "default")
        for setting in (setting for setting in TABLE if setting.name in names):
            found_in = _sources_of(setting, given, environ, file, keys)
            candidates = list(found_in) if setting.value_type is PAIRS else list(islice(found_in, 1))
            if setting.value_type is PAIRS and candidates:  # name by name, what wins is what wins
                merged = dict(pair for _, pairs in reversed(candidates) for pair in pairs)
                candidates[0] = (candidates[0][0], tuple(merged.items()))
            if candidates:
                sources[setting.name], values[setting.name] = candidates[0]
        return cls(**values, sources=sources, warnings=(*foreign_warnings, *_unknown_keys(file, keys)))

    def with_(self, **values: Any) -> Settings:
        """Return a copy with other values, checked as by `of`; assumptions are merged by name.

        Raises `SettingsError`.
        """
        checked = Settings.of(**values)
        if "assumptions" in values:  # name by name, as in `read`
            merged = dict(self.assumptions) | dict(checked.assumptions)
            checked = dataclasses.replace(checked, assumptions=tuple(merged.items()))
        return dataclasses.replace(self, **{name: getattr(checked, name) for name in values})

    def without_warnings(self) -> Settings:
        """Return a copy without warnings, for a caller that has shown them."""
        return dataclasses.replace(self, warnings=())


def _sources_of(
    setting: Setting,
    given: Mapping[str, Any],
    environ: Mapping[str, str],
    file: Path,
    keys: Mapping[str, Any],
) -> Iterator[tuple[str, Any]]:
    """Yield source and value of each place that sets a setting, the winner first.

    Each is checked when it is asked for, so that an overridden value does no harm. Raises `SettingsError`.
    """
    if given.get(setting.name) is not None:
        yield setting.flag, setting.read(given[setting.name], setting.flag)
    if environ.get(setting.variable, "").strip():
        yield setting.variable, setting.read(environ[setting.variable], setting.variable)
    if setting.name in keys:
        value = setting.read(keys[setting.name], f"{file}: tool.fakekit.{setting.name}")
        yield "pyproject.toml", _relative_to_file(setting, file, value)


def _relative_to_file(setting: Setting, file: Path, value: Any) -> Any:
    """Return paths of a file as relative to the file's folder; other values as they are."""
    if isinstance(value, Path):
        return file.parent / value
    return tuple(file.parent / part for part in value) if setting.value_type is PATHS else value


def _unknown_keys(file: Path, keys: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a warning for each key of ``[tool.fakekit]`` that is not a setting."""
    for key in filter(lambda name: name not in BY_NAME, keys):
        yield Problem(f"{file}: tool.fakekit.{key}", "is not a setting", "", suggest(key, BY_NAME))
