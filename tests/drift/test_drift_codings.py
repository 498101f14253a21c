"""A service that compresses its bodies though `fakekit drift` does not ask for it."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from fakekit.drift.fake_service import FAKE_KEY, fake_send
from fakekit.drift.findings import Report
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse
from fakekit.drift.run import ComparedService, compare_services
from fakekit.drift.survey import ServiceError
from fakekit.settings import Settings
from tests.helpers import brotli_library

SMALL = Settings.of(customers=3, sales=3, items=3, expenses=3)


def drift_from(coding: str, compress: Callable[[bytes], bytes] = gzip.compress, padding: int = 0) -> Report:
    """The report on a service whose bodies are compressed.

    coding: the content coding that it names. padding: how many spaces follow the JSON of the list of sales.
    """
    send = fake_send(SMALL)

    def compressed(request: OutgoingRequest) -> ReceivedResponse:
        status, headers, body = send(request)
        body += b" " * padding if request.target == "sales" else b""
        return ReceivedResponse(status, {**headers, "content-encoding": coding}, compress(body))

    return compare_services(ComparedService("127.0.0.1", compressed, FAKE_KEY), SMALL)


def test_a_body_in_gzip_is_read() -> None:
    assert drift_from("gzip").findings == ()


@pytest.mark.parametrize(
    ("coding", "compress"),
    [
        ("br", zlib.compress),
        pytest.param("gzip", gzip.compress, marks=pytest.mark.slow),
        pytest.param("deflate", zlib.compress, marks=pytest.mark.slow),
    ],
)
def test_of_a_body_that_grows_without_end_no_more_than_the_limit_is_decompressed(
    coding: str, compress: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "brotli", brotli_library)
    monkeypatch.setattr(brotli_library, "largest", [])
    report = drift_from(coding, compress, 6 * 1024 * 1024)
    assert report.findings == ()
    assert [(item.place.operation, item.reason) for item in report.not_observed] == [
        ("fetch_sale", "no list has a record for it"),
        ("fetch_store", "no list has a record for it"),
        ("list_sales", "a body of more than 4 MB came, which is too long to compare"),
    ]
    assert max(brotli_library.largest, default=0) <= 4 * 1024 * 1024 + 1


def test_a_library_for_brotli_without_a_limit_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    older = SimpleNamespace(Decompressor=object, decompress=zlib.decompress, error=zlib.error)
    monkeypatch.setitem(sys.modules, "brotli", older)
    monkeypatch.setitem(sys.modules, "brotlicffi", None)
    with pytest.raises(ServiceError, match="for br, pip install"):
        drift_from("br", zlib.compress)


def test_codings_that_are_not_known_are_no_agreement() -> None:
    with pytest.raises(ServiceError) as raised:
        drift_from("zstd")
    assert str(raised.value) == (
        "nothing was compared: the body is in a content coding that is not read here; "
        "for br, pip install 'brotli>=1.2'"
    )


def test_a_byte_order_mark_is_found() -> None:
    send = fake_send(SMALL)

    def marked(request: OutgoingRequest) -> ReceivedResponse:
        status, headers, body = send(request)
        return ReceivedResponse(status, headers, b"\xef\xbb\xbf" + body)

    report = compare_services(ComparedService("127.0.0.1", marked, FAKE_KEY), SMALL)
    assert {finding.difference.kind.value for finding in report.findings} == {"character set"}
