"""A run: the same requests to the real service and to the fake, compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.positions import TABLE
from fakekit.drift.api_key import ApiKey
from fakekit.drift.comparison import Comparison
from fakekit.drift.fake_service import FAKE_KEY, fake_send
from fakekit.drift.findings import Report
from fakekit.drift.judge import judge
from fakekit.drift.responses import Send
from fakekit.drift.settling import Settling
from fakekit.drift.survey import Survey, count_requests
from fakekit.settings import Settings


class ComparedService(NamedTuple):
    """A service that is compared.

    host: its name for the report.
    send: sends a request to it.
    key: a valid key of it.
    """

    host: str
    send: Send
    key: ApiKey


def compare_services(
    service: ComparedService,
    settings: Settings,
    max_requests: int = 1000,
    report_progress: Callable[[int], None] = lambda number: None,
) -> Report:
    """Compare a service with the contract and with a fake that has these settings; return the report.

    The service is asked first: nothing else is done when it cannot be. Raises `ServiceError` then.

    max_requests: how many requests the service gets at most.
    report_progress: called with the number of requests after each.
    """
    assumptions = assumptions_of(settings)
    real, fake = Comparison(assumptions), Comparison(assumptions)
    settling = Settling(assumptions)
    survey = Survey(service.send, real, service.key, max_requests, report_progress, settling)
    survey.run()
    Survey(fake_send(settings), fake, FAKE_KEY).run()
    not_observed = tuple(dict.fromkeys([*survey.not_observed, *real.not_observed()]))
    findings = tuple(judge(real, fake))
    results = settling.results(findings)
    return Report(service.host, survey.requests, findings, (), results, not_observed)


def assumptions_of(settings: Settings) -> Assumptions:
    """Return the values of the assumptions that settings describe."""
    return Assumptions(TABLE, dict(settings.assumptions))


def count_requests_of(settings: Settings) -> int:
    """Return how many requests a run makes with these settings, if no limit ends it before."""
    return count_requests(Comparison(assumptions_of(settings)).endpoints)
