"""`fakekit serve --changes`: what fk_demo changed is in a file and there after a restart."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import fakekit
from fakekit.control.persistence import keep_changes
from tests.helpers.account_changes import calls_of, change_something_of_everything, everything
from tests.helpers.commands import cli
from tests.helpers.control_api import AMA, Fake, asking, problem
from tests.helpers.processes import ALONE, PATIENCE, Server, drain, serving

DEMO = "fk_demo"


@pytest.mark.slow
@pytest.mark.parametrize("underneath", ["gunicorn", ALONE])
def test_changes_survive_a_restart_and_a_kill(tmp_path: Path, underneath: str) -> None:
    options = ("--server", underneath, "--changes", str(tmp_path / "changes.yaml"))
    with serving(tmp_path, *options) as server, asking(server.origin) as fake:
        change_something_of_everything(key := fake.key(DEMO))
        before = everything(key)
        os.kill(_serving(server), signal.SIGKILL)
        server.process.wait(PATIENCE) if underneath == "alone" else server.process.communicate(
            timeout=PATIENCE
        )
    with serving(tmp_path, *options) as server, asking(server.origin) as fake:
        assert everything(fake.key(DEMO)) == before
        assert fake.key("fk_other").customer(1)["customer_name"] == "Jane Doe"
    with serving(tmp_path, *options) as server, asking(server.origin) as fake:
        again = fake.key(DEMO)
        assert again.customer(3) == 404
        assert again.ask("customers/add", AMA).json()["data"]["customer"]["id"] == 53
        again.control("POST", "/reset")
    assert (tmp_path / "changes.yaml").read_text("utf-8").splitlines()[2] == "removed: {}"


def _serving(server: Server) -> int:
    """The process that keeps the changes: gunicorn's worker, or the server itself."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return int(children[0]) if children else server.process.pid


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Fake]]:
    folder = tmp_path_factory.mktemp("kept")
    (folder / "shop.yaml").write_text("population: 5\n")
    options = ("--changes", str(folder / "changes.yaml"), "--fixtures", str(folder / "shop.yaml"))
    with serving(folder, "--server", "alone", *options) as server, asking(server.origin) as fake:
        drain(server)
        yield folder / "changes.yaml", fake


def test_only_fk_demo_is_kept_with_what_the_control_api_changes(kept: tuple[Path, Fake]) -> None:
    file, fake = kept
    demo = fake.key(DEMO)
    demo.control("PATCH", "/records/customers/2", {"customer_name": "By control"})
    fake.key().control("PATCH", "/records/customers/2", {"customer_name": "Somebody else's"})
    assert "By control" in file.read_text("utf-8")
    assert "Somebody" not in file.read_text("utf-8")
    name = demo.control("POST", "/snapshots").json()["snapshot"]
    demo.control("PATCH", "/records/customers/2", {"customer_name": "After"})
    assert "After" in file.read_text("utf-8")
    demo.control("POST", f"/snapshots/{name}/restore")
    assert "By control" in file.read_text("utf-8")
    demo.control("DELETE")
    assert demo.customer(2)["customer_name"] != "By control"
    demo.control("PATCH", "/records/customers/2", {"customer_name": "Still kept"})
    assert "Still kept" in file.read_text("utf-8")


def test_a_kept_key_cannot_be_given_another_world(kept: tuple[Path, Fake]) -> None:
    file, fake = kept
    fake.key(DEMO).control("PATCH", "/records/customers/3", {"customer_name": "Here"})
    for body in ({"key": DEMO, "seed": 7}, {"key": DEMO}):
        told = problem(fake.control("POST", json=body))
        assert told == (
            422,
            "ControlError",
            "key: is saved in a file (--changes), so its world is always the server's",
        )
    assert fake.key(DEMO).customer(3)["customer_name"] == "Here"
    assert "Here" in file.read_text("utf-8")


@pytest.mark.slow
def test_the_file_is_whole_whenever_it_is_there(kept: tuple[Path, Fake]) -> None:
    file, fake = kept
    seen, done = set[bool](), threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add(file.read_bytes().endswith(b"\n# The end: without this line the file is not whole.\n"))

    looking = threading.Thread(target=look)
    looking.start()
    for n in range(50):
        fake.key(DEMO).control("POST", "/records/customers", {"customer_name": f"N{n}"})
    done.set()
    looking.join()
    assert seen == {True}
    assert [f.name for f in file.parent.iterdir() if f.name.startswith(".")] == []


def test_a_place_that_cannot_be_written_any_more_is_logged_and_caught_up_with(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    folder.mkdir()
    options = ("--server", "alone", "--changes", str(folder / "changes.yaml"))
    with serving(tmp_path, *options) as server, asking(server.origin) as fake:
        moved = folder.rename(tmp_path / "moved")
        assert (
            fake.key(DEMO).control("POST", "/records/customers", {"customer_name": "One"}).status_code == 201
        )
        told = server.wait_for_line("cannot be written")
        assert "changes.yaml cannot be written (No such file or directory): the change is lost" in told
        moved.rename(folder)
        fake.key(DEMO).control("POST", "/records/customers", {"customer_name": "Two"})
        text = (folder / "changes.yaml").read_text("utf-8")
        assert "One" in text
        assert "Two" in text


FIRST = "# What fk_demo changed: seed 1, 50 customers.\n"
END = "# The end: without this line the file is not whole.\n"


UNCLOSED = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


DAMAGED = [
    ("a.yaml", b"", "is not a file that --changes wrote (# What fk_demo changed: ...)"),
    ("a.yaml", b"customers: []\n", "is not a file that --changes wrote"),
    ("a.yaml", b"# What fk_other changed: seed 1.\nremoved: {}\n", "is not a file that --changes wrote"),
    ("a.yaml", b"\x00\xff\xfe" * 50, "is not a file that --changes wrote"),
    (
        "a.yaml",
        f"{FIRST}removed: {{customers: [1]}}\n".encode(),
        "is not whole: its last line is missing",
    ),
    ("a.yaml", f"{FIRST}customers:\n- id: 51\n{END}".encode(), "customers[0].customer_name: is required"),
    ("a.yaml", f"{FIRST}customers: [\n{END}".encode(), "is not YAML"),
    ("a.yaml", f"{FIRST}removed: \xff\n{END}".encode("latin-1"), "is not UTF-8 (byte 0xff)"),
    ("a.yaml", f"{FIRST}removed: {{customers: [0]}}\n{END}".encode(), "must be a list of ids"),
    ("a.json", f"{FIRST}removed: {{}}\n{END}".encode(), "is not YAML by its name"),
]
"""The name of a file, what is in it, and what is said of it."""


@UNCLOSED
@pytest.mark.parametrize(
    ("name", "data", "message"),
    [DAMAGED[0], *(pytest.param(*row, marks=pytest.mark.slow) for row in DAMAGED[1:])],
)
def test_a_file_that_is_damaged_or_somebody_elses_is_refused_and_not_touched(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    done = refused(file)
    assert message in done
    assert file.read_bytes() == data
    assert [each.name for each in tmp_path.iterdir()] == [name]


def refused(file: Path) -> str:
    """What a server says that does not start, of a file of changes."""
    done = cli("serve", "--port", "0", "--changes", str(file))
    gc.collect()  # the process would end here, and its listener with it
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert done.stderr.startswith("error: "), done.stderr
    assert (
        [f.name for f in file.parent.iterdir() if f.name.startswith(".")] == []
        if file.parent.exists()
        else True
    )
    return done.stderr


@pytest.mark.slow
@UNCLOSED
def test_places_that_cannot_be_a_file_of_changes_are_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.yaml")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nothing.yaml")
    (tmp_path / "folder.yaml").mkdir()
    for name in ("fifo.yaml", "link.yaml", "folder.yaml"):
        assert f"{name}: is not a regular file" in refused(tmp_path / name)
    assert "is not YAML by its name; write a name ending in .yaml" in refused(tmp_path / "new.json")
    assert not (tmp_path / "new.json").exists()
    told = refused(tmp_path / "nowhere" / "a.yaml")
    assert told.startswith("error: --changes: cannot be written: No such file or directory; found ")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "kept.yaml"
    target.write_text(f"{FIRST}removed: {{customers: [1]}}\n{END}")
    (tmp_path / "link.yaml").symlink_to(target)
    options = ("--server", "alone", "--changes", str(tmp_path / "link.yaml"))
    with serving(tmp_path, *options) as server, asking(server.origin) as fake:
        assert fake.key(DEMO).customer(1) == 404
        fake.key(DEMO).control("DELETE", "/records/customers/2")
        assert fake.key(DEMO).customer(2) == 404
    assert (tmp_path / "link.yaml").is_symlink()
    assert "customers: [1, 2]" in target.read_text("utf-8")


@pytest.mark.slow
def test_a_change_words_anew_only_what_changed_however_much_is_kept(tmp_path: Path) -> None:
    app = fakekit.create_app(fakekit.Settings.of(seed=1))
    keep_changes(app.extensions["fakekit"].accounts.open(DEMO), tmp_path / "changes.yaml")
    client, headers = app.test_client(), {"Fakekit-Control": "1"}

    def change(name: str) -> None:
        body = {"customer_name": name}
        told = client.patch(f"/_fakekit/accounts/{DEMO}/records/customers/1", json=body, headers=headers)
        assert told.status_code == 200

    change("First")
    one = calls_of(lambda: change("Second"))
    for _ in range(100):
        added = client.post(f"/_fakekit/accounts/{DEMO}/records/customers", json={}, headers=headers)
        assert added.status_code == 201
    hundred = calls_of(lambda: change("Third"))
    assert hundred - one < 100 * 100  # to word a record takes more than five hundred


def test_a_record_that_took_the_code_of_another_has_it_after_a_restart_too(tmp_path: Path) -> None:
    def serve(name: str) -> FlaskClient:
        app = fakekit.create_app(fakekit.Settings.of(seed=1))
        keep_changes(app.extensions["fakekit"].accounts.open(DEMO), tmp_path / name)
        return app.test_client()

    def fetched(client: FlaskClient) -> list[int]:
        asked = {"headers": {"Authorization": "Bearer fk_demo"}}
        answers = [client.get(f"/api/v1/sales/{code}", **asked).get_json() for code in (857962, 100001)]
        return [answer["data"]["sales"]["id"] for answer in answers]

    client, control = serve("before.yaml"), {"Fakekit-Control": "1"}
    records = f"/_fakekit/accounts/{DEMO}/records/sales"
    for code in (624641, 857962):  # of sales 3 and 40
        assert client.delete(f"{records}/{code}", headers=control).status_code == 200
    for added in ({"id": 3, "invoice_code": 857962}, {"id": 40, "invoice_code": 100001}):
        assert client.post(records, json=added, headers=control).status_code == 201
    shutil.copy(tmp_path / "before.yaml", tmp_path / "after.yaml")
    assert fetched(client) == [3, 40]
    assert fetched(serve("after.yaml")) == [3, 40]


def test_what_was_computed_is_named_after_a_restart_too(tmp_path: Path) -> None:
    bearer = {"Authorization": f"Bearer {DEMO}"}

    def serve(name: str) -> FlaskClient:
        app = fakekit.create_app(fakekit.Settings.of(seed=1))
        keep_changes(app.extensions["fakekit"].accounts.open(DEMO), tmp_path / name)
        return app.test_client()

    def assumed(client: FlaskClient, path: str) -> list[str]:
        answer = client.get(f"/api/v1/{path}", headers=bearer)
        return str(answer.headers.get("Fakekit-Assumed", "")).split(", ")

    client = serve("before.yaml")
    body = {name: value for name, value in AMA.items() if name != "created_by"}
    key = client.post("/api/v1/customers/add", json=body, headers=bearer).get_json()["data"]["customer"]["id"]
    paths = [f"customers/{key}", "customers/1", "customers"]
    before = [assumed(client, path) for path in paths]
    assert {"customer.created_by", "time.zone"} < set(before[0])
    text = (tmp_path / "before.yaml").read_text("utf-8")
    line = f"# computed customers {key}: customer.created_by, time.zone\n"
    assert line in text
    (tmp_path / "after.yaml").write_text(text)
    again = serve("after.yaml")
    assert [assumed(again, path) for path in paths] == before
    assert (tmp_path / "after.yaml").read_text("utf-8") == text
    (tmp_path / "newer.yaml").write_text(text.replace("customer.created_by", "not.yet_known"))
    assert "customer.created_by" not in assumed(serve("newer.yaml"), paths[0])


def test_a_record_that_goes_back_to_the_seed_leaves_the_file(tmp_path: Path) -> None:
    app = fakekit.create_app(fakekit.Settings.of(seed=1))
    file = tmp_path / "changes.yaml"
    keep_changes(app.extensions["fakekit"].accounts.open(DEMO), file)
    client, control = app.test_client(), {"Fakekit-Control": "1"}
    root = f"/_fakekit/accounts/{DEMO}"
    client.delete(f"{root}/records/customers/1", headers=control)
    client.patch(f"{root}/records/customers/2", json={"customer_name": "Other"}, headers=control)
    client.post(f"{root}/records/customers/1/restore", headers=control)
    assert "removed:" not in file.read_text("utf-8")
    assert "customer_name: Other" in file.read_text("utf-8")
    client.delete(f"{root}/changes", headers=control)
    assert file.read_text("utf-8").splitlines()[2:] == ["removed: {}", END.strip()]
