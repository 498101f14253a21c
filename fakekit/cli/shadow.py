"""``fakekit shadow``: run a command with the real service, and compare what passes with the fake."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fakekit.cli.options import read_settings, settings_options
from fakekit.cli.output import print_error
from fakekit.cli.real_service import (
    AGREEMENT,
    DRIFT,
    NO_SERVICE,
    OWN_ERROR,
    ComparingCommand,
    ask_consent,
)
from fakekit.cli.report_options import report_options
from fakekit.documentation import page
from fakekit.errors import Problem, SettingsError
from fakekit.settings.table import ACCOUNT_SETTINGS
from fakekit.vendor import VENDOR_HOSTS, vendor_host

if TYPE_CHECKING:
    from fakekit.cli.report_options import Reporting
    from fakekit.drift.findings import Report
    from fakekit.drift.shadow import Shadow

_NOTHING = "no request of the command to the vendor's API could be observed"
_NOT_TRUSTED = "the certificate of the service is not trusted; write --ca-file FILE to trust others"
_VARIABLE = "XTRAKIT_BASE_URL"
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command(
    cls=ComparingCommand,
    short_help="Run a command with the real service, and compare it with the fake.",
    context_settings={"allow_interspersed_args": False},
    epilog=f"What is compared, and which clients are observed: {page('shadow')}",
)
@click.option("--base-url", metavar="URL", help="Where the service is, if not at the vendor's hosts.")
@click.option(
    "--ca-file", metavar="FILE", type=_FILE, help="The certificates by which the service is verified."
)
@click.option("--yes", is_flag=True, help="Do not ask before requests to another machine.")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report to FILE instead of stderr; stdout is the command's.",
)
@report_options
@settings_options(["assumptions"])
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
def shadow(
    command: tuple[str, ...],
    base_url: str | None,
    ca_file: Path | None,
    yes: bool,
    output: Path | None,
    reporting: Reporting,
    **options: object,
) -> None:
    """Run a command that calls the real service, and compare each response with that of the fake.

    For example: fakekit shadow -- python report.py

    The command needs no change. Its requests to https://app.xtrakit.com and https://api.xtrakit.com pass to
    the real service as they are, with its own key; what it writes is written there. fakekit makes no request:
    it computes its own response to each one, and keeps only how the shapes of the two differ.

    Exit codes: 0 agreement, 2 drift, 3 the service is not reached or refuses the key, 1 any other error. If
    nothing differs and the command fails, its exit code.

    \f
    Raises `SettingsError` for an option with a wrong value, before the command is run.
    """  # noqa: D301 (click ends the help at this character)
    from fakekit.drift.client import read_base_url
    from fakekit.drift.shadow import Shadow
    from fakekit.drift.shadow_fake import ShadowFake
    from fakekit.drift.shadow_session import open_shadow_session
    from fakekit.intercept.running import run

    settings = read_settings({**dict.fromkeys(ACCOUNT_SETTINGS), **options})
    base = read_base_url(base_url) if base_url is not None else None
    if base is None:
        _check_variable(os.environ.get(_VARIABLE, ""))
    if ca_file is not None:
        _check_certificates(ca_file)
    if output is not None and not output.parent.is_dir():
        raise SettingsError(Problem("--output", "is in a folder that does not exist", str(output)))
    hosts = base.host if base is not None else " and ".join(VENDOR_HOSTS)
    click.echo(f"the requests of the command reach {hosts}, also those that write;", err=True)
    click.echo("fakekit sends none", err=True)
    ask_consent(base is not None and base.is_loopback, yes)
    shadowing = Shadow(ShadowFake(settings))
    service_url = f"{base.origin}{base.path}" if base is not None else ""
    certificates = str(ca_file) if ca_file is not None else None
    with (
        shadowing.running(),
        open_shadow_session(service_url, certificates, os.environ, shadowing.report) as environ,
    ):
        code = run(command, environ)
    report = reporting.order_findings(shadowing.make_report(hosts))
    _write_report(reporting.render(report), output)
    reporting.use_results(report, settings)
    sys.exit(_exit_code(report, shadowing, code))


def _check_variable(url: str) -> None:
    """Raise `SettingsError` if the user's XTRAKIT_BASE_URL names another service than the vendor's.

    The command would write to the real service instead: it gets the vendor's URL in that variable.

    url: the value; empty where it is not set.
    """
    from fakekit.drift.client import read_base_url

    if not url:
        return
    base = read_base_url(url, _VARIABLE)
    if vendor_host(base.host) is None:
        service = f"{base.origin}{base.path}"
        description = "names another service than the vendor's, which the command would reach instead"
        raise SettingsError(Problem(_VARIABLE, description, service, f"--base-url {service}"))


def _check_certificates(ca_file: Path) -> None:
    """Raise `SettingsError` if a file has no certificates, with which no request could reach the service."""
    import ssl

    try:
        ssl.create_default_context(cafile=ca_file)
    except OSError:  # of which ssl.SSLError is one
        raise SettingsError(Problem("--ca-file", "has no certificate in PEM", str(ca_file))) from None


def _write_report(text: str, output: Path | None) -> None:
    """Write the text of a report to a file, or to stderr without one.

    Raises OSError where the file cannot be written; the report is then on stderr.
    """
    if output is not None:
        try:
            output.write_text(text, "utf-8")
        except OSError:
            click.echo(text, nl=False, err=True)
            raise
    else:
        click.echo(text, nl=False, err=True)


def _exit_code(report: Report, shadowing: Shadow, command_code: int) -> int:
    """Return the exit code of a run, and print why it is neither agreement nor drift.

    command_code: that of the command.
    """
    from fakekit.drift.terms import Description

    if not shadowing.accepted and not shadowing.failed:
        is_not_trusted = any(Description.NOT_TRUSTED in f.difference.seen for f in report.findings)
        refused = _NOT_TRUSTED if is_not_trusted else "the service did not answer, or refused the key"
        print_error(refused if shadowing.compared else _NOTHING)
        return NO_SERVICE
    if report.findings:
        return DRIFT
    if shadowing.failed:
        print_error(f"{shadowing.failed} responses could not be compared; please report it")
        return OWN_ERROR
    if command_code:
        print_error(f"the command ended with exit code {command_code}")
    return command_code or AGREEMENT
