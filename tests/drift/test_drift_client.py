"""What `fakekit drift` does with a service that is unreachable, slow, broken or hostile; and with its key."""

from __future__ import annotations

import os
import pickle
import socket
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock
from urllib.parse import urlsplit

import pytest

import fakekit
from tests.helpers.commands import cli_process
from tests.helpers.drift import drift, findings, findings_in, http, vendor
from tests.helpers.processes import PATIENCE, free_port, serving
from tests.helpers.scripted_server import answering, read_request

if TYPE_CHECKING:
    from fakekit.drift.api_key import ApiKey

CANARY = "xk_live_4eC39HqLyjWDarjtT1zdp7dc"


def test_nothing_listens() -> None:
    done = drift(f"http://127.0.0.1:{free_port()}")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[-1] == "error: 127.0.0.1: no server at this address"


@pytest.mark.slow
@pytest.mark.parametrize("limit", ["1", "2", "100"])
def test_a_key_that_is_refused(fake: fakekit.FakeServer, limit: str) -> None:
    done = drift(fake.account("fk_demo").base_url, "--max-requests", limit, key=CANARY)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[-1] == "error: 127.0.0.1: the key is refused"


@pytest.mark.slow
def test_a_redirect_is_not_followed_with_the_key() -> None:
    heads: list[str] = []

    def answer(head: str) -> bytes:
        heads.append(head)
        return http("302 Found", b"", "Location: /login")

    with vendor(answer) as base_url:
        done = drift(base_url, "--format", "json", key=CANARY)
    assert not [head for head in heads if "/login" in head]
    found = findings(done)
    assert found["list_customers: status"] == "the vendor left its page"
    assert found["fetch_customer without a key: status"] == "the vendor left its page"
    with_key = [head for head in heads if f"Bearer {CANARY}" in head]
    assert len(heads) - len(with_key) == 2  # one without a key, one with a made-up one


BODIES = {
    "HTML": ("<html>Oops</html>", "HTML"),
    "JSON that ends early": ('{"status": 200, "message": "Cust', "JSON that ends early"),
    "nothing": ("", "no body"),
    "text": ("OK", "a body that is not JSON"),
    "NaN": ('{"status": NaN}', "NaN or Infinity, which JSON does not have"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("body", "seen"), BODIES.values(), ids=BODIES)
def test_a_body_that_is_not_json_is_survived(body: str, seen: str) -> None:
    answer = http("200 OK", body, "Content-Type: application/json")
    with vendor(lambda head: answer) as base_url:
        done = drift(base_url, "--max-requests", "1")
    assert done.returncode == 2
    assert f"seen {seen} in 1 of 1 response" in " ".join(done.stdout.split())


@pytest.mark.slow
def test_a_connection_that_breaks_off_is_no_answer() -> None:
    with vendor(lambda head: b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{") as base_url:
        done = drift(base_url)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        3,
        "error: 127.0.0.1: a connection that broke off",
    )


@pytest.mark.slow
def test_another_character_set_is_told_and_the_rest_compared() -> None:
    body = '{"status": 200, "message": "Zo\u00eb", "data": {"user": {}}}'.encode("latin-1")
    answer = http("200 OK", body, "Content-Type: application/json; charset=ISO-8859-1")
    with vendor(lambda head: answer) as base_url:
        found = findings(drift(base_url, "--max-requests", "1", "--format", "json"))
    assert found == {
        "service: content-type: character set": "the page is silent, now known",
        "authenticate: message: text": "our assumption was wrong authenticate.answer",
        "authenticate: data.user.user_id: missing field": "our assumption was wrong authenticate.answer",
        "authenticate: data.user.business_code: missing field": "our assumption was wrong authenticate.answer",
    }


@pytest.mark.slow
def test_a_401_without_a_challenge_is_told_of_the_401s_alone(xtrakit: fakekit.Handle) -> None:
    def answer(head: str) -> bytes:
        if f"Bearer {xtrakit.api_key}\r\n" in head:
            with socket.create_connection(("127.0.0.1", urlsplit(xtrakit.origin).port), PATIENCE) as client:
                client.sendall(head.encode("latin-1"))
                return b"".join(iter(lambda: client.recv(65536), b""))
        text = b"Invalid API Key" if "Bearer" in head else b"Missing Bearer Token"
        body = b'{"status": 401, "error": "Unauthorized: %s"}' % text
        return http("401 Unauthorized", body, "Content-Type: application/json")

    with vendor(answer) as base_url:
        done = drift(base_url, key=xtrakit.api_key)
    assert findings_in(done.stdout) == (
        "127.0.0.1: 39 requests, 1 finding\n"
        "\n"
        "info: the page is silent, now known (RFC 9110, 11.6.1)\n"
        "    service: www-authenticate: header\n"
        "      the contract says present; seen absent in 2 of 2 responses\n"
    )


def limited(seconds: str) -> tuple[int, dict[str, str]]:
    """How many requests a service gets that answers 429 to the first one, and what is found."""
    heads: list[str] = []

    def answer(head: str) -> bytes:
        heads.append(head)
        return http("429 Too Many Requests", "{}", f"Retry-After: {seconds}")

    with vendor(answer) as base_url:
        done = drift(base_url, "--max-requests", "2", "--format", "json")
    return sum("user/authenticate" in head for head in heads), findings(done)


RATE = {"service: availability": "our assumption was wrong limits.none"}


@pytest.mark.slow
def test_a_short_retry_after_is_obeyed_and_a_long_one_is_not() -> None:
    assert limited("0") == (2, RATE)
    assert limited("31") == (1, RATE)
    assert limited("Fri, 27 Nov 2026 06:00:00 GMT") == (1, RATE)


@pytest.mark.slow
@pytest.mark.parametrize(("every", "sent"), [(1, 19), (2, 41), (7, 44)])
def test_no_more_requests_are_sent_than_were_announced(
    xtrakit: fakekit.Handle, every: int, sent: int
) -> None:
    """To a service that answers 429 to each request, to every second one, or now and then."""
    xtrakit.fail(429, every=every, retry_after=0)
    done = drift(xtrakit.base_url, key=xtrakit.api_key)
    assert done.stderr.startswith("at most 46 requests: ")
    assert done.stdout.startswith(f"127.0.0.1: {sent} requests, 1 finding\n")
    assert len(xtrakit.requests) == sent - 2  # of those without a valid key, the account knows nothing


@pytest.mark.slow
def test_no_output_has_the_key_or_the_value_of_a_record(xtrakit: fakekit.Handle) -> None:
    canary = "Canaria Mensah"
    xtrakit.add_customer(
        customer_name=canary, customer_phone="0244 canaria", customer_email="canaria at home"
    )
    for form in ("text", "json", "markdown", "junit"):
        done = drift(xtrakit.base_url, "--format", form, key=xtrakit.api_key)
        assert done.returncode == 2
        assert "anaria" not in done.stdout + done.stderr
        assert xtrakit.api_key not in done.stdout + done.stderr


@pytest.mark.slow
def test_a_value_in_the_place_of_a_name_is_not_printed() -> None:
    body = '{"status": 200, "message": "Ama", "data": {"Ama Mensah": 1, "user": {"+233244567890": "Ama"}}}'
    with vendor(lambda head: http("200 OK", body, "Content-Type: application/json")) as base_url:
        done = drift(base_url, "--max-requests", "1")
    assert "Ama" not in done.stdout
    assert "233" not in done.stdout
    assert "seen 1 new field whose name may be content in 1 of 1 response" in " ".join(done.stdout.split())


@pytest.mark.parametrize("key", ["two words", "Schl\u00fcssel", "line\nbreak", "k" * 5000])
def test_a_key_that_no_header_can_have_is_refused_unread(key: str) -> None:
    done = drift("http://127.0.0.1:1", key=key)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "error: DRIFT_KEY: is not an API key: it is empty, or has spaces or other characters than ASCII"
    )


def key_of_canary() -> ApiKey:
    from fakekit.drift.api_key import ApiKey

    return ApiKey(CANARY, "K")


def whole_traceback(error: BaseException) -> str:
    """The traceback of an error and of those behind it, hidden ones too, with the values of all variables."""
    texts: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        texts += traceback.TracebackException.from_exception(seen, capture_locals=True).format()
        seen = seen.__cause__ or seen.__context__
    return "".join(texts)


def test_the_key_is_in_no_traceback_and_no_pickle() -> None:
    from fakekit.drift.client import HttpClient, read_base_url
    from fakekit.drift.responses import NoResponseError, OutgoingRequest

    key = key_of_canary()
    assert CANARY not in f"{key} {key!r} {OutgoingRequest('customers', key)!r}"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    client = HttpClient(read_base_url(f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(NoResponseError) as caught:
        client(OutgoingRequest("customers", key))
    assert CANARY not in whole_traceback(caught.value)


@pytest.mark.slow
def test_the_command_in_a_process_of_its_own(fake: fakekit.FakeServer) -> None:
    origin = fake.account("fk_demo").origin
    done = cli_process("drift", origin, "--rate", "1000", "--api-key-env", "K", env={"K": "fk_demo"})
    assert (done.returncode, findings_in(done.stdout)) == (0, "127.0.0.1: 39 requests, no finding\n")


@pytest.mark.slow
def test_a_service_that_never_answers_is_given_up_in_time() -> None:
    wait = threading.Event()

    def answer(head: str) -> bytes:
        wait.wait(PATIENCE)
        return b""

    with mock.patch("fakekit.drift.client.READ_SECONDS", 0.1), vendor(answer) as base_url:
        done = drift(base_url)
        wait.set()
    assert (done.returncode, done.stderr.splitlines()[-1]) == (3, "error: 127.0.0.1: no answer in time")


@pytest.mark.slow
def test_an_answer_that_trickles_in_is_given_up_in_time() -> None:
    def script(client: socket.socket) -> None:
        read_request(client)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:  # until the client goes away
            client.sendall(b" ")
            time.sleep(0.02)

    with mock.patch("fakekit.drift.client.TOTAL_SECONDS", 0.2), answering(script) as origin:
        done = drift(origin)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (3, "error: 127.0.0.1: no answer in time")


@pytest.mark.slow
def test_a_certificate_has_to_be_trusted(tmp_path: Path) -> None:
    with serving(tmp_path, "--tls") as running:
        url = f"https://127.0.0.1:{running.port}"
        arguments = ("drift", url, "--rate", "1000", "--api-key-env", "K")
        refused = cli_process(*arguments, env={"K": "fk_demo"})
        certificate = str(running.ready["certificate"])
        trusted = cli_process(*arguments, env={"K": "fk_demo", "SSL_CERT_FILE": certificate})
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (
        3,
        "error: 127.0.0.1: a certificate that is not trusted",
    )
    assert (trusted.returncode, findings_in(trusted.stdout)) == (0, "127.0.0.1: 39 requests, no finding\n")


def test_no_child_process_inherits_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    from fakekit.cli.real_service import read_api_key

    monkeypatch.setenv("DRIFT_KEY", CANARY)
    assert read_api_key("DRIFT_KEY").reveal() == CANARY
    assert "DRIFT_KEY" not in os.environ


@pytest.mark.slow
def test_bodies_of_more_than_4_mb_are_no_agreement() -> None:
    answer = http("200 OK", b" " * (4 * 1024 * 1024 + 1), "Content-Type: application/json")
    with vendor(lambda head: answer) as base_url:
        done = drift(base_url, "--max-requests", "1")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        3,
        "error: 127.0.0.1: a body of more than 4 MB",
    )


def test_a_failure_of_the_client_itself_does_not_show_the_key() -> None:
    from fakekit.drift.client import HttpClient, read_base_url
    from fakekit.drift.responses import OutgoingRequest

    def fail(*args: object, headers: dict[str, str], **extra: object) -> None:
        raise KeyError(headers["Authorization"])

    client = HttpClient(read_base_url("http://127.0.0.1:1"))
    request = OutgoingRequest("customers", key_of_canary())
    with mock.patch("fakekit.drift.client.send_request", fail), pytest.raises(RuntimeError) as caught:
        client(request)
    assert str(caught.value) == "the client of fakekit drift failed: KeyError"
    assert CANARY not in whole_traceback(caught.value)
