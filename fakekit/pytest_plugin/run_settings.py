"""The settings of a pytest run: read, shown in pytest's header, sent to servers; and ``fakekit_env``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import pytest

from fakekit._version import WORLD_VERSION, __version__
from fakekit.documentation import page

if TYPE_CHECKING:
    from fakekit import Settings

T = TypeVar("T")


def read_settings(config: pytest.Config) -> Settings:
    """Return the fake's settings, from the environment and ``pyproject.toml`` in pytest's root folder.

    The environment wins. Some of them have ini values, ``fakekit_...``, which are between the two. The state
    has only that: what a developer keeps for ``fakekit serve`` is not for tests. The control token is only
    read for --fakekit-url: a fake of this run needs none.
    Imports fakekit's settings on the first call. Raises `fakekit.errors.SettingsError` for a wrong value.
    """
    from fakekit.settings import Settings
    from fakekit.settings.state_location import StateLocation
    from fakekit.settings.table import BY_NAME, INI_SETTINGS, TEST_SETTINGS

    token = ("control_token",) if config.getoption("fakekit_url") else ()
    settings = Settings.read({}, os.environ, config.rootpath, (*TEST_SETTINGS, *token))
    for name in INI_SETTINGS:
        key, setting = f"fakekit_{name}", BY_NAME[name]
        if config.getini(key) and settings.sources[name] != setting.variable:
            value = setting.read(config.getini(key), key)
            if isinstance(value, StateLocation):
                value = value.in_folder(config.rootpath)
            settings = replace(settings, **{name: value}, sources={**settings.sources, name: key})
    return settings


def describe_mark(config: pytest.Config) -> str:
    """Return the line about the mark, for --strict-markers and --markers.

    Only with --markers it names all settings, since that imports their declarations.
    """
    names: tuple[str, ...] = ("seed",)
    if config.option.markers:
        from fakekit.settings.table import ACCOUNT_SETTINGS, CHECK_SETTINGS

        names = (*ACCOUNT_SETTINGS, *CHECK_SETTINGS)
    arguments = ", ".join(f"{name}=..." for name in names)
    return f"fakekit({arguments}): settings of the fake for this test; see {page('settings')}"


def describe_settings(config: pytest.Config) -> str:
    """Return the lines for pytest's header: the server's address, or what was set and where it was set.

    A wrong setting becomes the text of a line instead of an error; warnings get lines of their own.
    """
    from fakekit.addresses import read_origin
    from fakekit.errors import FakekitError
    from fakekit.settings.table import ACCOUNT_SETTINGS

    url = config.getoption("fakekit_url")
    try:
        settings = read_settings(config)
        if url:
            return f"fakekit: at {read_origin(url)} (fakekit {__version__} here)"
    except FakekitError as error:
        return f"fakekit: {error}"
    seed_text = f"seed {settings.seed} ({settings.sources['seed']})"
    world = f"world {WORLD_VERSION} (fakekit {__version__})"
    parts = [f"fakekit: {seed_text}, {world}"]
    for name in ACCOUNT_SETTINGS:
        if settings.sources[name] != "default" and name != "seed":
            parts.append(f"{name} ({settings.sources[name]})")
    if settings.state is not None:
        parts.append(f"state {settings.state} ({settings.sources['state']})")
    warnings = "".join(f"\nfakekit: warning: {warning}" for warning in settings.warnings)
    return ", ".join(parts) + warnings


def fail_without_traceback(function: Callable[[], T]) -> T:
    """Call a function and return its result; fail the running test if it raises an error of fakekit's.

    The failure shows the error's message alone: its traceback is in fakekit, where the user cannot mend it.
    """
    from fakekit.errors import FakekitError

    try:
        return function()
    except FakekitError as error:
        message = str(error)
    pytest.fail(f"fakekit: {message}", pytrace=False)


def remote_settings(settings: Settings, base: Settings | None) -> Iterator[tuple[str, object]]:
    """Yield the settings, by name and as JSON, to open an account with on a server outside of this process.

    Those are the settings in which the account differs from the server.

    settings: of the account.
    base: what the server was started with; None when somebody else started it. Then settings that differ from
        the defaults, or that were set, are yielded.
    """
    from fakekit.contract.assumptions import values_as_json
    from fakekit.fixtures.paths import read_files
    from fakekit.settings.table import ACCOUNT_SETTINGS, BY_NAME

    for name in ACCOUNT_SETTINGS:
        value = getattr(settings, name)
        is_set = base is None and settings.sources.get(name, "default") != "default"
        if is_set or value != (getattr(base, name) if base is not None else BY_NAME[name].default):
            if name == "fixtures":  # the other process may have other files
                value = [{"name": file, "text": text} for file, text in read_files(value)]
            yield name, values_as_json(value) if name == "assumptions" else value


def read_variables(lines: Sequence[str], values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each environment variable that the lines of ``fakekit_env`` set.

    lines: each is ``NAME`` or ``NAME = text with {base_url}``. A bare name gets ``{api_key}`` if it contains
        KEY or TOKEN, else ``{base_url}``. Empty lines are skipped.
    values: what the names in braces stand for.

    Raises `fakekit.SettingsError` for another name in braces, and for what is no name of a variable.
    """
    from fakekit.errors import Problem, SettingsError

    for line in filter(str.strip, lines):
        name, separator, text = (part.strip() for part in line.partition("="))
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            description, write = "is not the name of an environment variable", "CRM_URL = {base_url}"
            raise SettingsError(Problem("fakekit_env", description, name, write))
        if separator and not text:
            raise SettingsError(Problem(f"fakekit_env: {name}", "has no value", "", f"{name} = {{base_url}}"))
        if not separator:
            text = "{api_key}" if re.search("KEY|TOKEN", name, re.I) else "{base_url}"
        try:
            value = text.format(**values)
        except (KeyError, IndexError, ValueError, AttributeError, TypeError):  # the last two: {base_url.x}
            write = f"one of {', '.join(f'{{{known}}}' for known in values)}"
            problem = Problem(f"fakekit_env: {name}", "names an unknown value", text, write)
            raise SettingsError(problem) from None
        yield name, value
