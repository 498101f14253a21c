"""Command-line options from the table of settings, and what they are set to."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from fakekit.cli.output import print_warning
from fakekit.settings import Settings
from fakekit.settings.declaration import Setting
from fakekit.settings.removed import REMOVED
from fakekit.settings.table import BY_NAME
from fakekit.settings.value_types import FLAG

F = TypeVar("F", bound=Callable[..., object])


class _SettingOption(click.Option):
    """The option of one setting; its help text is made when it is printed: that of faults takes an import."""

    def __init__(self, *args: Any, setting: Setting, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self._setting = setting

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its text for ``--help``, with the setting's default in brackets."""
        default = self._setting.default
        self.help = self._setting.help_text + ("" if default in (None, (), False) else f" [{default}]")
        return super().get_help_record(ctx)


def settings_options(names: Collection[str]) -> Callable[[F], F]:
    """Return a decorator that adds the options of these settings to a click command, in this order.

    names: the settings' names, such as ``seed``. With ``state`` go the options of earlier versions.
    """
    chosen = [BY_NAME[name] for name in names]

    def decorate(function: F) -> F:
        for setting in reversed(chosen):  # click lists the option of the last decorator first
            function = _option(setting)(function)
        for name in REMOVED if "state" in names else ():  # is parsed, so that the error can say what to write
            function = click.option(f"--{name}", hidden=True)(function)
        return function

    return decorate


def _option(setting: Setting) -> Callable[[F], F]:
    """Return the click decorator for the option of one setting: a flag with its opposite, or a value.

    Where the option is not used, the command gets None, or an empty tuple for one that can be repeated.
    """
    # default=None: the setting's own default would override the environment and pyproject.toml
    option = partial(click.option, cls=_SettingOption, setting=setting, default=None)
    if setting.value_type is FLAG:
        return option(f"{setting.flag}/--no-{setting.flag[2:]}")
    return option(
        *setting.flags,
        setting.name,
        metavar=setting.value_type.name,
        multiple=isinstance(setting.default, tuple),
    )


def read_settings(options: dict[str, object]) -> Settings:
    """Return the settings of a command, from its options, the environment and ``pyproject.toml``.

    An option wins over the environment, and that over the file. Hides a password of the state's URL from the
    list of processes. Prints the settings' warnings to stderr.
    Raises `SettingsError` for a value that cannot be used.

    options: the values of the command's options by name, as click passes them; only these settings are read.
    """
    values = {name: value for name, value in options.items() if value not in (None, ())}
    settings = Settings.read(values, os.environ, Path.cwd(), options)
    if settings.state is not None and settings.state.has_password:
        _hide_argument(settings.state.text, str(settings.state))
    for warning in settings.warnings:
        print_warning(warning, settings.log_format)
    return replace(settings, warnings=())  # they are printed once


def _hide_argument(secret: str, shown: str) -> None:
    """Overwrite an argument of this process, so that ``ps`` shows another text; forked children have it too.

    As mysql does with ``--password``: for the moment between the start and this call it can be seen. Does
    nothing where the system has no ``/proc/self/mem``, and when no argument has the text.

    secret: the text, a whole argument or the end of one. shown: what takes its place; cut to its length.
    """
    try:
        # proc(5): fields 48 and 49 are where the arguments begin and end; the name may contain blanks.
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        start, end = int(fields[45]), int(fields[46])
        with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
            memory.seek(start)
            found = memory.read(end - start).find(secret.encode() + b"\0")
            if found >= 0:
                memory.seek(start + found)
                length = len(secret.encode())
                memory.write(shown.encode()[:length].ljust(length))
    except (OSError, ValueError, IndexError):
        return
