"""One server at a time keeps its changes in a file; a change that cannot be saved says so in its response."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.helpers.commands import cli
from tests.helpers.control_api import AMA, asking
from tests.helpers.processes import ALONE, FAKEKIT, PATIENCE, serving

DEMO = "fk_demo"
UNCLOSED = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def refused(file: Path) -> str:
    """What a server says that does not start with this file."""
    done = cli("serve", "--port", "0", "--changes", str(file))
    assert done.returncode == 2
    return done.stderr


@UNCLOSED
@pytest.mark.parametrize("underneath", [pytest.param("gunicorn", marks=pytest.mark.slow), ALONE])
def test_a_second_server_on_the_same_file_is_refused(tmp_path: Path, underneath: str) -> None:
    file, link = tmp_path / "changes.yaml", tmp_path / "link.yaml"
    with serving(tmp_path, "--server", underneath, "--changes", str(file)) as server:
        in_use = ": is in use by another fakekit serve; write another name\n"
        assert refused(file) == f"error: --changes: {file}{in_use}"
        with asking(server.origin) as fake:
            # each change replaces the file
            assert fake.key(DEMO).ask("customers/add", AMA).status_code == 200
            before = file.read_bytes()
            link.symlink_to(file)
            assert refused(link) == f"error: --changes: {link}{in_use}"
            assert file.read_bytes() == before
        server.process.send_signal(signal.SIGKILL)
        server.process.communicate(timeout=PATIENCE)
    # the lock ends with the process, and nothing is left beside the file
    with (
        serving(tmp_path, "--server", underneath, "--changes", str(file)) as server,
        asking(server.origin) as fake,
    ):
        assert fake.key(DEMO).customer(51)["customer_name"] == AMA["customer_name"]
    assert [f.name for f in tmp_path.iterdir() if "changes" in f.name] == ["changes.yaml"]


def test_a_change_that_cannot_be_saved_says_so_until_it_can(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    folder.mkdir()
    options = ("--server", "alone", "--changes", str(folder / "changes.yaml"))
    with serving(tmp_path, *options) as server, asking(server.origin) as fake:
        key = fake.key(DEMO)
        moved = folder.rename(tmp_path / "moved")
        note = "the changes of fk_demo are not saved: --changes cannot write its file (No such file or directory)"
        assert key.ask("customers/add", AMA).headers["Fakekit-Note"] == note
        assert key.control("POST", "/records/customers", {}).headers["Fakekit-Note"] == note
        assert "Fakekit-Note" not in key.ask("customers/1").headers
        moved.rename(folder)
        assert "Fakekit-Note" not in key.ask("customers/add", AMA).headers
        assert "Fakekit-Note" not in key.control("POST", "/records/customers", {}).headers


@pytest.mark.parametrize("underneath", [pytest.param("gunicorn", marks=pytest.mark.slow), ALONE])
def test_a_file_that_may_not_grow_is_kept_as_it_was(tmp_path: Path, underneath: str) -> None:
    file = tmp_path / "changes.yaml"
    limited = [
        "sh",
        "-c",
        'ulimit -f 4 && exec "$@"',
        "sh",
        *FAKEKIT,
        "serve",
    ]  # 2 or 4 kB, as on a full disk
    with (
        serving(tmp_path, "--server", underneath, "--changes", str(file), command=limited) as server,
        asking(server.origin) as fake,
    ):
        notes = [fake.key(DEMO).ask("customers/add", AMA).headers.get("Fakekit-Note", "") for _ in range(12)]
        assert notes[0] == ""
        assert (
            notes[-1]
            == "the changes of fk_demo are not saved: --changes cannot write its file (File too large)"
        )
        assert fake.key(DEMO).customer(62)["customer_name"] == AMA["customer_name"]
    assert file.read_text("utf-8").endswith("# The end: without this line the file is not whole.\n")
    assert [f.name for f in tmp_path.iterdir() if "changes" in f.name] == ["changes.yaml"]
