"""A service that compresses its bodies though `fakekit drift` does not ask for it."""

from __future__ import annotations

import gzip

import pytest

from fakekit.drift.fake_service import FAKE_KEY, fake_send
from fakekit.drift.findings import Report
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse
from fakekit.drift.run import ComparedService, compare_services
from fakekit.drift.survey import ServiceError
from fakekit.settings import Settings

SMALL = Settings.of(customers=3, sales=3, items=3, expenses=3)


def drift_from(coding: str) -> Report:
    """The report on a service whose bodies are gzip, and which names a content coding."""
    send = fake_send(SMALL)

    def compressed(request: OutgoingRequest) -> ReceivedResponse:
        status, headers, body = send(request)
        return ReceivedResponse(status, {**headers, "content-encoding": coding}, gzip.compress(body, 1))

    return compare_services(ComparedService("127.0.0.1", compressed, FAKE_KEY), SMALL)


def test_a_body_in_gzip_is_read() -> None:
    assert drift_from("gzip").findings == ()


def test_codings_that_are_not_known_are_no_agreement() -> None:
    with pytest.raises(ServiceError) as raised:
        drift_from("zstd")
    assert str(raised.value) == (
        "nothing was compared: the body is in a content coding that is not read here; for br, pip install brotli"
    )


def test_a_byte_order_mark_is_found() -> None:
    send = fake_send(SMALL)

    def marked(request: OutgoingRequest) -> ReceivedResponse:
        status, headers, body = send(request)
        return ReceivedResponse(status, headers, b"\xef\xbb\xbf" + body)

    report = compare_services(ComparedService("127.0.0.1", marked, FAKE_KEY), SMALL)
    assert {finding.difference.kind.value for finding in report.findings} == {"character set"}
