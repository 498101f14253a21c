"""The fake in a process beside pytest: it serves what the suite says, and nothing that stands in the folder."""

from __future__ import annotations

import os
import sys
from unittest import mock

import pytest

PROJECT = """
[tool.fakekit]
host = "0.0.0.0"
state = "state.db"
seed = 7
customers = 9
"""
SUITE = """
import pytest
import requests

@pytest.fixture(scope="session")
def fakekit_settings():
    return {"seed": 1, "fixtures": "shop.yaml"}

def test_settings_of_the_suite(xtrakit):
    assert xtrakit.about["seed"] == 1
    assert xtrakit.origin.startswith("http://127.0.0.1:")
    assert xtrakit.group(1)["group_name"] == "Regulars"
    assert xtrakit.add_customer(customer_name="Ama")["id"] == 51
"""
SHOP = """
customer_groups:
  - {id: 1, group_name: Regulars, group_description: null, created_at: 2024-01-10, updated_at: 2024-01-10}
"""


@pytest.mark.slow
def test_it_serves_what_the_suite_says_and_leaves_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(PROJECT)
    pytester.makefile(".yaml", shop=SHOP.replace("2024-01-10", "2024-01-10 08:00:00"))
    pytester.makepyfile(SUITE)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FAKEKIT_")}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "TMPDIR": str(pytester.mkdir("temporary"))}
    command = [sys.executable, "-m", "pytest", "-p", "fakekit.pytest_plugin", "-W", "error"]
    with mock.patch.dict(os.environ, environment, clear=True):
        done = pytester.run(*command, "-p", "no:cacheprovider", "--fakekit-server", "process")
    done.assert_outcomes(passed=1)
    assert list((pytester.path / "temporary").iterdir()) == []
    assert not (pytester.path / "state.db").exists()
