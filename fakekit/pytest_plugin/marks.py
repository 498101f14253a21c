"""The mark ``fakekit``: settings of the fake, and what happens to calls for the vendor's hosts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakekit import Settings

WORDS = ("intercept", "allow_real")
"""The arguments of the mark that are none of the fake's settings, see `fakekit.pytest_plugin.guard`."""


def find_mark_word(item: pytest.Item) -> tuple[str, Any]:
    """Return which of `WORDS` the closest mark says, and its value; ("", None) when none does.

    Raises ValueError for values that mean nothing, or both words at once.
    """
    for mark in item.iter_markers("fakekit"):
        arguments = {word: mark.kwargs[word] for word in WORDS if word in mark.kwargs}
        _check_arguments(arguments)
        for word, value in arguments.items():
            if value:
                return word, value
        if arguments:
            break
    return "", None


def may_use_the_fake(item: pytest.Item) -> bool:
    """Return whether a test uses the fixture: by name, or by ``getfixturevalue``, as its code shows.

    A test whose code, or the code of whose fixtures, names `FakeServer` counts, too.
    """
    if "xtrakit" in getattr(item, "fixturenames", ()):
        return True
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    functions = [definition.func for definitions in known.values() for definition in definitions]
    codes = [getattr(function, "__code__", None) for function in (getattr(item, "obj", None), *functions)]
    return any("xtrakit" in code.co_consts or "FakeServer" in code.co_names for code in codes if code)


def has_mark_word(item: pytest.Item, *words: str) -> bool:
    """Return whether any mark of a test has one of these arguments, whatever its value."""
    return any(word in mark.kwargs for mark in item.iter_markers("fakekit") for word in words)


def _check_arguments(arguments: Mapping[str, Any]) -> None:
    """Raise ValueError for values of the mark's words that mean nothing."""
    where = "@pytest.mark.fakekit"
    if not isinstance(arguments.get("intercept", False), bool) and arguments["intercept"] != "strict":
        raise ValueError(
            f"{where}: intercept: must be True, False or 'strict'; found {arguments['intercept']!r}"
        )
    if not isinstance(arguments.get("allow_real", False), bool):
        raise ValueError(f"{where}: allow_real: must be True or False; found {arguments['allow_real']!r}")
    if len([value for value in arguments.values() if value]) > 1:
        raise ValueError(f"{where}: intercept and allow_real exclude each other; write one of them")


def settings_of(item: Any, base: Settings | Mapping[str, Any]) -> Settings:
    """Return the settings of one test: those of its marks, the closest first, over the fixture's.

    base: what the fixture ``fakekit_settings`` returned; a dict is over the defaults.

    Raises `fakekit.errors.SettingsError` that names the mark or the fixture.
    """
    from fakekit.errors import Problem, SettingsError
    from fakekit.settings import Settings

    if not isinstance(base, Settings):
        if not isinstance(base, Mapping):
            problem = Problem("fakekit_settings", "must return settings", repr(base), 'a dict: {"seed": 7}')
            raise SettingsError(problem)
        values = _app_settings(base, "fakekit_settings")
        if "fixtures" in values:
            values["fixtures"] = _relative_to(item.config.rootpath, values["fixtures"])
        base = _with_sources(Settings.of(**values), values, "fakekit_settings")
    base = base.with_(host="127.0.0.1", port=0)
    for mark in reversed(list(item.iter_markers("fakekit"))):
        if mark.args:
            problem = Problem("@pytest.mark.fakekit", "takes keyword arguments only", "", "seed=7")
            raise SettingsError(problem)
        settings_by_name = {name: mark.kwargs[name] for name in mark.kwargs if name not in WORDS}
        values = _app_settings(settings_by_name, "@pytest.mark.fakekit", WORDS)
        if "fixtures" in values:
            values["fixtures"] = _relative_to(item.path.parent, values["fixtures"])
        base = _with_sources(base.with_(**values), values, "@pytest.mark.fakekit")
    return base


def _with_sources(settings: Settings, names: Iterable[str], where: str) -> Settings:
    """Return the settings with these names marked as set at `where`.

    A server elsewhere may have other defaults, so it is given what was set and nothing else.
    """
    return replace(settings, sources={**settings.sources, **dict.fromkeys(names, where)})


def _app_settings(values: Mapping[str, Any], where: str, suggestions: Sequence[str] = ()) -> dict[str, Any]:
    """Return a copy of settings by name, after a check that each concerns what is served.

    suggestions: further names that may be meant, to suggest them.

    Raises `SettingsError` for any other name, also for how it is served: the fixture has a free port.
    """
    from fakekit.errors import Problem, SettingsError, suggest
    from fakekit.settings.table import TABLE

    allowed = [setting.name for setting in TABLE if not setting.serve_only]
    for name in values:
        if name not in allowed:
            what = "is not a setting of the fake's"
            raise SettingsError(
                Problem(f"{where}: {name}", what, "", suggest(name, [*allowed, *suggestions]))
            )
    return dict(values)


def _relative_to(folder: Any, paths: Any) -> Any:
    """Return paths relative to a folder: the test's own for a mark, pytest's root for the fixture."""
    if isinstance(paths, str | os.PathLike):
        paths = [paths]
    return [folder / path for path in paths] if isinstance(paths, list | tuple) else paths
