"""The command line. Each command is a module of this package; errors become one line each here."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import click

from fakekit._version import __version__
from fakekit.cli.contract import endpoints, ledger, openapi
from fakekit.cli.exec import exec_
from fakekit.cli.files import check, generate, personas, schema
from fakekit.cli.output import drop_unwritten
from fakekit.cli.serve import serve
from fakekit.cli.wait import wait
from fakekit.documentation import page
from fakekit.errors import FakekitError


class _Group(click.Group):
    """A click group that prints our errors, and those of full or closed outputs, as one line each."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. An error of ours or of the operating system ends in a message and exit code 2."""
        try:
            return super().invoke(ctx)
        except FakekitError as error:
            _exit_with_error(str(error))
        except OSError as error:
            _exit_with_os_error(error)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command line; what click prints before it invokes a command, such as --help, may fail too."""
        try:
            return super().main(*args, **extra)
        except OSError as error:
            _exit_with_os_error(error)


def _exit_with_os_error(error: OSError) -> NoReturn:
    """Exit with code 2 and one line for a folder that is gone, or an output that is full or closed."""
    drop_unwritten(sys.stdout)
    _exit_with_error(f"{error.filename or 'output'}: {error.strerror}")


def _exit_with_error(message: str) -> NoReturn:
    """Print each line of a message to stderr behind `error:`, and exit with code 2."""
    for line in message.splitlines():
        click.echo(f"error: {line}", err=True)
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
    """Open /dev/null where the process was started without a stdin, stdout or stderr (``2>&-``).

    Otherwise the next socket gets the free number, and what somebody writes to stderr goes to a client.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            null_descriptor = os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
            os.set_inheritable(null_descriptor, True)


for command in (serve, exec_, wait, check, generate, schema, personas, endpoints, openapi, ledger):
    main.add_command(command)
