"""Tests that fail by a line of their own; the last one by a fault of fakekit itself."""

import pytest

import fakekit
from fakekit.control import runner


def test_a_fault(xtrakit):
    xtrakit.fail("fial")  # wrong


def test_a_keyword(xtrakit):
    xtrakit.delay(ms=20)  # wrong


def test_no_argument(xtrakit):
    xtrakit.fail()  # wrong


def test_no_attribute(xtrakit):
    xtrakit.create_customer()  # wrong


def test_the_clock(xtrakit):
    xtrakit.clock.freeze("noon")  # wrong


def test_a_path(xtrakit):
    xtrakit.assert_requested("GET", "customers?page=2")  # wrong


def test_an_assertion(xtrakit):
    xtrakit.assert_requested("GET", "customers/1")  # wrong


def test_a_shared_account(xtrakit_server):
    xtrakit_server.account("a name")  # wrong


def test_a_server_that_does_not_answer():
    fakekit.connect("http://127.0.0.1:9")  # wrong


def test_a_setting():
    with fakekit.FakeServer(sede=7):  # wrong
        pass


def test_a_port():
    with fakekit.FakeServer() as handle:
        fakekit.FakeServer(port=int(handle.origin.rpartition(":")[2])).start()  # wrong


def test_a_key():
    with fakekit.FakeServer() as handle, fakekit.FakeServer() as _:
        fakekit.connect(handle.origin, "key")  # wrong


def test_a_stopped_server():
    with fakekit.FakeServer() as handle:
        pass
    handle.customer(1)  # wrong


def test_unread_names():
    import requests

    server = fakekit.FakeServer(unread="fail")
    with server as handle:  # wrong
        requests.get(handle.url("customers?page=2"), headers=handle.headers, timeout=40)


@pytest.fixture
def crm():
    return fakekit.Settings.of(sede=7)  # wrong


def test_a_fixture(crm):
    pass


def test_an_error_after_another(xtrakit):
    try:
        xtrakit.customer(99)  # wrong
    except fakekit.NoRecordError as error:
        raise ValueError from error  # wrong


def test_a_fault_of_fakekit_itself(xtrakit, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(runner, "read_arguments", None)
        xtrakit.reset()
