"""What a command does before it reaches the real service: it says so, asks for consent, and reads the key."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from fakekit.cli.output import print_error
from fakekit.errors import FakekitError, Problem, SettingsError

if TYPE_CHECKING:
    from fakekit.drift.api_key import ApiKey

AGREEMENT, OWN_ERROR, DRIFT, NO_SERVICE, NO_KEY = range(5)
"""The exit codes of the commands that compare with the real service; `NO_KEY` by --allow-missing-key only."""


class MissingKeyError(SettingsError):
    """The variable that is to have the key of the real service is not set, or is empty."""


class _CommandLineError(click.UsageError):
    """A mistake in the command line of a command that compares."""

    exit_code = OWN_ERROR


class ComparingCommand(click.Command):
    """A command that compares with the real service: its own errors exit with 1, since 2 means drift."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Parse the command line. Raises `_CommandLineError`, which exits with 1, for a mistake in it."""
        try:
            return super().make_context(*args, **extra)
        except click.UsageError as error:
            raise _CommandLineError(error.format_message(), error.ctx) from None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error of fakekit or of the operating system is printed, and exits with 1."""
        try:
            return super().invoke(ctx)
        except (FakekitError, OSError) as error:
            print_error(error)
            sys.exit(OWN_ERROR)


def ask_consent(is_loopback: bool, yes: bool) -> None:
    """Ask for the consent to reach the real service, unless it is this machine or ``--yes`` was given.

    Raises `SettingsError` without a terminal to ask on, or for another answer than y.
    """
    if is_loopback or yes:
        return
    if not sys.stdin.isatty():
        problem = Problem("", "needs your consent, and there is no terminal to ask on", "", "--yes")
        raise SettingsError(problem)
    if not click.confirm("Go on?", err=True):
        raise SettingsError(Problem("", "nothing was sent"))


def read_api_key(variable: str | None) -> ApiKey:
    """Return the key of the real service, from an environment variable or a prompt without echo.

    The variable is removed from this process, so that no child process gets it. Raises `MissingKeyError` for
    a variable that is not set, or is empty, as CI servers set it for a secret that is not there;
    `SettingsError` for what is no key, and without a terminal to ask on.
    """
    from fakekit.drift.api_key import ApiKey

    if variable is not None:
        text = os.environ.pop(variable, None)
        if not text:
            raise MissingKeyError(
                Problem("--api-key-env", "names a variable that is not set, or is empty", variable)
            )
        return ApiKey(text, variable)
    if not sys.stdin.isatty():
        description = "is needed, and there is no terminal to ask for it on"
        raise SettingsError(Problem("an API key", description, "", "--api-key-env NAME"))
    return ApiKey(click.prompt("API key", hide_input=True, err=True), "the API key")
