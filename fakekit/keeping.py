"""A key's changes, kept in a file from one start to the next: ``fakekit serve --changes FILE``."""

from __future__ import annotations

from pathlib import Path

from fakekit.control.controls import contents_of
from fakekit.errors import FixtureError, Problem
from fakekit.serving.account import Account
from fakekit.serving.log import LOGGER
from fakekit.world.fixture_files import load
from fakekit.world.fixture_out import as_yaml
from fakekit.writing import write_whole

_FIRST_WORDS = "# What {key} changed:"


def keep_changes(account: Account, file: Path) -> None:
    """Begin with what is in a file, and write every change to it, whole and before it is answered.

    A file that is damaged, or that was not written by this, is refused and not touched.
    Raises `FixtureError`; OSError when the file cannot be written.
    """
    if file.exists() or file.is_symlink():
        _must_be_ours(file, account.key)
        kept = load([file], account.world.resources, account.world.size, False, upon=account.world)
        account.take(kept.records, kept.removed)
    _write(account, file)
    account.keeper = lambda changed: _keep(changed, file)
    account.held = True


def _keep(account: Account, file: Path) -> None:
    try:
        _write(account, file)
    except OSError as error:
        LOGGER.error(
            "--changes: %s cannot be written (%s): the change is lost at the end", file, error.strerror
        )


def _write(account: Account, file: Path) -> None:
    write_whole(file, as_yaml(contents_of(account, "changes")))


def _must_be_ours(file: Path, key: str) -> None:
    """Anything else may be somebody's work, and would be overwritten."""
    first = _FIRST_WORDS.format(key=key)
    if file.suffix.lower() not in (".yaml", ".yml"):
        raise FixtureError(
            Problem(f"--changes: {file}", "is not YAML by its name", "", "a name ending in .yaml")
        )
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            known = lines.readline().startswith(first)
    except OSError as error:
        raise FixtureError(Problem(f"--changes: {file}", f"cannot be read: {error.strerror}")) from None
    if not known:
        what = f"is not a file that --changes wrote ({first} ...), and would be overwritten"
        raise FixtureError(Problem(f"--changes: {file}", what, "", "another name, or remove it"))
