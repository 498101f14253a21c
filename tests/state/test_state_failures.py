"""A store that cannot be used for a while: each call says so, one line is logged, and then all goes on."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest import mock

import pytest

from fakekit.accounts.state_store import AccountRow, Item, NewEntry
from fakekit.errors import StateError
from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state
from fakekit.state.sql_store import SqlStore
from tests.helpers.postgresql import Postgresql
from tests.helpers.processes import PATIENCE, clean_environment
from tests.helpers.project import ROOT
from tests.helpers.stalling_proxy import stalling_proxy

RECORD = Item("record", "customers/51", '{"id":51}')
pytestmark = pytest.mark.slow


def put(store: SqlStore, key: str = "fk_a") -> None:
    with store.writing(key) as write:
        write.put([RECORD])


@pytest.fixture(autouse=True)
def _log_warnings(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "fakekit")


def failure(function: Callable[[], object]) -> str:
    with pytest.raises(StateError) as caught:
        function()
    return str(caught.value)


@contextmanager
def writing_elsewhere(store: SqlStore, key: str) -> Iterator[None]:
    """Another process writes an account meanwhile."""
    begun, ended = threading.Event(), threading.Event()

    def write() -> None:
        with store.writing(key):
            begun.set()
            ended.wait(PATIENCE)

    thread = threading.Thread(target=write)
    thread.start()
    assert begun.wait(PATIENCE)
    try:
        yield
    finally:
        ended.set()
        thread.join(PATIENCE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def in_file(file: Path) -> Iterator[SqlStore]:
    with closing(open_state(StateLocation(str(file)), 10, {})) as store:
        yield store


def test_a_file_that_is_written_for_long_by_this_process_or_another(
    file: Path, in_file: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    put(in_file)
    with closing(open_state(StateLocation(str(file)), 10, {})) as other:
        for writer in (in_file, other):
            caplog.clear()
            with mock.patch("fakekit.state.sqlite.BUSY_SECONDS", 0.2), writing_elsewhere(writer, "fk_b"):
                said = failure(lambda: put(in_file))
                failure(lambda: in_file.write_entries([NewEntry("fk_a", 1.0, "one")]))
                assert in_file.find("fk_a") == AccountRow("fk_a", 1, 1)
                assert caplog.messages == [said]
            assert said == f"{file}: cannot be used: database is locked"
            assert in_file.write_entries([NewEntry("fk_a", 1.0, "one")]) != [0]
            assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]
            assert caplog.messages[1] == f"{file}: can be used again"


def test_a_file_that_was_removed_or_replaced(file: Path, in_file: SqlStore, tmp_path: Path) -> None:
    put(in_file)
    copy = tmp_path / "copy.db"
    with closing(open_state(StateLocation(str(copy)), 10, {})) as other:
        put(other, "fk_copy")
    aside = tmp_path / "aside.db"
    file.rename(aside)
    said = f"{file}: cannot be used: unable to open database file; write to a folder that is there, and that this user may write to"
    assert failure(lambda: put(in_file)) == said
    assert failure(lambda: put(in_file)) == said
    assert not file.exists()
    aside.rename(file)
    put(in_file)
    file.unlink()
    shutil.move(copy, file)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"state.db{suffix}").unlink(missing_ok=True)
    put(in_file)
    assert [row.key for row in in_file.rows()] == ["fk_copy", "fk_a"]


def test_a_full_disk(file: Path) -> None:
    program = ROOT / "tests" / "programs" / "write_until_full.py"
    done = subprocess.run(
        [sys.executable, str(program), str(file)],
        capture_output=True,
        text=True,
        env=clean_environment() | {"PYTHONPATH": str(ROOT)},
    )
    assert done.stderr.splitlines() == [
        f"{file}: cannot be used: disk I/O error",
        f"{file}: can be used again",
    ]
    acknowledged, said, stored, afterwards = done.stdout.splitlines()
    assert int(acknowledged) > 10
    assert said == f"{file}: cannot be used: disk I/O error"
    assert (stored, afterwards) == (acknowledged, str(int(acknowledged) + 1))


def test_a_database_that_restarts(database_server: Postgresql, caplog: pytest.LogCaptureFixture) -> None:
    url = database_server.new_database().replace("@", ":geheim@")
    with closing(open_state(StateLocation(url), 10, {})) as store:
        put(store)
        for mode in ("fast", "immediate"):
            assert store.write_entries([NewEntry("fk_a", 1.0, "one")]) != [0]
            database_server.stop(mode)
            database_server.start()
            # Nobody notices: the connections of before are replaced.
            put(store)
            assert store.find("fk_a") is not None
        assert caplog.messages == []
        assert len(store.entries("fk_a")) == 2
        database_server.stop()
        with pytest.raises(StateError, match="Connection refused") as caught:
            store.find("fk_a")
        shown = [*traceback.format_exception(caught.value), repr(caught.value), store.location, caplog.text]
        assert "geheim" not in "".join(shown)
        assert "Connection refused" in failure(lambda: put(store))
        database_server.start()
        put(store)
        assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]


def test_a_database_whose_network_stands_still(database_server: Postgresql) -> None:
    with stalling_proxy(database_server.port) as proxy:
        url = database_server.new_database().replace(f":{database_server.port}/", f":{proxy.port}/")
        with closing(open_state(StateLocation(url), 10, {})) as store:
            put(store)
            proxy.stalls = True
            with mock.patch("fakekit.state.postgresql.ANSWER_SECONDS", 0.3):
                assert "cannot be used: no answer in 0.3 seconds" in failure(lambda: put(store))
            assert "timeout" in failure(lambda: store.find("fk_a"))
            proxy.stalls = False
            put(store)
            assert store.read("fk_a")[1] == [RECORD]


def test_a_database_that_is_slow(database_server: Postgresql) -> None:
    url = database_server.new_database() + "%20-cstatement_timeout%3D1000"
    with closing(open_state(StateLocation(url), 10, {})) as store:
        put(store)
        put(store, "fk_b")
        with writing_elsewhere(store, "fk_a"):
            assert "canceling statement due to statement timeout" in failure(lambda: put(store))
            # Others do not wait for it.
            put(store, "fk_b")
            assert store.write_entries([NewEntry("fk_b", 1.0, "one")]) == [1]
        put(store)
