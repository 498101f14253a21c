"""The command line ``fakekit``: the group of all commands, and how an error is printed."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from fakekit._version import __version__
from fakekit.cli.output import print_error, redirect_failed_stream, set_encoding
from fakekit.documentation import page
from fakekit.errors import FakekitError, nearest

_COMMANDS = {
    "account": "fault open records requests reset",
    "contract": "endpoints ledger openapi",
    "drift": "drift",
    "exec": "exec",
    "files": "check generate personas schema",
    "serve": "serve",
    "shadow": "shadow",
    "state": "state",
    "wait": "wait",
}
_MODULES = {name: module for module, names in _COMMANDS.items() for name in names.split()}
"""Each command, and the module of this package that it is in.

A module is imported when its command is needed, so `fakekit wait` does not import what `fakekit serve` needs.
"""


class _Group(click.Group):
    """The click group of all commands; it prints errors as one line each instead of a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order in which ``--help`` lists them.

        ctx: click's context; not used here.
        """
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command, and return the command; None for an unknown name."""
        if cmd_name not in _MODULES:
            return None
        module = import_module(f"fakekit.cli.{_MODULES[cmd_name]}")
        suffix = "_" if cmd_name in ("exec", "open") else ""  # Python has functions of these names
        command: click.Command = getattr(module, f"{cmd_name}{suffix}")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the name of a command, the command, and its arguments.

        For an unknown name, the error names the nearest command: click compares only with commands that were
        imported, and before 8.4 with none.

        args: the command line from the command's name on.
        """
        name = args[0]
        similar = None if name in _MODULES or name.startswith("-") else nearest(name, _MODULES)
        if similar is not None:
            ctx.fail(f"No such command {name!r}. Did you mean {similar!r}?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an error of fakekit or of the operating system is printed, and the exit code is 2.

        ctx: click's context, with the parsed command line.
        """
        try:
            return super().invoke(ctx)
        except FakekitError as error:
            _exit_with_error(str(error))
        except OSError as error:
            _exit_with_os_error(error)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command line; an OSError exits with code 2 and one line.

        Overridden because click prints some output (``--help``) before it calls `invoke`: that may fail too.
        click's context has the id of the parent process, which may end while modules are imported.
        """
        set_encoding(sys.stdout)
        try:
            return super().main(*args, obj=os.getppid(), **extra)
        except OSError as error:
            _exit_with_os_error(error)


def _exit_with_os_error(error: OSError) -> NoReturn:
    """Print one line for an error of the operating system, and exit with code 2.

    For a folder that is gone, or an output that is full or closed. Output that was not printed yet is lost.
    """
    redirect_failed_stream(sys.stdout)
    _exit_with_error(f"{error.filename or 'output'}: {error.strerror}")


def _exit_with_error(message: str) -> NoReturn:
    """Print a message as an error, and exit with code 2."""
    print_error(message)
    sys.exit(2)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"Documentation: {page('start')}",
)
@click.version_option(__version__, prog_name="fakekit")
def main() -> None:
    """A fake of the XtraKit API: the documented answers, without an account."""
    _open_standard_streams()


def _open_standard_streams() -> None:
    """Open /dev/null in the place of a stdin, stdout or stderr that was closed at the start (``2>&-``).

    Otherwise the next socket gets its file descriptor, and what is printed goes to a client.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            null_descriptor = os.open(
                os.devnull, os.O_RDWR
            )  # POSIX: open returns the lowest free number, which is this one
            os.set_inheritable(null_descriptor, True)
