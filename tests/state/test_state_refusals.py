"""What cannot be the store of accounts, and what the error says."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import pytest

from fakekit import __version__
from fakekit.errors import FakekitError
from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state
from fakekit.state.sqlite_file import find_file_system
from tests.helpers.postgresql import Postgresql
from tests.helpers.processes import clean_environment, free_port
from tests.helpers.project import ROOT

PROGRAM = ROOT / "tests" / "programs" / "open_state_as_nobody.py"
WORLD = {"seed": "1", "sizes": "50 customers", "invoice_prefix": ""}


def refusal(location: Path | str, made_by: Mapping[str, str] | None = WORLD) -> str:
    """What is said when a store is opened that cannot be; without the location, which is long."""
    with pytest.raises(FakekitError) as caught:
        open_state(StateLocation(str(location)), 10, made_by)
    return str(caught.value).replace(str(StateLocation(str(location))), "LOCATION")


def test_a_store_of_another_world_is_refused_with_the_differences(state_location: str) -> None:
    open_state(StateLocation(state_location), 10, WORLD).close()
    open_state(StateLocation(state_location), 10, WORLD).close()
    other = "or another location, or empty this one (fakekit state drop --all)"
    assert refusal(
        state_location, {"seed": "7", "sizes": "5 customers", "invoice_prefix": "A"}
    ).splitlines() == [
        f"--state: LOCATION has accounts of another world, with invoice_prefix ''; found A; write --invoice-prefix '', {other}",
        f"--state: LOCATION has accounts of another world, with seed 1; found 7; write --seed 1, {other}",
        f"--state: LOCATION has accounts of another world, with sizes 50 customers; found 5 customers; write the same sizes, {other}",
    ]
    store = open_state(StateLocation(state_location), 10, None)
    store.drop_all()
    store.close()
    open_state(StateLocation(state_location), 10, {**WORLD, "seed": "7"}).close()
    assert "with seed 7; found 1" in refusal(state_location)


@pytest.mark.slow
def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    file = tmp_path / "50% off?#1 Ɔ.db"
    for _ in range(2):
        open_state(StateLocation(str(file)), 10, WORLD).close()
    assert [each.name for each in tmp_path.iterdir()] == ["50% off?#1 Ɔ.db"]


@pytest.mark.slow
def test_tables_of_another_version_are_refused_with_a_way_on(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    open_state(StateLocation(str(file)), 10, WORLD).close()
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE fakekit_meta SET value = '3' WHERE name = 'schema'")
    assert refusal(file) == (
        f"--state: LOCATION was written by fakekit {__version__}, with version 3 of the tables; fakekit {__version__} reads "
        "version 2; write another location, or install the version that wrote it and export what is needed"
    )


@pytest.mark.slow
def test_what_is_no_store_is_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "shop.yaml"
    text.write_text("customers: []\n" * 100)
    assert refusal(text) == "--state: is no database; found LOCATION; write the name of a new file"
    assert text.read_text() == "customers: []\n" * 100
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE orders (id)")
    assert (
        refusal(other)
        == "--state: is a database of another program; found LOCATION; write the name of a new file"
    )
    with contextlib.closing(sqlite3.connect(other)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchall() == [("delete",)]


@pytest.mark.slow
def test_a_path_that_no_file_can_be_at(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"--state: is a folder; found LOCATION; write LOCATION{os.sep}state.db"
    assert refusal(tmp_path / "gone" / "a.db") == (
        f"--state: is in a folder that is not there; found LOCATION; write a path in a folder that is (mkdir -p {tmp_path}/gone)"
    )
    assert (
        refusal(tmp_path / "gone.db", None)
        == "--state: no such file; found LOCATION; write a file that fakekit wrote"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_folder_that_cannot_be_written() -> None:
    folder = Path(tempfile.mkdtemp(prefix="fakekit-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        file = folder / "state.db"
        file.touch()
        file.chmod(0o666)
        folder.chmod(0o555)
        for name, expected in (
            (
                "state.db",
                "is in a folder in which this user can create no files, and SQLite needs two beside it",
            ),
            ("new.db", "cannot be written: Permission denied"),
        ):
            environment = clean_environment() | {"PYTHONPATH": str(ROOT)}
            command = [sys.executable, str(PROGRAM), str(folder / name)]
            run = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/")
            assert (run.stdout, run.stderr) == (
                f"--state: {expected}; found {folder / name}; write another path\n",
                "",
            )
    finally:
        folder.chmod(0o755)
        for each in folder.iterdir():
            each.unlink()
        folder.rmdir()


@pytest.mark.slow
def test_a_network_file_system_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shared folder").mkdir()
    escaped = str(tmp_path / "shared folder").replace(" ", r"\\040")
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 0:21 / / rw,relatime - ext4 /dev/vda rw\\n"
        f"23 22 0:22 / {escaped} rw shared:1 - nfs4 server:/home rw\\n".encode().decode("unicode_escape")
    )
    assert find_file_system(tmp_path, mounts) == "ext4"
    assert find_file_system(tmp_path, tmp_path / "gone") == ""
    with mock.patch("fakekit.state.sqlite_file.MOUNTS", mounts):
        open_state(StateLocation(str(tmp_path / "state.db")), 10, WORLD).close()
        assert refusal(tmp_path / "shared folder" / "state.db") == (
            "--state: is on a network file system (nfs4), whose locks SQLite cannot rely on; found LOCATION; write a path on "
            "a disk of this machine, or postgresql://... to share it between machines"
        )
    assert list((tmp_path / "shared folder").iterdir()) == []


def test_a_url_needs_psycopg() -> None:
    with mock.patch.dict(sys.modules, {"psycopg": None}):
        sys.modules.pop("fakekit.state.postgresql", None)
        said = refusal("postgresql://ama:geheim@127.0.0.1/fake")
    assert said == (
        "--state: needs psycopg, which cannot be imported: import of psycopg halted; None in sys.modules; found LOCATION; "
        "write memory or FILE, or install it: pip install 'fakekit[postgresql]'"
    )


@pytest.mark.slow
def test_no_message_shows_a_password(database_server: Postgresql) -> None:
    port = database_server.port
    said = [
        refusal(f"postgresql://ama:ge/he%zzim@127.0.0.1:{port}/fake"),
        refusal(f"postgresql://ama:geheim@127.0.0.1:{port}/fake?nonsense=geheim"),
        refusal(f"postgresql://ama:geheim@127.0.0.1:{port}/gone"),
        refusal(f"postgresql://ama:geheim@127.0.0.1:{free_port()}/fake"),
        refusal("postgresql://ama:geheim@host.invalid/fake"),
    ]
    assert "geheim" not in str(said)
    assert "he%zz" not in str(said)
    assert "is no URL of PostgreSQL; found LOCATION" in said[0]
    assert "Connection refused" in said[3]
    assert str(StateLocation("postgresql://ama:geheim@db/fake")) == "postgresql://ama:...@db/fake"
