"""The page on Django: its files are written to a folder, its commands run there."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.pages import run_page


def test_django(tmp_path: Path) -> None:
    by_django, by_pytest = run_page("django.md", tmp_path, "-p pytest_django.plugin")
    assert "Ran 2 tests" in by_django
    assert "2 passed" in by_pytest
