"""The mark ``fakekit``: settings of the fake, and what happens to calls for the vendor's hosts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from fakekit import Settings

CALL_ARGUMENTS = ("intercept", "allow_real")
"""The mark's arguments about calls to the real service; its other arguments are settings of the fake."""


def find_call_argument(item: pytest.Item) -> tuple[str, object]:
    """Return which of `CALL_ARGUMENTS` a test's closest mark sets, and its value: ``("intercept", True)``.

    Return ``("", None)`` when none is set, or the closest mark with one of them sets it to False. Raises
    ValueError for a value of a wrong type, or both arguments at once.
    """
    for mark in item.iter_markers("fakekit"):
        arguments = {name: mark.kwargs[name] for name in CALL_ARGUMENTS if name in mark.kwargs}
        _check_arguments(arguments)
        for name, value in arguments.items():
            if value:
                return name, value
        if arguments:
            break
    return "", None


def uses_fake(item: pytest.Item) -> bool:
    """Return whether a test seems to use the fake, so that it is worth starting one before the tests.

    It does if it requests the fixture `xtrakit` or `xtrakit_server`, or if its code, or that of its fixtures,
    contains the string "xtrakit" (for ``getfixturevalue``) or the name `FakeServer`. Code in other functions
    is not looked at.
    """
    if not {"xtrakit", "xtrakit_server"}.isdisjoint(getattr(item, "fixturenames", ())):
        return True
    fixtures = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    functions = [fixturedef.func for overrides in fixtures.values() for fixturedef in overrides]
    codes = [getattr(function, "__code__", None) for function in (getattr(item, "obj", None), *functions)]
    return any("xtrakit" in code.co_consts or "FakeServer" in code.co_names for code in codes if code)


def has_mark_argument(item: pytest.Item, *names: str) -> bool:
    """Return whether any ``fakekit`` mark of a test has one of these arguments, whatever its value."""
    return any(name in mark.kwargs for mark in item.iter_markers("fakekit") for name in names)


def is_allowed(item: pytest.Item) -> bool:
    """Return whether a test's mark lets its calls to the real service through (``allow_real=True``).

    False also for a mark with wrong arguments; the redirecting fixture then fails the test.
    """
    try:
        return find_call_argument(item)[0] == "allow_real"
    except ValueError:
        return False


def index_of_function_scope(item: pytest.Item, names: Sequence[str]) -> int:
    """Return the index of the first fixture of a test that has function scope; their number if none has.

    The redirecting fixture is inserted there: pytest sets fixtures of a wider scope up first.

    names: the names of the test's fixtures, in the order in which they are set up.
    """
    fixtures = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    for index, name in enumerate(names):
        if name not in fixtures or fixtures[name][-1].scope == "function":
            return index
    return len(names)


def _check_arguments(arguments: Mapping[str, object]) -> None:
    """Raise ValueError unless the mark's arguments have valid values: a bool, or "strict" for intercept.

    Also when both arguments are set, since they exclude each other.

    arguments: those of one mark that are in `CALL_ARGUMENTS`; may be empty.
    """
    where = "@pytest.mark.fakekit"
    if not isinstance(arguments.get("intercept", False), bool) and arguments["intercept"] != "strict":
        raise ValueError(
            f"{where}: intercept: must be True, False or 'strict'; found {arguments['intercept']!r}"
        )
    if not isinstance(arguments.get("allow_real", False), bool):
        raise ValueError(f"{where}: allow_real: must be True or False; found {arguments['allow_real']!r}")
    if len([value for value in arguments.values() if value]) > 1:
        raise ValueError(f"{where}: intercept and allow_real exclude each other; write one of them")


def settings_of(item: pytest.Item, base: Settings | Mapping[str, Any]) -> Settings:
    """Return the settings of the fake for one test: `base`, changed by the test's marks.

    Of several marks the closest has precedence. Host and port are 127.0.0.1 and a free one. Relative paths of
    fixture files start at the test's folder for a mark, at pytest's root folder for `base`.

    item: the test.
    base: what the fixture `fakekit_settings` returned: settings, or a dict that changes the defaults.

    Raises `fakekit.errors.SettingsError`, which names the mark or the fixture.
    """
    from fakekit.errors import Problem, SettingsError

    _check_other_mark(item)
    settings = base_settings(base, item.config.rootpath)
    for mark in reversed(list(item.iter_markers("fakekit"))):
        if mark.args:
            problem = Problem("@pytest.mark.fakekit", "takes keyword arguments only", "", "seed=7")
            raise SettingsError(problem)
        values = {name: mark.kwargs[name] for name in mark.kwargs if name not in CALL_ARGUMENTS}
        settings = _with_values(settings, values, "@pytest.mark.fakekit", item.path.parent, CALL_ARGUMENTS)
    return settings


def _check_other_mark(item: pytest.Item) -> None:
    """Raise `SettingsError` for the mark ``xtrakit``, the fixture's name, if it has settings of the fake.

    A mark of the user's own with this name has none, and is left alone.
    """
    from fakekit.errors import Problem, SettingsError
    from fakekit.settings.table import TEST_SETTINGS

    for mark in item.iter_markers("xtrakit"):
        known = [name for name in mark.kwargs if name in (*TEST_SETTINGS, *CALL_ARGUMENTS)]
        if known:
            write = f"@pytest.mark.fakekit({known[0]}=...)"
            raise SettingsError(Problem("@pytest.mark.xtrakit", "is not the mark of the fake", "", write))


def base_settings(base: Settings | Mapping[str, object], root: Path) -> Settings:
    """Return what the fixture `fakekit_settings` returned as settings for 127.0.0.1 and a free port.

    base: settings, or a dict that changes the defaults.
    root: the folder that relative paths of fixture files start at.

    Raises `fakekit.errors.SettingsError`, which names the fixture.
    """
    from fakekit.errors import Problem, SettingsError, show
    from fakekit.settings import Settings

    if not isinstance(base, Settings):
        if not isinstance(base, Mapping):
            problem = Problem("fakekit_settings", "must return settings", show(base), 'a dict: {"seed": 7}')
            raise SettingsError(problem)
        base = _with_values(Settings.of(), base, "fakekit_settings", root)
    return base.with_(host="127.0.0.1", port=0)


def _with_values(
    settings: Settings,
    values: Mapping[str, object],
    where: str,
    folder: Path,
    suggestions: Sequence[str] = (),
) -> Settings:
    """Return the settings with these values, and `where` as their source.

    A server elsewhere may have other defaults, so a setting that was set is sent to it even if it equals
    ours.

    where: what set them, also for messages: ``@pytest.mark.fakekit``.
    folder: that relative paths of fixture files start at.
    suggestions: further names that the message may suggest for an unknown one.

    Raises `SettingsError` for a wrong value, for an unknown name, and for settings such as ``port`` that only
    `fakekit serve` has.
    """
    from fakekit.errors import Problem, SettingsError, suggest
    from fakekit.settings.table import TEST_SETTINGS

    for name in values:
        if name not in TEST_SETTINGS:
            correct_name = suggest(name, [*TEST_SETTINGS, *suggestions])
            raise SettingsError(Problem(f"{where}: {name}", "is not a setting of the fake", "", correct_name))
    paths = values.get("fixtures")
    if isinstance(paths, str | os.PathLike):
        paths = [paths]
    if isinstance(paths, list | tuple):  # the settings reject anything else
        values = {**values, "fixtures": [folder / path for path in paths]}
    sources = {**settings.sources, **dict.fromkeys(values, where)}
    return replace(settings.with_(**values), sources=sources)
