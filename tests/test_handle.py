"""The handle and `FakeServer`, in one process with the code that uses them."""

from __future__ import annotations

import socket
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.processes import PATIENCE, nothing_left


def fetched(xtrakit: fakekit.Handle, key: int) -> Any:
    answer = requests.get(xtrakit.url(f"customers/{key}"), headers=xtrakit.headers, timeout=PATIENCE)
    return answer.json()["data"]["customer"] if answer.ok else answer.status_code


def test_where_it_is_and_how_to_get_in(xtrakit: fakekit.Handle) -> None:
    assert xtrakit.origin.startswith("http://127.0.0.1:")
    assert xtrakit.base_url == f"{xtrakit.origin}/api/v1"
    for path in ("customers/1", "/customers/1", "api/v1/customers/1", "/api/v1/customers/1"):
        assert xtrakit.url(path) == f"{xtrakit.origin}/api/v1/customers/1"
    assert xtrakit.headers == {"Authorization": f"Bearer {xtrakit.api_key}"}
    assert repr(xtrakit) == f"<fakekit {xtrakit.base_url} {xtrakit.api_key}>"


@pytest.mark.parametrize("key", [1, 3, 9, 42, 50])
def test_a_record_is_what_the_api_answers(xtrakit: fakekit.Handle, key: int) -> None:
    assert xtrakit.record("customers", key) == fetched(xtrakit, key) == xtrakit.customer(key)
    assert list(xtrakit.customer(key)) == list(fetched(xtrakit, key))


def test_a_record_is_a_copy(xtrakit: fakekit.Handle) -> None:
    xtrakit.customer(1)["customer_name"] = "Changed"
    assert fetched(xtrakit, 1)["customer_name"] == "Jane Doe"


def test_an_added_customer_needs_nothing(xtrakit: fakekit.Handle) -> None:
    added = xtrakit.add_customer()
    assert added == fetched(xtrakit, 51)
    assert added["id"] == 51
    for name in ("customer_group_id", "customer_email", "customer_whatsapp", "customer_zip", "address2"):
        assert added[name] is None
    assert added["customer_phone"].startswith("+")
    assert added["created_at"] <= added["updated_at"]
    other = fakekit.FakeServer(seed=1)
    with other as again:
        assert again.add_customer() == added  # filled in by the seed, not by chance


def test_what_is_given_is_kept_and_shows_in_answers(xtrakit: fakekit.Handle) -> None:
    group = xtrakit.add_group(group_name="Regulars", group_description=None)
    assert group["id"] == 6
    added = xtrakit.add("customers", customer_name="Ama", customer_group_id=6, customer_zip="00233")
    assert fetched(xtrakit, added["id"]) == added
    body = requests.get(
        xtrakit.url(f"customers/{added['id']}"), headers=xtrakit.headers, timeout=PATIENCE
    ).json()
    assert body["data"]["customer-group"] == [group] == [xtrakit.group(6)]


def test_ids_go_on_and_are_never_used_again(xtrakit: fakekit.Handle) -> None:
    assert xtrakit.add_customer()["id"] == 51
    assert xtrakit.add_customer(id=70)["id"] == 70
    xtrakit.remove("customers", 70)
    assert xtrakit.add_customer()["id"] == 71
    xtrakit.reset()
    assert xtrakit.add_customer()["id"] == 51


def test_change_remove_and_reset(xtrakit: fakekit.Handle) -> None:
    before = xtrakit.customer(1)
    changed = xtrakit.change("customers", 1, customer_name="Janet", customer_group_id=None)
    assert changed == {**before, "customer_name": "Janet", "customer_group_id": None} == fetched(xtrakit, 1)
    xtrakit.remove("customers", 2)
    assert fetched(xtrakit, 2) == 404
    xtrakit.reset()
    assert fetched(xtrakit, 1) == before
    assert fetched(xtrakit, 2)["id"] == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"customer_nmae": "x"},
            "customers.customer_nmae: is not a field of this record; write customer_name",
        ),
        (
            {"customer_zip": 233},
            'customers.customer_zip: must be text; found 233; write something like customer_zip="00233"',
        ),
        (
            {"customer_name": None},
            'customers.customer_name: may not be null; found null; write something like customer_name="Jane Doe"',
        ),
        (
            {"created_at": "today"},
            "customers.created_at: must be a date and time, YYYY-MM-DD HH:MM:SS; found 'today'",
        ),
        (
            {"customer_group_id": 77},
            "customers.customer_group_id: names a record of customer_groups that does not exist; found 77",
        ),
        ({"id": 1}, "customers.id: is the id of a record that exists; found 1"),
        ({"id": 0}, "customers.id: must be between 1 and 999999999999999999; found 0"),
        (
            {"id": "x"},
            "customers.id: must be a whole number; found 'x'; write a number of its own, such as id=101",
        ),
    ],
)
def test_what_breaks_the_contract_is_refused_and_told(
    xtrakit: fakekit.Handle, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(fakekit.RefusedRecordError) as refused:
        xtrakit.add_customer(**fields)
    assert str(refused.value).startswith(message)
    assert xtrakit.add_customer()["id"] == 51  # nothing was added before


def test_all_problems_are_told_at_once(xtrakit: fakekit.Handle) -> None:
    with pytest.raises(fakekit.RefusedRecordError) as refused:
        xtrakit.change("customers", 1, customer_city=1, customer_country=2, nonsense=3)
    assert len(refused.value.problems) == 3
    with pytest.raises(fakekit.RefusedRecordError, match=r"customers\.id: cannot be changed; found 2"):
        xtrakit.change("customers", 1, id=2)


def test_what_does_not_exist_is_told_with_the_reason(xtrakit: fakekit.Handle) -> None:
    with pytest.raises(
        fakekit.NoRecordError, match="customers 999: does not exist: the population ends at 50"
    ):
        xtrakit.customer(999)
    xtrakit.remove("customers", 1)
    for act in (
        xtrakit.customer,
        lambda key: xtrakit.remove("customers", key),
        lambda key: xtrakit.change("customers", key),
    ):
        with pytest.raises(fakekit.NoRecordError, match=r"this account removed the record"):
            act(1)
    with pytest.raises(fakekit.NoRecordError, match="custommers: is not a resource; write customers"):
        xtrakit.record("custommers", 1)
    for missing in (
        lambda: xtrakit.group(999),
        lambda: xtrakit.remove("customer_groups", 999),
        lambda: xtrakit.change("customer_groups", 999, group_name="G"),
    ):
        with pytest.raises(LookupError, match="customer_groups 999: does not exist"):
            missing()
    for key in (None, True, 1.0):
        with pytest.raises(fakekit.NoRecordError, match="is not an id; write a whole number"):
            xtrakit.record("customers", key)  # type: ignore[arg-type]


def test_no_field_is_mistaken_for_an_argument_and_the_last_id_is_told(xtrakit: fakekit.Handle) -> None:
    with pytest.raises(fakekit.RefusedRecordError, match=r"customers\.resource: is not a field"):
        xtrakit.add("customers", resource="x")
    with pytest.raises(fakekit.RefusedRecordError, match=r"customers\.key: is not a field"):
        xtrakit.change("customers", 1, key="x")
    xtrakit.add_customer(id=10**18 - 1)
    with pytest.raises(fakekit.RefusedRecordError, match="must be between 1 and 999999999999999999"):
        xtrakit.add_customer()


def test_many_threads_may_start_and_stop_one_server() -> None:
    server = fakekit.FakeServer()
    with nothing_left(), ThreadPoolExecutor(8) as pool:
        origins = {handle.origin for handle in pool.map(lambda _: server.start(), range(8))}
        list(pool.map(lambda _: server.stop(), range(8)))
    assert len(origins) == 1


@pytest.mark.slow
def test_starts_and_stops_under_fire_leave_nothing(caplog: pytest.LogCaptureFixture) -> None:
    asked = b"GET /api/v1/sk-canary HTTP/1.1\r\nHost: x\r\n\r\n" * 50
    with nothing_left():
        for _ in range(60):
            server = fakekit.FakeServer()
            host, port = server.start().origin.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port))) as client:
                client.sendall(asked)
                server.stop()
    assert "canary" not in caplog.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_accounts_do_not_see_each_other(fake: fakekit.FakeServer) -> None:
    one, two = fake.account("fk_one"), fake.account("fk_two")
    one.change("customers", 1, customer_name="One")
    two.remove("customers", 1)
    assert fetched(one, 1)["customer_name"] == "One"
    assert fetched(two, 1) == 404
    one.reset()
    assert fetched(one, 1)["customer_name"] == "Jane Doe"
    assert fetched(two, 1) == 404


def test_a_held_account_is_never_the_one_that_makes_room() -> None:
    server = fakekit.FakeServer(max_accounts=3)
    with server as xtrakit:
        for number in range(20):
            headers = {"Authorization": f"Bearer fk_{number}"}
            assert requests.get(xtrakit.url("customers/1"), headers=headers, timeout=PATIENCE).ok
        xtrakit.change("customers", 1, customer_name="Still here")
        assert fetched(xtrakit, 1)["customer_name"] == "Still here"


def test_what_is_no_key_is_refused(fake: fakekit.FakeServer) -> None:
    with pytest.raises(fakekit.SettingsError, match="api_key: is not a key") as refused:
        fake.account("sk-canary")
    assert "canary" not in str(refused.value)


def test_thirty_two_threads_add_and_nothing_is_lost_or_doubled(xtrakit: fakekit.Handle) -> None:
    with ThreadPoolExecutor(32) as pool:
        added = list(pool.map(lambda n: xtrakit.add_customer(customer_name=f"N{n}"), range(320)))
    assert sorted(c["id"] for c in added) == list(range(51, 371))
    assert all(xtrakit.customer(c["id"]) == c for c in added)


def test_two_servers_in_one_process_know_nothing_of_each_other() -> None:
    with fakekit.FakeServer(seed=1) as one, fakekit.FakeServer(seed=2) as two:
        one.remove("customers", 1)
        assert fetched(one, 1) == 404
        assert fetched(two, 1)["customer_name"] == "Jane Doe"
        assert fetched(one, 20) != fetched(two, 20)


def test_settings_can_be_given_whole_or_by_name() -> None:
    with fakekit.FakeServer(fakekit.Settings.of(seed=2, port=0), customers=3) as xtrakit:
        assert xtrakit.add_customer()["id"] == 4
    with pytest.raises(fakekit.SettingsError, match="sede: is not a setting; write seed"):
        fakekit.FakeServer(sede=1)


def test_starting_twice_and_stopping_twice_are_harmless() -> None:
    server = fakekit.FakeServer()
    with pytest.raises(RuntimeError, match="does not run: call start"):
        server.account("fk_a")
    assert server.start().origin == server.start().origin
    server.stop()
    server.stop()
    again = server.start()
    assert fetched(again, 1)["id"] == 1
    server.stop()


def test_a_handle_that_outlived_its_server_says_so() -> None:
    server = fakekit.FakeServer()
    old = server.start()
    server.stop()
    server.start()
    for act in (old.add_customer, old.reset, lambda: old.customer(1), lambda: old.remove("customers", 1)):
        with pytest.raises(RuntimeError, match="this account is closed: its server has stopped, or its test"):
            act()
    server.stop()


def test_a_taken_port_is_told_in_the_callers_thread() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(fakekit.FakekitError) as raised:
            fakekit.FakeServer(port=port).start()
    written = "write port=0 for a free one, or another port"
    assert str(raised.value) == f"port {port} of 127.0.0.1 is taken; {written}"


def test_it_stops_while_clients_are_half_open_and_leaves_nothing_behind() -> None:
    server = fakekit.FakeServer()
    with nothing_left(), ExitStack() as opened:
        xtrakit = server.start()
        host, port = xtrakit.origin.removeprefix("http://").split(":")
        clients = [opened.enter_context(socket.create_connection((host, int(port)))) for _ in range(20)]
        for client in clients[:10]:
            client.sendall(b"GET /api/v1/customers/1 HTTP/1.1\r\nAuthoriz")
        assert fetched(xtrakit, 1)["id"] == 1
        server.stop()  # which would last as long as the clients, if it waited for them


def test_connections_are_kept_alive(xtrakit: fakekit.Handle) -> None:
    import http.client

    ports = set()
    with closing(
        http.client.HTTPConnection(xtrakit.origin.removeprefix("http://"), timeout=PATIENCE)
    ) as connection:
        for key in range(1, 6):
            connection.request("GET", f"/api/v1/customers/{key}", headers=xtrakit.headers)
            assert connection.getresponse().read()
            ports.add(connection.sock.getsockname()[1])
    assert len(ports) == 1


class TestWithUnittest(unittest.TestCase):
    server = fakekit.FakeServer()
    xtrakit: fakekit.Handle

    @classmethod
    def setUpClass(cls) -> None:
        cls.xtrakit = cls.server.start()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.stop()

    def test_customer(self) -> None:
        self.assertEqual(fetched(self.xtrakit, 1)["customer_name"], "Jane Doe")  # noqa: PT009
