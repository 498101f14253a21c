"""Two workers on one store: what one has answered, the other knows."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import fakekit
from tests.helpers.control_api import asking, problem
from tests.helpers.event_streams import StreamClient
from tests.helpers.processes import PATIENCE, Server
from tests.helpers.workers import WorkerClient

pytestmark = pytest.mark.slow


def account_of(server: Server, client: WorkerClient) -> fakekit.Handle:
    """The handle of a client's account, without the requests that found a connection to each worker."""
    handle = fakekit.connect(server.origin, client.key)
    handle.forget_requests()
    return handle


def test_a_write_is_read_by_the_next_request_of_the_other_worker(clients: list[WorkerClient]) -> None:
    """Each fetch is of the same bytes, so it is given again from memory until it does not hold."""
    one, other = clients
    for number in range(100):
        name = f"Ama {number}"
        one.edit(1, name)
        assert [other.name_of(1), one.name_of(1), other.name_of(1)] == [name] * 3
        one, other = other, one


def test_a_record_that_one_worker_adds_the_other_changes_and_deletes(clients: list[WorkerClient]) -> None:
    one, other = clients
    key = one.add("Ama")
    other.edit(key, "Efua")
    assert one.name_of(key) == "Efua"
    assert other.call("DELETE", f"customers/{key}")[0] == 204
    assert one.name_of(key) is None
    assert one.add("Esi") == key + 1


def test_the_times_of_a_fault_are_counted_over_all_workers(
    shared: Server, clients: list[WorkerClient]
) -> None:
    account = account_of(shared, clients[0])
    account.fail(503, "GET", "customers/*", times=2)
    statuses = [client.call("GET", "customers/1")[0] for client in (*clients, *clients)]
    assert statuses == [503, 503, 200, 200]


def test_assertions_see_what_any_worker_answered(shared: Server, clients: list[WorkerClient]) -> None:
    account = account_of(shared, clients[0])
    for count in range(1, 6):
        for client in clients:
            client.name_of(1)
        account.assert_requested("GET", "customers/1", times=2 * count)
    numbers = [request.number for request in account.requests]
    assert numbers == sorted(set(numbers))


def test_who_waits_sees_the_requests_of_every_worker(shared: Server, clients: list[WorkerClient]) -> None:
    account = account_of(shared, clients[0])
    with ThreadPoolExecutor(4) as pool:
        waiting = [
            pool.submit(account.wait_for, "GET", "customers/1", times=2, timeout=PATIENCE) for _ in range(4)
        ]
        time.sleep(0.2)
        for client in clients:
            client.name_of(1)
        assert [len(future.result(timeout=PATIENCE)) for future in waiting] == [2] * 4


def test_streams_show_the_requests_of_every_worker(shared: Server, clients: list[WorkerClient]) -> None:
    account_of(shared, clients[0])
    streams = [StreamClient(shared.port, f"{clients[0].key}/stream") for _ in range(4)]
    for client in clients:
        client.name_of(1)
    for stream in streams:
        with stream.socket:
            assert stream.read_until('"status": 200').count("event: request") >= 1


def test_a_reset_by_one_worker_is_seen_by_the_other(shared: Server, clients: list[WorkerClient]) -> None:
    account = account_of(shared, clients[0])
    key = clients[0].add("Ama")
    name = account.snapshot()
    clients[1].edit(key, "Efua")
    account.restore(name)
    assert [client.name_of(key) for client in clients] == ["Ama", "Ama"]
    account.reset()
    assert [client.name_of(key) for client in clients] == [None, None]


def test_a_socket_for_the_vendors_hosts_is_refused(shared: Server, clients: list[WorkerClient]) -> None:
    """It would be in one process, and the request that closes it may reach the other."""
    with asking(shared.origin) as fake:
        answer = fake.key(clients[0].key).control("PUT", "/intercept", {})
    message = "intercept: has a socket in one process, and several workers serve"
    assert problem(answer) == (503, "ControlError", message)
