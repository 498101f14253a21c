"""Back, and out: snapshots, reset, export, and the file of ``fakekit serve --changes``."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fakekit
from fakekit.control.persistence import keep_changes
from tests.helpers.commands import cli
from tests.helpers.control_api import AMA, Fake, Key, asking, problem, running
from tests.helpers.processes import ALONE, PATIENCE, Server, drain, serving

RESOURCES = ("customers", "customer_groups", "sales", "items", "item_categories", "expenses")


@pytest.fixture(scope="module")
def fake() -> Iterator[Fake]:
    with running() as started:
        yield started


@pytest.fixture
def key(fake: Fake) -> Key:
    return fake.key()


def everything(key: Key) -> dict[str, Any]:
    """What an account answers of every resource: its records, lines of sales included, and its lists."""
    told: dict[str, Any] = {}
    for name in RESOURCES:
        told[name] = key.control("GET", f"/records/{name}?limit=1000").json()
    told["lines"] = {
        sale["invoice_code"]: key.control("GET", f"/records/sales/{sale['invoice_code']}/lines").json()
        for sale in told["sales"][:4] + told["sales"][-3:]
    }
    for path in (
        "customers",
        "customer-groups",
        "sales",
        "inventory/items",
        "inventory/categories",
        "expenses",
    ):
        told[f"GET {path}"] = key.ask(path).json()
    return told


def first(key: Key, resource: str) -> dict[str, Any]:
    record: dict[str, Any] = key.control("GET", f"/records/{resource}?limit=1").json()[0]
    return record


def change_something_of_everything(key: Key) -> None:
    """Add, change and remove a record of each resource, by HTTP."""

    def do(method: str, path: str, fields: Any = None) -> Any:
        answer = key.control(method, f"/records/{path}", fields)
        assert answer.ok, answer.text
        return answer.json()

    for name in RESOURCES:
        for _ in range(2):
            do("POST", name, {})
    do("PATCH", "customers/1", {"customer_name": "王 O'Brien: # ~ null", "customer_email": None})
    do("PATCH", "customer_groups/1", {"group_name": "NO", "group_description": " two\nlines "})
    do("PATCH", "item_categories/1", {"category_name": "0x1F"})
    do("PATCH", "expenses/2", {"expense_description": "1e3"})
    sales, items = (key.control("GET", f"/records/{name}?limit=3").json() for name in ("sales", "items"))
    do("PATCH", f"items/{items[0]['item_code']}", {"item_name": "yes"})
    do("DELETE", f"items/{items[1]['item_code']}")
    do("PATCH", f"sales/{sales[0]['invoice_code']}", {"invoice_note": "- a: b"})
    do("DELETE", f"sales/{sales[1]['invoice_code']}")
    do("POST", "sales", {"invoice_code": sales[1]["invoice_code"], "invoice_note": "has its code now"})
    do("DELETE", "customers/3")
    do("DELETE", "customers/51")
    do("DELETE", "customer_groups/2")
    do("DELETE", "item_categories/2")
    do("DELETE", "expenses/1")


# --- snapshots -----------------------------------------------------------------------------------


def test_restore_brings_back_what_was_there(key: Key) -> None:
    change_something_of_everything(key)
    before = everything(key)
    name = key.control("POST", "/snapshots").json()["snapshot"]
    key.control("PATCH", "/records/customers/1", {"customer_name": "Other"})
    assert key.ask("customers/4", method="DELETE").ok
    added = key.ask("customers/add", AMA).json()["data"]["customer"]["id"]
    code = before["items"][0]["item_code"]
    assert key.control("DELETE", f"/records/items/{code}").ok
    assert key.control("GET", f"/records/items/{code}").status_code == 404
    assert everything(key) != before
    for _ in range(2):  # it stays
        assert key.control("POST", f"/snapshots/{name}/restore").json() == {"done": True}
        assert everything(key) == before
        assert key.ask("customers/add", AMA).json()["data"]["customer"]["id"] == added


def test_what_was_gone_is_gone_again_and_a_group_forgotten(key: Key) -> None:
    key.control("DELETE", "/records/customers/2")
    key.control("DELETE", "/records/customer_groups/1")
    assert key.customer(1)["customer_group_id"] is None
    gone = key.control("POST", "/snapshots").json()["snapshot"]
    key.control("POST", "/records/customers", {"id": 2, "customer_name": "Again"})
    assert key.customer(2)["customer_name"] == "Again"
    key.control("POST", f"/snapshots/{gone}/restore")
    assert key.customer(2) == 404
    assert key.customer(1)["customer_group_id"] is None


def test_a_snapshot_of_nothing_is_the_start(key: Key) -> None:
    before = everything(key)
    name = key.control("POST", "/snapshots").json()["snapshot"]
    change_something_of_everything(key)
    key.control("POST", f"/snapshots/{name}/restore")
    assert everything(key) == before
    assert key.control("GET").json()["changed"] is False


def test_there_are_thirty_two_at_most_and_they_can_be_dropped(key: Key) -> None:
    names = [key.control("POST", "/snapshots").json()["snapshot"] for _ in range(32)]
    assert len(set(names)) == 32
    told = problem(key.control("POST", "/snapshots"))
    assert told == (404, "SnapshotError", ": an account can have 32 snapshots at most")
    assert key.control("DELETE", f"/snapshots/{names[0]}").json() == {"done": True}
    assert key.control("GET", "/snapshots").json() == {"snapshots": names[1:]}
    new = key.control("POST", "/snapshots").json()["snapshot"]
    assert new not in names
    for method, path in (("POST", f"/snapshots/{names[0]}/restore"), ("DELETE", f"/snapshots/{names[0]}")):
        told = problem(key.control(method, path))
        assert told == (404, "SnapshotError", "snapshot: no snapshot has this name")


def test_faults_and_requests_are_not_part_of_it(key: Key) -> None:
    name = key.control("POST", "/snapshots").json()["snapshot"]
    key.control("POST", "/faults", {"fault": "fail", "status": 503, "times": 9})
    assert key.customer(1) == 503
    key.control("POST", f"/snapshots/{name}/restore")
    assert key.customer(1) == 503
    assert len(key.control("GET", "/requests").json()["requests"]) == 2


def test_the_handle_says_what_there_is(fake: Fake, key: Key) -> None:
    xtrakit = fakekit.connect(fake.origin, key.key)
    name = xtrakit.snapshot()
    xtrakit.remove("customers", 1)
    xtrakit.restore(name)
    assert xtrakit.customer(1)["customer_name"] == "Jane Doe"
    for wrong in ("s9", "a/b", ""):
        with pytest.raises(fakekit.SnapshotError):
            xtrakit.restore(wrong)
    with pytest.raises(fakekit.SnapshotError, match="no snapshot has this name; write one of s1"):
        xtrakit.restore("s9")


# --- reset ---------------------------------------------------------------------------------------


def test_reset_drops_all_but_the_journal(key: Key) -> None:
    before = everything(key)
    key.control("DELETE", "/requests")
    change_something_of_everything(key)
    key.control("POST", "/snapshots")
    key.control("PUT", "/clock", {"freeze": "2030-01-01"})
    key.control("POST", "/faults", {"fault": "fail", "status": 503, "times": 9})
    assert key.customer(1) == 503
    assert key.control("POST", "/reset").json() == {"done": True}
    told = key.control("GET").json()
    assert (told["changed"], told["snapshots"], told["unused"]) == (False, [], [])
    assert told["clock"]["frozen"] is False
    assert [r["status"] for r in key.control("GET", "/requests").json()["requests"]] == [503]
    assert everything(key) == before
    assert key.ask("customers/add", AMA).json()["data"]["customer"]["id"] == 51


def calls_of(act: Callable[[], object]) -> int:
    """How many functions this thread calls while `act` runs, those written in C included: work that can be counted."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls


def test_reset_is_the_same_little_work_however_much_was_changed() -> None:
    with fakekit.FakeServer(seed=1) as xtrakit:
        calls = []
        for changes in (1, 10, 1000):
            for _ in range(changes):
                xtrakit.add_customer()
            calls.append(calls_of(xtrakit.reset))
        assert xtrakit.add_customer()["id"] == 51
    assert max(calls) == min(calls) < 100


# --- export --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("what", ["changes", "world"])
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_was_exported_loads_back_to_the_same_answers(
    key: Key, tmp_path: Path, what: str, form: str
) -> None:
    change_something_of_everything(key)
    before = everything(key)
    exported = key.control("GET", f"/export?what={what}&form={form}")
    assert exported.headers["content-type"] == "text/plain; charset=utf-8"
    file = tmp_path / f"world.{form}"
    file.write_bytes(exported.content)
    with running(fixtures=[str(file)]) as other:
        again = other.key("fk_again")
        assert everything(again) == before
        assert again.customer(3) == again.customer(51) == 404
        added = again.ask("customers/add", AMA).json()["data"]["customer"]["id"]
        assert added == key.ask("customers/add", AMA).json()["data"]["customer"]["id"] == 53


def test_changes_that_were_exported_give_an_account_of_its_own(fake: Fake, key: Key) -> None:
    change_something_of_everything(key)
    for name in ("customers", "sales", "items"):
        key.control("GET", f"/records/{name}")
    text = key.control("GET", "/export").text
    other = fake.key()
    opened = fake.control("POST", json={"key": other.key, "fixtures": [{"name": "a.yaml", "text": text}]})
    assert opened.status_code == 201, opened.text
    assert everything(other) == everything(key)
    as_json = key.control("GET", "/export?form=json").json()
    assert fake.control("POST", json={"key": other.key, "fixtures": as_json}).status_code == 201
    assert everything(other) == everything(key)


def test_nothing_changed_exports_to_a_file_that_loads(key: Key, tmp_path: Path) -> None:
    assert key.control("GET", "/export?form=json").json() == {"removed": {}}
    assert key.control("GET", "/export").text == (
        f"# What {key.key} changed: seed 1, 50 customers.\nremoved: {{}}\n"
    )


def test_an_export_shows_what_changed(key: Key) -> None:
    key.control("DELETE", "/records/customers/2")
    key.control("DELETE", "/records/expenses/1")
    assert key.control("GET", "/export?form=json").json() == {"removed": {"customers": [2], "expenses": [1]}}
    assert "customers: [2]\n" in key.control("GET", "/export").text


def test_a_sale_with_the_code_of_a_removed_one_is_the_one_that_is_found(key: Key) -> None:
    code = first(key, "sales")["invoice_code"]
    assert key.control("DELETE", f"/records/sales/{code}").ok
    answer = key.control("POST", "/records/sales", {"invoice_code": code, "invoice_note": "the second"})
    assert answer.status_code == 201, answer.text
    exported = key.control("GET", "/export?form=json").json()
    with running() as other:
        other.control("POST", json={"key": "fk_again", "fixtures": exported})
        again = other.key("fk_again")
        assert again.ask(f"sales/{code}").json() == key.ask(f"sales/{code}").json()
        assert again.control("GET", f"/records/sales/{code}").json()["invoice_note"] == "the second"


def test_a_form_that_is_none_is_refused(key: Key) -> None:
    assert problem(key.control("GET", "/export?form=xml"))[0] == 422
    assert problem(key.control("GET", "/export?what=everything"))[0] == 422


def test_a_world_too_large_to_be_worded_in_one_go_is_refused(fake: Fake) -> None:
    key = fake.key()
    fake.control("POST", json={"key": key.key, "customers": 10_001})
    told = problem(key.control("GET", "/export?what=world"))
    assert told == (422, "ControlError", "export: is limited to worlds of 10,000 customers")
    assert key.control("GET", "/export").ok


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20) | st.sampled_from(
    [
        "null",
        "~",
        "NO",
        "00233",
        "1e3",
        "0x1F",
        "- a",
        "a: b",
        "a #b",
        "'",
        '"',
        "{",
        "\u2028",
        "\x85",
        "=",
        "<<",
    ]
)


@settings(max_examples=10)
@given(name=TEXTS, description=TEXTS | st.none())
def test_any_text_comes_back(fake: Fake, name: str, description: str | None) -> None:
    key, other = fake.key("fk_any"), fake.key("fk_any_again")
    key.control("POST", "/reset")
    answer = key.control(
        "POST", "/records/customer_groups", {"group_name": name, "group_description": description}
    )
    if answer.status_code == 422:
        return
    for form in ("yaml", "json"):
        text = key.control("GET", f"/export?form={form}").content.decode()
        texts = [{"name": f"a.{form}", "text": text}]
        opened = fake.control("POST", json={"key": other.key, "fixtures": texts})
        assert opened.status_code == 201, opened.text
        assert other.control("GET", "/records/customer_groups/6").json() == answer.json()


# --- fakekit serve --changes ---------------------------------------------------------------------

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
    assert (tmp_path / "changes.yaml").read_text("utf-8").splitlines()[1] == "removed: {}"


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


@UNCLOSED
@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
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
    ],
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
