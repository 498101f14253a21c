"""Twelve operations of the handle, each with what a client sees of it; for `conftest`."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable

from fakekit import Handle

_Socket, _loads, _Thread = socket.socket, json.loads, threading.Thread
"""The client uses nothing that a plugin replaces: what it meets is the server."""


def ask(xtrakit: Handle, method: str = "GET", path: str = "customers/1") -> tuple[int, dict[str, object]]:
    """Return the status and the body of one response, by a plain socket."""
    host, port = xtrakit.origin.removeprefix("http://").split(":")
    lines = [
        f"{method} /api/v1/{path} HTTP/1.1",
        "Host: x",
        "Connection: close",
        f"Authorization: Bearer {xtrakit.api_key}",
    ]
    with _Socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(20)
        client.connect((host, int(port)))
        client.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = b""
        while data := client.recv(65536):
            answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), _loads(body)


def _name(body: dict[str, object]) -> object:
    data = body["data"]
    assert isinstance(data, dict)
    return data["customer"]["customer_name"]


def add(xtrakit: Handle) -> None:
    added = xtrakit.add_customer(customer_name="Ama Mensah")
    status, body = ask(xtrakit, path=f"customers/{added['id']}")
    assert (added["id"], status, _name(body)) == (51, 200, "Ama Mensah")


def record(xtrakit: Handle) -> None:
    assert xtrakit.record("customers", 1)["customer_name"] == _name(ask(xtrakit)[1]) == "Jane Doe"


def change(xtrakit: Handle) -> None:
    xtrakit.change("customers", 1, customer_name="Janet Doe")
    assert _name(ask(xtrakit)[1]) == "Janet Doe"


def remove(xtrakit: Handle) -> None:
    xtrakit.remove("customers", 1)
    assert ask(xtrakit)[0] == 404


def requests(xtrakit: Handle) -> None:
    ask(xtrakit)
    assert [str(request) for request in xtrakit.requests] == ["GET /api/v1/customers/1 -> 200"]


def assert_requested(xtrakit: Handle) -> None:
    ask(xtrakit)
    xtrakit.assert_requested("GET", "customers/1", status=200, times=1)


def wait_for(xtrakit: Handle) -> None:
    thread = _Thread(target=ask, args=(xtrakit,))
    thread.start()
    xtrakit.wait_for("GET", "customers/1", timeout=30)
    thread.join()
    try:
        xtrakit.wait_for("GET", "customers/2", timeout=0.05)
    except AssertionError:
        return
    raise AssertionError("it waited for what did not come, and found it")


def respond(xtrakit: Handle) -> None:
    xtrakit.respond("GET", "customers/1", status=418, json={"tea": True})
    assert ask(xtrakit) == (418, {"tea": True})


def fail(xtrakit: Handle) -> None:
    xtrakit.fail(503, "GET", "customers/*", times=1)
    assert [ask(xtrakit)[0], ask(xtrakit)[0]] == [503, 200]


def delay(xtrakit: Handle) -> None:
    xtrakit.delay(0.05)
    assert ask(xtrakit)[0] == 200
    assert [fault["used"] for fault in xtrakit.faults] == [1]


def clock(xtrakit: Handle) -> None:
    xtrakit.clock.freeze("2024-08-04 08:23:45")
    xtrakit.clock.advance(15)
    assert str(xtrakit.clock.now()) == "2024-08-04 08:24:00+00:00"


def snapshot(xtrakit: Handle) -> None:
    before = xtrakit.snapshot()
    xtrakit.remove("customers", 1)
    assert "removed" in xtrakit.export()
    xtrakit.restore(before)
    assert ask(xtrakit)[0] == 200


OPERATIONS: dict[str, Callable[[Handle], None]] = {
    function.__name__: function
    for function in (
        add,
        record,
        change,
        remove,
        requests,
        assert_requested,
        wait_for,
        respond,
        fail,
        delay,
        clock,
        snapshot,
    )
}
