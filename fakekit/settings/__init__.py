"""The settings of a fake: from the command line, the environment, ``pyproject.toml`` or keyword arguments."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from fakekit.contract.assumptions import SetValue
from fakekit.errors import Problem, SettingsError, suggest
from fakekit.settings.declaration import Setting
from fakekit.settings.environment import filter_variables
from fakekit.settings.pyproject import load_table
from fakekit.settings.removed import REMOVED, REMOVED_VARIABLES, find_removed, removed_keyword
from fakekit.settings.state_location import StateLocation
from fakekit.settings.table import BY_NAME, SIZES, TABLE, SettingValues
from fakekit.settings.value_types import ASSUMPTIONS, PATHS


@dataclass(frozen=True)
class Settings(SettingValues):
    """The values of every option of a fake, checked and converted.

    `Settings.read` also reads the environment and ``pyproject.toml``; `Settings.of` only its arguments.

    sources: where each value comes from, by the option's name: ``--seed``, ``FAKEKIT_SEED``,
        ``pyproject.toml`` or ``default``.
    warnings: variables and keys that fakekit does not know or ignores; the caller prints them.
    """

    sources: Mapping[str, str] = field(default_factory=dict, compare=False)
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def sizes(self) -> dict[str, int]:
        """How many records are generated, by resource, without those for which nothing is set."""
        values = {name: getattr(self, name) for name in SIZES}
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def of(cls, **values: Any) -> Settings:
        """Return settings made of keyword arguments, ``Settings.of(seed=7)``; others have their default.

        Reads neither the environment nor files. Raises `SettingsError` for an unknown name or a bad value.
        """
        for name in values:
            if name in REMOVED:
                raise SettingsError(removed_keyword(name))
            if name not in BY_NAME:
                raise SettingsError(Problem(name, "is not a setting", "", suggest(name, BY_NAME)))
        return cls(**{name: BY_NAME[name].read(value, name) for name, value in values.items()})

    @classmethod
    def read(
        cls,
        arguments: Mapping[str, Any],
        environ: Mapping[str, str],
        folder: Path,
        names: Collection[str] = tuple(BY_NAME),
    ) -> Settings:
        """Return settings from arguments, the environment and ``pyproject.toml``; the first value wins.

        arguments: what the command line or the caller sets, by name; None counts as not set.
        environ: the environment's variables.
        folder: where to look for ``pyproject.toml``; then in the folders above.
        names: the settings to read. The others have their default, whatever is set for them.

        Raises `SettingsError` for an invalid value, unless another one overrides it, and for a setting of
        earlier versions, where the one that replaced it is read. Unknown variables and keys, and variables
        that Kubernetes sets, only become `warnings`.
        """
        file, keys = load_table(folder)
        removed = list(find_removed(arguments, environ, file, keys))
        if removed and "state" in names:
            raise SettingsError(removed)
        environ, variable_warnings = filter_variables(
            {name: value for name, value in environ.items() if name not in REMOVED_VARIABLES},
            {s.variable: s.value_type.can_be_url for s in TABLE},
        )
        values: dict[str, Any] = {}
        sources = dict.fromkeys(BY_NAME, "default")
        for setting in (setting for setting in TABLE if setting.name in names):
            found_in = _find_sources(setting, arguments, environ, file, keys)
            is_merged = setting.value_type is ASSUMPTIONS
            candidates = list(found_in if is_merged else islice(found_in, 1))
            if candidates:
                sources[setting.name], value = candidates[0]
                values[setting.name] = (
                    _merge(pairs for _, pairs in reversed(candidates)) if is_merged else value
                )
        return cls(
            **values, sources=sources, warnings=(*removed, *variable_warnings, *_unknown_keys(file, keys))
        )

    def with_(self, **values: Any) -> Settings:
        """Return a copy in which these settings have other values.

        Assumptions are merged by name; the new value of one wins. Raises `SettingsError` for an unknown name
        or an invalid value.
        """
        checked = Settings.of(**values)
        changes = {name: getattr(checked, name) for name in values}
        if "assumptions" in changes:
            changes["assumptions"] = _merge([self.assumptions, checked.assumptions])
        return dataclasses.replace(self, **changes)


def _merge(assumptions: Iterable[tuple[tuple[str, SetValue], ...]]) -> tuple[tuple[str, SetValue], ...]:
    """Return the values of assumptions from several sources, merged by name; of one name the last counts."""
    return tuple(dict(pair for pairs in assumptions for pair in pairs).items())


def _find_sources(
    setting: Setting,
    arguments: Mapping[str, Any],
    environ: Mapping[str, str],
    file: Path,
    keys: Mapping[str, Any],
) -> Iterator[tuple[str, Any]]:
    """Yield each source that has a value for a setting, with the value; the one that wins comes first.

    They are the arguments, the environment and the file, in this order. Yields nothing when the setting has
    its default. A value is checked only when the caller asks for it, so an invalid one that is overridden
    does no harm. Raises `SettingsError` for an invalid value.

    file, keys: the ``pyproject.toml`` and its table ``[tool.fakekit]``.
    """
    if arguments.get(setting.name) is not None:
        yield setting.flag, setting.read(arguments[setting.name], setting.flag)
    if environ.get(setting.variable, "").strip():  # CI systems set variables to nothing: not set
        yield setting.variable, setting.read(environ[setting.variable], setting.variable)
    if setting.name in keys:
        value = setting.read(keys[setting.name], f"{file}: tool.fakekit.{setting.name}")
        yield "pyproject.toml", _relative_to_file(setting, file, value)


def _relative_to_file(setting: Setting, file: Path, value: Any) -> Any:
    """Return a setting's value with its paths taken from the folder of `file`; other values unchanged.

    file: the ``pyproject.toml`` that has the value.
    """
    if isinstance(value, Path):
        return file.parent / value
    if isinstance(value, StateLocation):
        return value.in_folder(file.parent)
    return tuple(file.parent / path for path in value) if setting.value_type is PATHS else value


def _unknown_keys(file: Path, keys: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a warning for each key of ``[tool.fakekit]`` that is not a setting."""
    for key in filter(lambda name: name not in (*BY_NAME, *REMOVED), keys):
        yield Problem(f"{file}: tool.fakekit.{key}", "is not a setting", "", suggest(key, BY_NAME))
