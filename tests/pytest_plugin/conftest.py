"""Every run that these tests start is as wide as 80 columns, and nothing in its environment changes it."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        is_ours = name.startswith(("FAKEKIT_", "PYTEST_", "COV_")) and name != "PYTEST_CURRENT_TEST"
        # In CI pytest repeats whole messages at the end of a run, which it cuts elsewhere.
        if is_ours or name.lower().endswith("_proxy") or name in ("CI", "BUILD_NUMBER"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
