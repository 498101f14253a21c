"""What the guard takes for a request to a proxy in what a socket sends, and what it leaves alone."""

from __future__ import annotations

import pytest

from fakekit.intercept.proxy_requests import find_target_host
from tests.helpers.programs import program
from tests.helpers.pytest_runs import run


@pytest.mark.parametrize(
    "data",
    [
        b"See https://app.xtrakit.com/docs for it.",
        b"SEE https://app.xtrakit.com/docs for it.",
        b"get http://app.xtrakit.com/ HTTP/1.1\r\n",
        b"CONNECT app.xtrakit.com to your shop.",
        b"",
        b"\x17\x03\x03GET http://app.xtrakit.com/ HTTP/1.1\r\n",
    ],
)
def test_text_that_names_an_address_is_no_request_to_a_proxy(data: bytes) -> None:
    assert find_target_host(data) is None


@pytest.mark.parametrize(
    "data",
    [
        b"GET http://app.xtrakit.com/ HTTP/1.1\r\n",
        b"PATCH HTTPS://app.xtrakit.com HTTP/1.0\r\n",
        b"CONNECT app.xtrakit.com:443 HTTP/1.1\r\n",
        b"GET http://app.xtrakit.com/",
        b"GET http://app.xtrakit.com/ HTT",
        b"GET http://app.xtrakit.com/" + b"a" * 570 + b" HTTP/1.1\r\n",
        b"GET http://app.xtrakit.com/" + b"a" * 700 + b" HTTP/1.1\r\n",
        bytearray(b"GET http://app.xtrakit.com/ HTTP/1.1\r\n"),
    ],
)
def test_a_request_to_a_proxy_is_found_also_where_its_version_is_not_among_the_bytes(data: bytes) -> None:
    assert find_target_host(data) == "app.xtrakit.com"


def test_a_request_to_a_proxy_is_stopped_in_every_kind_of_send_and_other_text_is_sent(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(program("guard_sends.py"))
    result = run(pytester, "-rN", "--show-capture=no")
    result.assert_outcomes(passed=1, failed=2)
    stopped = "app.xtrakit.com, stopped before the request to a proxy"
    lines = [line.strip().rpartition("/")[2] for line in result.outlines if " in test_" in line]
    assert [line.partition(" in ")[2] for line in lines] == [
        f"test_unix: {stopped}",
        f"test_sendmsg: {stopped}",
    ]
