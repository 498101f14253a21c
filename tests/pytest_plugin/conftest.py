"""Every run that these tests start is as wide as 80 columns, and nothing in its environment changes it."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        is_ours = name.startswith(("FAKEKIT_", "PYTEST_", "COV_")) and name != "PYTEST_CURRENT_TEST"
        if is_ours or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
