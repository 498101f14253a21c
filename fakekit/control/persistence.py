"""The changes of one account, saved in a file between runs: ``fakekit serve --changes FILE``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from fakekit.accounts.account import Account
from fakekit.contract.positions import TABLE
from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.schema import Record
from fakekit.control.controls import account_content
from fakekit.control.locked_file import LockedFile
from fakekit.errors import FixtureError, Problem
from fakekit.fixtures.load import load
from fakekit.fixtures.write import as_yaml, record_as_yaml
from fakekit.log import LOGGER
from fakekit.world.world import Address

# The two lines by which a file is recognized; the first is the comment that `account_content` sets.
_FIRST_WORDS = "# What {key} changed:"
_LAST_LINE = "# The end: without this line the file is not whole."
_COMPUTED = re.compile(r"# computed (\w+) ([0-9]{1,15}): (.+)", re.ASCII)
"""The comment on a record with computed values: its resource, its id and the names of the assumptions."""


def keep_changes(account: Account, file: Path) -> None:
    """Load an account's changes from a file, and from now on write the file after every change.

    Called at the start of ``fakekit serve --changes``. A change is written before its request is answered. A
    file that does not exist is created. The account is held: it is not closed to make room for others.

    Raises `FixtureError`, and leaves the file as it is, if its name is not that of YAML, it is damaged, this
    function did not write it for the account's key, or another process keeps its changes in it; OSError when
    the file cannot be written.
    """
    if file.suffix.lower() not in (".yaml", ".yml"):
        raise _file_error(file, "is not YAML by its name", "a name ending in .yaml")
    if not file.is_file() and (file.exists() or file.is_symlink()):
        raise _file_error(file, "is not a regular file", "another name")
    try:
        locked = LockedFile(file.resolve())  # the target of a link is replaced, not the link
    except BlockingIOError:
        raise _file_error(file, "is in use by another fakekit serve", "another name") from None
    if not locked.is_new:
        computed = _read_computed(_read_own_lines(file, account.key))
        fixtures = load([file], account.world.resources, account.world.sizes, False, base_world=account.world)
        with account.lock:
            for resource, key in sorted(fixtures.removed):  # first: another record may have the code of one
                account.change(resource, key, None)
            for (resource, key), record in fixtures.records.items():
                account.change(resource, key, record, computed.get((resource, key), ()))
    writer = _ChangesWriter(account, file, locked)
    try:
        writer.write()
    except OSError:
        if locked.is_new:
            file.unlink(missing_ok=True)
        raise
    account.on_change = writer
    account.is_permanent = True


class _ChangesWriter:
    """Writes an account's changes to a file; the text of a record that did not change is reused."""

    def __init__(self, account: Account, file: Path, locked: LockedFile) -> None:
        self._account, self._file, self._locked = account, file, locked
        self._formatted: dict[int, tuple[Record, str]] = {}

    def __call__(self) -> None:
        """Write all changes to the file; called by the account after every change.

        A file that cannot be written is logged as an error, and becomes the account's `save_problem`; the
        change is then in memory only.
        """
        try:
            self.write()
            self._account.save_problem = ""
        except OSError as error:
            reason = error.strerror or type(error).__name__
            message = "--changes: %s cannot be written (%s): the change is lost when the server stops"
            LOGGER.error(message, self._file, reason)
            account, problem = self._account, f"--changes cannot write its file ({reason})"
            account.save_problem = f"the changes of {account.key} are not saved: {problem}"

    def write(self) -> None:
        """Write all changes, replacing the file in one step. Raises OSError when that fails."""
        before, now = self._formatted, {}

        def format_record(record: Record) -> str:
            # Records are never changed in place; the tuple keeps the record alive, so no other has its id().
            now[id(record)] = saved = before.get(id(record)) or (record, record_as_yaml(record))
            return saved[1]

        comments = [
            f"# computed {resource} {key}: {', '.join(truth.source for truth in truths)}\n"
            for (resource, key), truths in self._account.store.computed.items()
            if truths
        ]
        records = as_yaml(account_content(self._account, "changes"), format_record)
        text = [*records, *comments, f"{_LAST_LINE}\n"]
        self._formatted = now
        self._locked.replace(text)


def _read_computed(lines: Iterable[str]) -> dict[Address, tuple[Truth, ...]]:
    """Return the assumptions by which values of records were computed, from the comments of a file.

    A name that this version of fakekit does not have is left out.
    """
    names = {assumption.name for assumption in TABLE}
    return {
        (match[1], int(match[2])): tuple(assumed(name) for name in match[3].split(", ") if name in names)
        for match in filter(None, map(_COMPUTED.fullmatch, lines))
    }


def _read_own_lines(file: Path, key: str) -> list[str]:
    """Return the lines of a file that `keep_changes` wrote.

    Raises `FixtureError` if it did not write this file for this key, or not to its end: such a file may be a
    user's work, and the next change would overwrite it.
    """
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
    except OSError as error:
        raise _file_error(file, f"cannot be read: {error.strerror}") from None
    first = _FIRST_WORDS.format(key=key)
    if not lines or not lines[0].startswith(first):
        message = f"is not a file that --changes wrote ({first} ...), and would be overwritten"
        raise _file_error(file, message, "another name, or remove it")
    if lines[-1] != _LAST_LINE:
        raise _file_error(
            file, "is not whole: its last line is missing", f"that, if nothing else is: {_LAST_LINE}"
        )
    return lines


def _file_error(file: Path, message: str, write: str = "") -> FixtureError:
    """Return the error for a file that ``--changes`` cannot use.

    message: the rest of a sentence about the file. write: what to do instead; empty for no suggestion.
    """
    return FixtureError(Problem(f"--changes: {file}", message, "", write))
