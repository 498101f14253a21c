import multiprocessing
import os
import urllib.request

import pytest


def fetch(url, key="API_KEY"):
    request = urllib.request.Request(f"{url}/customers/1", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=40) as answer:
        return answer.status


def run(*arguments):
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(fetch, arguments)


def test_in_this_process(xtrakit):
    assert fetch(xtrakit.base_url, xtrakit.api_key) == 200


def test_in_a_spawned_process(xtrakit):
    assert run(xtrakit.base_url, xtrakit.api_key) == 200
    xtrakit.assert_requested("GET", "customers/1", times=1)


@pytest.mark.fakekit(intercept=True)
def test_a_hard_coded_host(xtrakit):
    assert fetch("https://app.xtrakit.com/api/v1") == 200


def test_the_real_service():
    fetch("https://app.xtrakit.com/api/v1")
