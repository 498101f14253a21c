"""``fakekit drift``: compare the real service with the contract and with the fake."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from fakekit.cli.options import read_settings, settings_options
from fakekit.cli.output import print_error
from fakekit.cli.real_service import (
    AGREEMENT,
    DRIFT,
    NO_KEY,
    NO_SERVICE,
    ComparingCommand,
    MissingKeyError,
    ask_consent,
    read_api_key,
)
from fakekit.cli.report_options import report_options
from fakekit.documentation import page
from fakekit.errors import Problem, SettingsError
from fakekit.settings.table import ACCOUNT_SETTINGS

if TYPE_CHECKING:
    from fakekit.cli.report_options import Reporting
    from fakekit.drift.findings import Report
    from fakekit.drift.run import ComparedService
    from fakekit.settings import Settings

SELF = "fakekit itself"
"""How a report names the service of ``--self``."""


@click.command(
    cls=ComparingCommand,
    short_help="Compare the real service with the contract and the fake.",
    epilog=f"Verdicts, accept lists and a workflow: {page('drift')}",
)
@click.argument("base_url", metavar="BASE_URL", required=False)
@click.option("--self", "with_self", is_flag=True, help="Compare fakekit with itself, without a request.")
@click.option(
    "--api-key-env", metavar="NAME", help="The variable that has the key; without it, the key is asked for."
)
@click.option(
    "--allow-missing-key",
    is_flag=True,
    help="Compare nothing, and exit with 4, where the variable of --api-key-env is not set or empty.",
)
@click.option("--yes", is_flag=True, help="Do not ask before requests to another machine.")
@click.option(
    "--rate",
    type=click.FloatRange(0.01, 1000),
    default=2.0,
    show_default=True,
    help="How many requests are sent in a second at most.",
)
@click.option(
    "--max-requests",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="How many requests are sent at most; what is left out is listed as not observed.",
)
@report_options
@settings_options(["assumptions"])
def drift(
    base_url: str | None,
    with_self: bool,
    api_key_env: str | None,
    allow_missing_key: bool,
    yes: bool,
    rate: float,
    max_requests: int,
    reporting: Reporting,
    **options: object,
) -> None:
    """Compare the service at BASE_URL with the documented contract and with the fake.

    It only reads: GETs, one of them without a key, one with a made-up key. First it prints how many, and
    asks, unless the service is on this machine. No value of a record is printed, only the shapes of answers.

    Exit codes: 0 agreement, 2 drift, 3 the service is not reached or refuses the key, 1 any other error; 4
    there is no key, with --allow-missing-key.

    \f
    Raises `SettingsError` for options that exclude each other, and as `_open_service` does.
    """  # noqa: D301 (click ends the help at this character)
    from fakekit.drift.fake_service import FAKE_KEY, fake_send
    from fakekit.drift.run import ComparedService

    settings = read_settings({**dict.fromkeys(ACCOUNT_SETTINGS), **options}).with_(faults=())
    if with_self and reporting.learns:
        problem = "says nothing about the real service, so there is nothing to learn"
        raise SettingsError(Problem("--self", problem, "", "fakekit drift BASE_URL --learn"))
    if with_self == (base_url is not None):
        cure = "fakekit drift --self"
        raise SettingsError(Problem("", "needs the address of a service, or --self", "", cure))
    if base_url is None:
        service = ComparedService(SELF, fake_send(settings), FAKE_KEY)
    else:
        try:
            service = _open_service(base_url, settings, api_key_env, yes, rate, max_requests)
        except MissingKeyError as error:
            if not allow_missing_key:
                raise
            print_error(f"{error}; nothing was compared")
            sys.exit(NO_KEY)
    report = reporting.order_findings(_compare(service, settings, max_requests))
    click.echo(reporting.render(report), nl=False)
    reporting.use_results(report, settings)
    sys.exit(DRIFT if report.findings else AGREEMENT)


def _open_service(
    base_url: str, settings: Settings, api_key_env: str | None, yes: bool, rate: float, max_requests: int
) -> ComparedService:
    """Print what will be sent to a service, ask for consent and the key, and return the service.

    The parameters are the options of the command. Raises `SettingsError`.
    """
    from fakekit.drift.client import HttpClient, read_base_url
    from fakekit.drift.run import ComparedService, count_requests_of
    from fakekit.drift.survey import LONGEST_WAIT, MOST_REPEATS

    if math.isnan(rate):
        raise SettingsError(Problem("--rate", "must be a number of requests in a second", "nan", "2"))
    base = read_base_url(base_url)
    planned = count_requests_of(settings)
    most = planned + MOST_REPEATS
    total = min(most, max_requests)
    seconds = math.ceil(min(total, planned) / rate)
    how_many = f"the first {total} of {most}" if total < most else f"at most {most}"
    click.echo(
        f"{how_many} requests: {planned - 2} GET, 1 without key, 1 with a made-up key,\n"
        f"{MOST_REPEATS} repeated up to {LONGEST_WAIT} s after a 429;\n"
        f"about {seconds} s at {rate:g}/s; nothing is written; host {base.host}",
        err=True,
    )
    ask_consent(base.is_loopback, yes)
    return ComparedService(base.host, HttpClient(base, rate), read_api_key(api_key_env))


def _compare(service: ComparedService, settings: Settings, max_requests: int) -> Report:
    """Compare a service and return the report; exits with 3 when it is not reached or refuses the key."""
    from fakekit.drift.run import compare_services, count_requests_of
    from fakekit.drift.survey import ServiceError

    try:
        with _show_progress(min(count_requests_of(settings), max_requests)) as report_progress:
            return compare_services(service, settings, max_requests, report_progress)
    except ServiceError as error:
        print_error(f"{service.host}: {error}")
        sys.exit(NO_SERVICE)


@contextmanager
def _show_progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on stderr during the block, if that is a terminal.

    Gives a function that takes the number of requests so far.
    """
    if not sys.stderr.isatty():
        yield lambda number: None
        return
    with click.progressbar(length=total, file=sys.stderr, width=40) as bar:
        yield lambda number: bar.update(1)
        bar.update(total - bar.pos)  # there was no need of some requests
