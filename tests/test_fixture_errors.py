"""Fixture files that are refused: every problem with its file, line and field."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.commands import cli, cli_process
from tests.helpers.fixture_files import JANE, _told, errors, short, write
from tests.helpers.processes import PATIENCE


def test_all_errors_come_at_once_with_file_line_and_field(tmp_path: Path) -> None:
    text = "customers:\n" + short(7) + short(7, "Twice") + short("x", "~", "customer_emial: a@b.example")
    text += "  - id: 9\n    customer_group_id: 77\n" + short(9)[10:]
    file = write(tmp_path, text.replace("2024-01-01 00:00:00", "2024-13-01 00:00:00", 1))
    assert errors(file) == [
        f"error: {file}:10: customers[0].created_at: is not a date and time of the calendar;"
        " found '2024-13-01 00:00:00'; write something like created_at: 2024-08-04 08:23:45",
        f"error: {file}:12: customers[1].id: is the id of customers[0] too; found 7; write an id of its own",
        f"error: {file}:22: customers[2].id: must be a whole number; found 'x'; write a number of its own, such as id: 101",
        f"error: {file}:23: customers[2].customer_name: may not be null; found null;"
        " write something like customer_name: Jane Doe",
        f"error: {file}:32: customers[2].customer_emial: is not a field of this record; write customer_email",
        f"error: {file}:34: customers[3].customer_group_id: names a record of customer_groups that does not exist;"
        " found 77; write one of 1, 2, 3, 4, 5",
    ]


def test_json_errors_have_their_lines_too(tmp_path: Path) -> None:
    record = json.dumps({"id": 1, "customer_name": 5, "nmae": {"deep": [1]}}, indent=1)
    file = write(tmp_path, '{"population": -1,\n"customers": [\n' + record + ",\n 3]}", "world.json")
    found = errors(file)
    assert (
        f"error: {file}:1: population: must be a whole number from 0 to 1,000,000; found -1;"
        ' write "population": 50' in found
    )
    assert (
        f"error: {file}:5: customers[0].customer_name: must be text; found 5;"
        ' write something like "customer_name": "Jane Doe"' in found
    )
    assert f"error: {file}:12: customers[1]: must be a record, a mapping of fields; found 3" in found
    assert any(line.startswith(f"error: {file}:6: customers[0].nmae: is not a field") for line in found)
    assert any(line.startswith(f"error: {file}:3: customers[0].address1: is required") for line in found)


def test_the_same_id_twice_in_one_file_is_an_error(tmp_path: Path) -> None:
    file = write(tmp_path, "customers:\n" + short(7) + short(8) + short(7))
    assert errors(file) == [
        f"error: {file}:22: customers[2].id: is the id of customers[0] too; found 7; write an id of its own"
    ]


@pytest.mark.parametrize("name", ["customer_name", "created_at", "id", "customer_phone"])
def test_an_absent_required_field_is_an_error(tmp_path: Path, name: str) -> None:
    lines = ("customers:\n" + short(7)).splitlines()
    kept = [line for line in lines if f" {name}:" not in line]
    if name == "id":
        kept[1] = "  - " + kept[1].strip()
    found = errors(write(tmp_path, "\n".join(kept)))
    assert len(found) == 1
    assert f"world.yaml:2: customers[0].{name}: is required; write " in found[0]
    assert f"{name}: " in found[0].split("; write ")[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "world.yaml:1: is empty; write one mapping with the keys customers"),
        ("# only a comment\n", "world.yaml:1: is empty"),
        ("- 1\n", "world.yaml:1: is not a mapping"),
        ("hello", "world.yaml:1: is not a mapping"),
        ("customer: []\n", "world.yaml:1: customer: is not a key of a fixture file; write customers"),
        (
            "a: 1\ncustomers: {}\n",
            "world.yaml:2: customers: must be a list of records; found {}; write a dash in front",
        ),
        ("customers: 5\n", "world.yaml:1: customers: must be a list of records"),
        ("customers:\n", "world.yaml:1: customers: must be a list of records; found null"),
        ("population: many\n", "world.yaml:1: population: must be a whole number from 0 to 1,000,000"),
        ("population: 1000001\n", "world.yaml:1: population: must be a whole number from 0 to 1,000,000"),
        ("customers: []\ncustomers: []\n", "world.yaml:2: has the key customers twice"),
        ("customers:\n" + short(7, "A", "address1: x"), "world.yaml:12: customers[0].address1: occurs twice"),
        ("customers: []\n---\ncustomers: []\n", "world.yaml:2: holds a second document"),
        ("customers: [\n", "world.yaml:2: is not YAML: "),
        ("customers:\n\t- id: 1\n", "world.yaml:2: is not YAML: "),
        ("customers: !!python/object/apply:os.system ['exit 9']\n", "world.yaml:1: uses a tag (!...)"),
        ("customers:\n  - !!python/name:os.system x\n", "world.yaml:2: uses a tag (!...)"),
        ("a: &a [x]\nb: *a\n", "world.yaml:2: uses an alias (*name); write the value itself"),
        ("customers:\n  - ? [1]\n    : 2\n", "world.yaml:2: has a key that is not a name"),
        ("customers:\n" + short(7, '"\\uD800"'), "world.yaml:3: "),
        ("customers:\n" + short(7, "a\x07b"), "world.yaml:3: is not YAML"),
    ],
    ids=lambda value: repr(value)[:32],
)
def test_what_is_not_a_fixture_file_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert message in "\n".join(errors(write(tmp_path, text)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "world.json:1: is empty"),
        ("[]", "world.json:1: is not an object"),
        ('{"customers": []', "world.json:1: is not JSON"),
        ('{"customers": []\n x}', "world.json:2: is not JSON"),
        (
            '{"population": NaN}',
            "world.json:1: has a number that JSON does not allow: NaN is not a JSON value",
        ),
        ('{"customers": [], "customers": []}', "world.json:1: has the key customers twice"),
        (
            '{"customers": [\n{"id": 1, "id": 2}]}',
            "world.json:2: customers[0].id: occurs twice in this record",
        ),
        (
            '{"customers": [{"id": %s}]}' % ("9" * 5000),
            "world.json:1: has a number that JSON does not allow: it has thousands of digits",
        ),
        ('{"customers": [\n{"customer_name": "\\ud800"}]}', "holds half of a surrogate pair"),
        ("[" * 100_000, "world.json:1: is nested too deeply"),
        ('{"customers":' + "[" * 100_000 + "]" * 100_000 + "}", "world.json:1: is nested too deeply"),
    ],
    ids=lambda value: repr(value)[:32],
)
def test_what_is_not_a_json_fixture_file_is_told(tmp_path: Path, text: str, message: str) -> None:
    assert message in "\n".join(errors(write(tmp_path, text, "world.json")))


def test_invalid_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    file = write(tmp_path, b"customers: []\n# caf\xe9\n")
    assert errors(file) == [f"error: {file}:2: is not UTF-8 (byte 0xe9); write the file in UTF-8"]


@pytest.mark.parametrize(
    "text",
    [
        "customers: " + "[" * 100_000,
        "customers: " + "[" * 100_000 + "]" * 100_000,
        "customers:\n  - id: " + "{a: " * 100_000 + "}" * 100_000,
        "\n".join(" " * n + "a:" for n in range(2_000)),
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ),
    ],
    ids=["open", "flow", "maps", "block", "bomb"],
)
def test_depth_and_bombs_are_refused_within_seconds(tmp_path: Path, text: str) -> None:
    started = time.process_time()
    assert errors(write(tmp_path, text))
    assert time.process_time() - started < PATIENCE


def test_paths_that_are_no_fixtures_are_told(tmp_path: Path) -> None:
    write(tmp_path, JANE, "customers.yaml")
    (tmp_path / "empty").mkdir()
    text = write(tmp_path, "x", "notes.txt")
    assert errors(tmp_path / "custmers.yaml") == [
        f"error: {tmp_path}/custmers.yaml: does not exist; write customers.yaml"
    ]
    assert "is a folder without a fixture file" in errors(tmp_path / "empty")[0]
    assert "is not a fixture file by its name" in errors(text)[0]


def test_rules_of_form_warn_and_refuse_under_strict(tmp_path: Path) -> None:
    more = ("customer_email: nobody", "customer_whatsapp: 024 456 7890")
    file = write(tmp_path, "customers:\n" + short(7, "Ama", *more))
    said = [
        f"{file}:12: customers[0].customer_email: does not look like an e-mail address; found 'nobody';"
        " write something like customer_email: jane.doe@example.com",
        f"{file}:13: customers[0].customer_whatsapp: is not in the international form;"
        " found '024 456 7890'; write something like customer_whatsapp: +233244567890",
    ]
    done = cli("check", str(file))
    assert done.returncode == 0
    assert done.stderr.splitlines() == [f"warning: {line}" for line in said]
    assert errors(file, "--strict") == [f"error: {line}" for line in said]


def test_serve_serves_nothing_when_a_fixture_is_wrong(tmp_path: Path) -> None:
    file = write(tmp_path, "customers:\n  - id: x\n")
    done = cli_process("serve", "--port", "0", "--fixtures", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        f"error: {file}:2: customers[0].id: must be a whole number; found 'x'; write a number of its own, such as id: 101"
        in done.stderr
    )


def test_problems_beyond_a_hundred_are_counted(tmp_path: Path) -> None:
    found = errors(write(tmp_path, "customers:\n" + "  - id: x\n" * 300))
    assert len(found) == 101
    assert found[-1] == "error: ... and 2,900 more"


@given(st.binary(max_size=300))
def test_any_bytes_are_served_or_told_and_never_crash(tmp_path: Path, data: bytes) -> None:
    _told(tmp_path, data)


_YAMLISH = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    ["id", "customer_name", "customer_group_id", "created_at", "customer_zip", "user_id", "nonsense"]
)


@given(
    st.dictionaries(
        st.sampled_from(["customers", "customer_groups", "population", "other"]),
        st.lists(st.dictionaries(_FIELDS, _YAMLISH, max_size=5) | _YAMLISH, max_size=3) | _YAMLISH,
        max_size=3,
    )
)
def test_any_structure_is_served_or_told_and_never_crashes(tmp_path: Path, document: Any) -> None:
    text = json.dumps(document)
    _told(tmp_path, text.encode(), "world.json")
    _told(tmp_path, text.encode(), "world.yaml")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("id: '102'", "customers[0].id: must be a whole number; found '102'; write id: 102 without quotes"),
        ("customer_group_id: VIP", "found 'VIP'; write the id of one of customer_groups"),
        ("id: 1000000000000000000", "customers[0].id: must be between 1 and 999999999999999999"),
        ("created_at: 2024-02-28 24:00:00", "created_at: is not a date and time of the calendar"),
        ("created_at: 2024-02-28", "found '2024-02-28'; write created_at: 2024-02-28 00:00:00"),
        ("created_at: 2024-02-28T10:00:00Z", "write created_at: 2024-02-28 10:00:00"),
        ("email: a@example.com", "customers[0].email: is not a field of this record; write customer_email"),
        ("phone: 1", "customers[0].phone: is not a field of this record; write customer_phone"),
        ('customer_zip: "Bo', "world.yaml:12: is not YAML: while scanning a quoted scalar"),
        ("customer_zip Bo", "write a colon and a space between name and value"),
        ("customer_zip: @bo", "world.yaml:12: is not YAML: *write quotes around the value"),
        ("customer_zip: Bo: the great", "write quotes around a value with a colon and a space in it"),
        ("\tcustomer_zip: x", "write spaces instead of the tab"),
        ("  customer_zip: x", "world.yaml:12: is not YAML"),
    ],
)
def test_the_cure_is_what_was_meant(tmp_path: Path, line: str, message: str) -> None:
    name = line.split(":")[0]
    lines = [old for old in ("customers:\n" + short(7)).splitlines() if f" {name}:" not in old]
    if name == "id":
        lines[1] = "  - " + lines[1].strip()
    found = "\n".join(errors(write(tmp_path, "\n".join([*lines, f"    {line}"]))))
    for part in message.split("*"):
        assert part in found


def test_a_slip_of_syntax_is_the_only_error_of_its_file(tmp_path: Path) -> None:
    text = "customers:\n" + short(7, "A", "customer_group_id: 20") + short("x") + "  customer_groups: [\n"
    found = errors(write(tmp_path, text))
    assert len(found) == 1
    assert "is not YAML" in found[0]
    informal = "customers:\n" + short(7, "A", "customer_email: nobody") + "  customer_groups: [\n"
    assert len(errors(write(tmp_path, informal), "--strict")) == 1


def test_every_problem_of_every_file_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    write(folder, b"# caf\xe9", "a.yaml")
    write(folder, "customers:\n" + short("x"), "b.yaml")
    (folder / "c.yaml").symlink_to("nowhere")
    os.mkfifo(folder / "d.yaml")
    write(folder, "customers: [", ".hidden.yaml")
    (folder / "below").mkdir()
    found = "\n".join(errors(folder))
    assert "a.yaml:1: is not UTF-8" in found
    assert "c.yaml: is a link to nothing" in found
    assert "d.yaml: is not a regular file" in found
    assert "b.yaml:2: customers[0].id: must be a whole number" in found
    assert "hidden" not in found


def test_a_record_with_a_fault_is_there_all_the_same(tmp_path: Path) -> None:
    group = "customer_groups:\n  - id: 20\n    group_name: G\n    created_at: x\n    updated_at: x\n"
    text = "customers:\n" + short(7, "A", "customer_group_id: 20", "customer_zip: [1]", "address2: {}")
    text += short(8, "B", "customer_group_id: 20") + short(
        9, "C", "customer_group_id: 77", "customer_zip: [1]"
    )
    found = errors(write(tmp_path, text + group))
    fields = [line.split(": ")[2] for line in found]
    assert fields == [
        "customers[0].customer_zip",
        "customers[0].address2",
        "customers[2].customer_group_id",
        "customers[2].customer_zip",
        "customer_groups[0].created_at",
        "customer_groups[0].updated_at",
    ]


def test_paths_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    assert "File name too long" in errors("x" * 300 + ".yaml")[0]
    assert (
        "is not a regular file"
        in errors("/dev/null.yaml" if Path("/dev/null.yaml").exists() else _fifo(tmp_path))[0]
    )


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "q.yaml")
    return folder / "q.yaml"


def test_names_in_a_file_cannot_forge_a_line(tmp_path: Path) -> None:
    file = write(tmp_path, '{"a\\nerror: forged\\u001b[31m": 1}', "world.json")
    (line,) = errors(file)
    assert r"a\nerror: forged\x1b[31m: is not a key of a fixture file" in line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "w.yaml",
            "customers:\n" + "".join(short(n, "A", "customer_group_id: 77") for n in range(1, 8_001)),
        ),
        ("w.yaml", "customers:\n  - id: 1\n" + "    id: 1\n" * 40_000),
        ("w.json", '{"customers": [{' + ",".join(f'"k{n}": 1, "k{n}": 2' for n in range(20_000)) + "}]}"),
    ],
    ids=["references", "yaml keys", "json keys"],
)
def test_many_problems_are_told_within_seconds(tmp_path: Path, name: str, text: str) -> None:
    started = time.process_time()
    assert errors(write(tmp_path, text, name))
    assert time.process_time() - started < PATIENCE  # they took minutes when each looked through all others
