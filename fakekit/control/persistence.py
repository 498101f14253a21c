"""A key's changes, kept in a file from one start to the next: ``fakekit serve --changes FILE``."""

from __future__ import annotations

from pathlib import Path

from fakekit.accounts.account import Account
from fakekit.contract.schema import Record
from fakekit.control.controls import contents_of
from fakekit.errors import FixtureError, Problem
from fakekit.fixtures.load import load
from fakekit.fixtures.whole_file import write_whole
from fakekit.fixtures.write import as_yaml, record_as_yaml
from fakekit.log import LOGGER

_FIRST_WORDS = "# What {key} changed:"
_LAST_LINE = "# The end: without this line the file is not whole."


def keep_changes(account: Account, file: Path) -> None:
    """Restore an account's changes from a file, and write the file anew after every change.

    A change is written before its request is answered. A file that does not exist yet is made; one that is
    damaged, or that this did not write, is refused and left as it is. The account is not forgotten to make
    room any more.

    Raises `FixtureError`; OSError when the file cannot be written.
    """
    if file.suffix.lower() not in (".yaml", ".yml"):
        raise _refused(file, "is not YAML by its name", "a name ending in .yaml")
    if file.exists() or file.is_symlink():
        _check_own_file(file, account.key)
        fixtures = load([file], account.world.resources, account.world.size, False, base_world=account.world)
        account.apply_file({}, fixtures.removed)  # first, as a code of theirs may be another record's by now
        account.apply_file(fixtures.records, ())
    writer = _ChangesWriter(file.resolve())  # a link stays one
    writer.write(account)
    account.on_change = writer
    account.is_permanent = True


class _ChangesWriter:
    """Writes an account's changes to a file; the text of a record that did not change is reused.

    As what an account calls on every change it logs a failure: the change is then in memory only.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._formatted: dict[int, tuple[Record, str]] = {}

    def __call__(self, account: Account) -> None:
        try:
            self.write(account)
        except OSError as error:
            reason = error.strerror
            LOGGER.error(
                "--changes: %s cannot be written (%s): the change is lost at the end", self._file, reason
            )

    def write(self, account: Account) -> None:
        """Write the whole file, replacing it in one step. Raises OSError."""
        before, now = self._formatted, {}

        def format_record(record: Record) -> str:
            # Records are never changed in place, and one that is held here has its id for itself.
            now[id(record)] = kept = before.get(id(record)) or (record, record_as_yaml(record))
            return kept[1]

        text = [*as_yaml(contents_of(account, "changes"), format_record), f"{_LAST_LINE}\n"]
        self._formatted = now
        write_whole(self._file, text)


def _check_own_file(file: Path, key: str) -> None:
    """Raise `FixtureError` for a file that `keep_changes` did not write for this key, or not to its end.

    It may be somebody's work, and would be overwritten.
    """
    if not file.is_file():
        raise _refused(file, "is not a regular file", "another name")
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
    except OSError as error:
        raise _refused(file, f"cannot be read: {error.strerror}") from None
    first = _FIRST_WORDS.format(key=key)
    if not lines or not lines[0].startswith(first):
        what = f"is not a file that --changes wrote ({first} ...), and would be overwritten"
        raise _refused(file, what, "another name, or remove it")
    if lines[-1] != _LAST_LINE:
        raise _refused(
            file, "is not whole: its last line is missing", f"that, if nothing else is: {_LAST_LINE}"
        )


def _refused(file: Path, what: str, write: str = "") -> FixtureError:
    """Return the error for a file that cannot be used as ``--changes``."""
    return FixtureError(Problem(f"--changes: {file}", what, "", write))
