"""Tests whose requests have names that no endpoint reads, and whose faults are not used."""

import pytest
import requests


def get(xtrakit, path):
    return requests.get(xtrakit.url(path), headers=xtrakit.headers, timeout=40)


def test_pages(xtrakit):
    note = get(xtrakit, "customers?page=2&custmer_group_id=1").headers["Fakekit-Note"]
    assert note == (
        "not read: page, custmer_group_id; the vendor documents no pagination: every record is already in this "
        "answer"
    )


def test_pages_again(xtrakit):
    get(xtrakit, "customers?page=3")
    xtrakit.fail(503, times=2)


@pytest.mark.fakekit(unread="note", unused="note")
def test_only_noted(xtrakit):
    get(xtrakit, "customers?limit=3")
    xtrakit.delay(1)


@pytest.mark.fakekit(unread="fail")
def test_fails_for_a_field(xtrakit):
    requests.post(xtrakit.url("customers/add"), json={"custmer_name": 1}, headers=xtrakit.headers, timeout=40)
    line = {"invoice_note": "", "sales-item": [{"quantty": "1"}]}
    requests.post(xtrakit.url("sales/add"), json=line, headers=xtrakit.headers, timeout=40)


@pytest.mark.fakekit(unused="fail")
def test_fails_for_a_fault(xtrakit):
    xtrakit.respond(
        "GET",
        "customers/*",
        text="moved",
        times=2,
    )
    get(xtrakit, "customers/1")


def test_shared(xtrakit_server):
    get(xtrakit_server.account("crm"), "sales/324232?colour=red")
