"""Command-line options from the table of settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from fakekit.cli.output import print_warning
from fakekit.settings import Settings
from fakekit.settings.table import BY_NAME, TABLE, Setting
from fakekit.settings.value_types import FAULTS, FLAG, PAIRS, PATHS

F = TypeVar("F", bound=Callable[..., Any])

ALL = tuple(setting.name for setting in TABLE)


def settings_options(names: Iterable[str]) -> Callable[[F], F]:
    """Return a decorator that adds the options of these settings to a click command, in this order.

    names: the settings' names, such as ``seed``.
    """
    chosen = [BY_NAME[name] for name in names]

    def decorate(function: F) -> F:
        for setting in reversed(chosen):  # click lists the option of the last decorator first
            function = _option(setting)(function)
        return function

    return decorate


def _option(setting: Setting) -> Callable[[F], F]:
    """Return the click decorator for the option of one setting: a flag with its opposite, or a value.

    Where the option is not used, the command gets None, or an empty tuple for one that can be repeated.
    """
    help_text = setting.help + ("" if setting.default in (None, (), False) else f" [{setting.default}]")
    if setting.value_type is FLAG:
        return click.option(f"{setting.flag}/--no-{setting.flag[2:]}", default=None, help=help_text)
    metavar = setting.value_type.name
    return click.option(
        *filter(None, (setting.other_flag, setting.flag)),
        setting.name,
        metavar=metavar,
        multiple=setting.value_type in (FAULTS, PATHS, PAIRS),
        default=None,  # the setting's own default would override the environment and pyproject.toml
        help=help_text,
    )


def read_settings(options: dict[str, Any]) -> Settings:
    """Return the settings of a command, from its options, the environment and ``pyproject.toml``.

    An option wins over the environment, and that over the file. Prints the settings' warnings to stderr.
    Raises `SettingsError` for a value that cannot be used.

    options: the values of the command's options by name, as click passes them; only these settings are read.
    """
    values = {name: value for name, value in options.items() if value not in (None, ())}
    settings = Settings.read(values, os.environ, Path.cwd(), options)
    for warning in settings.warnings:
        print_warning(warning)
    return settings
