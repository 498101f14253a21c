"""The operation ``intercept``: the server itself answers for the vendor's hosts, each account on a port of its own."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import fakekit
from fakekit.testing.remote import RemoteServer
from tests.helpers.control_api import Fake, Key, controlled, problem, running
from tests.helpers.processes import PATIENCE, nothing_left, serving
from tests.helpers.raw_http import read_all

FOREIGN = "92857043717beff382ae75c8dc7514162f04"


def secured(port: int, certificate: str, host: str = "app.xtrakit.com") -> ssl.SSLSocket:
    context = ssl.create_default_context(cadata=certificate)
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    try:
        return context.wrap_socket(plain, server_hostname=host)
    finally:
        plain.close()


def request(authorization: str = "") -> bytes:
    header = f"Authorization: {authorization}\r\n" if authorization else ""
    return f"GET /api/v1/customers/1 HTTP/1.1\r\nHost: app.xtrakit.com\r\nConnection: close\r\n{header}\r\n".encode()


def name_in(answer: bytes) -> str:
    """The customer's name in an answer, or its error."""
    body: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return str(body["data"]["customer"]["customer_name"] if "data" in body else body["error"])


def plain_name(port: int, authorization: str = "") -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        sock.sendall(request(authorization))
        return name_in(read_all(sock))


def tls_name(port: int, certificate: str, authorization: str = "") -> str:
    with secured(port, certificate) as sock:
        sock.sendall(request(authorization))
        return name_in(read_all(sock))


def test_every_key_means_the_account_and_a_request_without_one_has_none(over_http: Fake) -> None:
    key = over_http.key()
    assert key.control("PATCH", "/records/customers/1", {"customer_name": "mine"}).ok
    served = key.control("PUT", "/intercept", {}).json()
    for sent in (f"Bearer {FOREIGN}", "Bearer fk_another", "bearer  API_KEY"):
        assert tls_name(**served, authorization=sent) == "mine"
        assert plain_name(served["port"], sent) == "mine"
    for sent in ("", f"Basic {FOREIGN}", f'Bearer "{FOREIGN}"'):
        assert tls_name(**served, authorization=sent).startswith("Unauthorized: ")
        assert plain_name(served["port"], sent).startswith("Unauthorized: ")


def test_strict_leaves_the_key_that_the_client_sends(over_http: Fake) -> None:
    key = over_http.key()
    assert key.control("PATCH", "/records/customers/1", {"customer_name": "mine"}).ok
    served = key.control("PUT", "/intercept", {"strict": True}).json()
    sent = {
        name: tls_name(**served, authorization=f"Bearer {name}") for name in (FOREIGN, "fk_else", key.key)
    }
    assert sent == {FOREIGN: "Unauthorized: Invalid API Key", "fk_else": "Jane Doe", key.key: "mine"}


def test_two_accounts_have_a_port_each(over_http: Fake) -> None:
    ports = {}
    for name in ("one", "two"):
        key = over_http.key()
        assert key.control("PATCH", "/records/customers/1", {"customer_name": name}).ok
        ports[name] = key.control("PUT", "/intercept", {}).json()["port"]
    assert {name: plain_name(port, "Bearer REAL") for name, port in ports.items()} == {
        "one": "one",
        "two": "two",
    }


def ended(sock: socket.socket) -> bool:
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("way", ["end", "again"])
def test_the_port_is_closed_with_its_connections(over_http: Fake, way: str) -> None:
    key = over_http.key()
    served = key.control("PUT", "/intercept", {}).json()
    with secured(**served) as by_tls, socket.create_connection(("127.0.0.1", served["port"]), 10) as plain:
        by_tls.sendall(request("Bearer REAL").replace(b"Connection: close\r\n", b""))
        assert by_tls.recv(15) == b"HTTP/1.1 200 OK"
        if way == "end":
            assert key.control("DELETE", "/intercept").json() == {"done": True}
        else:
            again = key.control("PUT", "/intercept", {}).json()
            assert again["certificate"] != served["certificate"]
            assert tls_name(**again, authorization="Bearer REAL") == "Jane Doe"
        assert ended(plain)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", served["port"]))


def test_one_port_too_many_is_503_until_another_is_closed(
    over_http: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakekit.server.intercepted_hosts.MAX_SOCKETS", 1)
    with running() as mine:
        one, two = mine.key(), mine.key()
        assert one.control("PUT", "/intercept", {}).ok
        told = (503, "AccountsFullError", ": 1 accounts are intercepted, the most that there may be")
        assert problem(two.control("PUT", "/intercept", {})) == told
        assert one.control("PUT", "/intercept", {}).ok  # in the place of its own
        assert one.control("DELETE", "/intercept").ok
        assert two.control("PUT", "/intercept", {}).ok


def through_a_test_client() -> tuple[int, str]:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    answer = client.put("/_fakekit/accounts/fk_a/intercept", json={}, headers={"Fakekit-Control": "1"})
    return answer.status_code, answer.json["problems"][0]["where"]  # type: ignore[index]


def by_a_server_that_has_stopped() -> tuple[int, str]:
    server = fakekit.FakeServer()
    server.start()
    server.stop()
    with pytest.raises(fakekit.ControlError) as told:
        server.do("intercept", key="fk_a")
    return told.value.status, told.value.problems[0].where


@pytest.mark.parametrize("call", [through_a_test_client, by_a_server_that_has_stopped])
def test_an_app_that_no_server_of_fakekits_serves_cannot_do_it(call: Callable[[], tuple[int, str]]) -> None:
    assert call() == (503, "intercept")


def test_a_server_that_stops_closes_the_ports_and_leaves_nothing() -> None:
    server = fakekit.FakeServer()
    for _ in range(3):  # and may be started again
        with nothing_left():
            handle = server.start()
            served = server.do("intercept", key=handle.api_key)
            kept = socket.create_connection(("127.0.0.1", served["port"]), 10)
            server.stop()
            with kept:
                assert ended(kept)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", served["port"]))


@pytest.mark.slow
@pytest.mark.parametrize("server", ["gunicorn", "alone"])
def test_a_foreign_key_is_in_no_log_and_no_journal_of_another_process(tmp_path: Path, server: str) -> None:
    with serving(tmp_path, "--server", server) as process:
        remote = RemoteServer(process.origin)
        served = remote.do("intercept", key="fk_mine")
        for sent in (f"Bearer {FOREIGN}", f"Basic {FOREIGN}", f"Bearer {FOREIGN}~fail=503"):
            tls_name(**served, authorization=sent)
            plain_name(served["port"], sent)
        journal = str([remote.do("requests", key="fk_mine"), remote.do("strangers")])
        out, err = process.end()
    assert journal.count("customers/1") == 6
    assert FOREIGN[:12] not in out + err + journal
    assert err.count(" /api/v1/customers/1 ") == 6


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


class Meeting:
    """Stands for the lock of imports: each of two threads waits there for the other, the first time."""

    def __init__(self) -> None:
        self.barrier, self.threads = threading.Barrier(2, timeout=PATIENCE), set[int]()

    def __enter__(self) -> None:
        if threading.get_ident() not in self.threads:
            self.threads.add(threading.get_ident())
            self.barrier.wait()

    def __exit__(self, *_: object) -> None:
        pass


def test_of_two_calls_at_the_same_time_for_one_account_one_port_stays(
    fake: fakekit.FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakekit.server.intercepted_hosts.IMPORT_LOCK", Meeting())
    with ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(fake.do, "intercept", key="fk_at_once") for _ in range(2)]
        ports = [call.result()["port"] for call in calls]
    assert sorted(map(is_open, ports)) == [False, True]
    fake.do("end_intercept", key="fk_at_once")
    assert not any(map(is_open, ports))


def deletes(server: fakekit.FakeServer, key: Key) -> None:
    assert key.control("DELETE").ok


def deletes_by_an_alias(server: fakekit.FakeServer, key: Key) -> None:
    assert key.control("PUT", "/alias", {"alias": "fk_alias"}).ok
    assert controlled(key.session, key.origin, "DELETE", "/fk_alias").ok


def closes_in_python(server: fakekit.FakeServer, key: Key) -> None:
    server.close_account(key.key)


def resets_one_that_a_handle_holds(server: fakekit.FakeServer, key: Key) -> None:
    server.account(key.key)
    assert key.control("DELETE").ok


@pytest.mark.parametrize(
    "end", [deletes, deletes_by_an_alias, closes_in_python, resets_one_that_a_handle_holds]
)
def test_an_account_that_is_deleted_leaves_no_port(
    fake: fakekit.FakeServer, over_http: Fake, end: Callable[[fakekit.FakeServer, Key], None]
) -> None:
    key = over_http.key()
    port = key.control("PUT", "/intercept", {}).json()["port"]
    assert plain_name(port, "Bearer REAL") == "Jane Doe"
    end(fake, key)
    assert not is_open(port)
