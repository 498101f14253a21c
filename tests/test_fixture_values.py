"""What fixture files may say, and that it is served as it was written."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.commands import cli
from tests.helpers.fixture_files import JANE, _generated, errors, served, short, write
from tests.helpers.processes import serving
from tests.helpers.project import ROOT
from tests.helpers.raw_http import ask
from tests.helpers.samples import DOCUMENTED


def test_every_documented_value_works_unquoted(tmp_path: Path) -> None:
    body = served(tmp_path, "population: 0\n" + JANE, "/api/v1/customers/1")
    assert json.dumps(body) == json.dumps(json.loads(DOCUMENTED))


def test_optional_fields_that_are_absent_are_null_and_the_business_is_known(tmp_path: Path) -> None:
    body = served(tmp_path, "customers:\n" + short())
    assert body["data"]["customer"] == {
        "id": 7,
        "user_id": "f93c5a51-ffa4-4aef-a45b-4cdec1c8cc10",
        "business_code": "15848484",
        "customer_group_id": None,
        "customer_name": "Ama Mensah",
        "customer_email": None,
        "customer_phone": "+233401234567",
        "customer_whatsapp": None,
        "customer_country": "Ghana",
        "customer_city": "Accra",
        "customer_state": "Greater Accra",
        "customer_zip": None,
        "address1": "1 Ring Road",
        "address2": None,
        "customer_profile": None,
        "created_by": "Edward",
        "created_at": "2024-01-01 00:00:00",
        "updated_at": "2024-01-01 00:00:00",
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("00233", "00233"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        ("1:30", "1:30"),
        ("2024-08-04", "2024-08-04"),
        ("+233244567890", "+233244567890"),
        ("~", None),
        ("null", None),
        ("", None),
        ('"null"', "null"),
        ("'~'", "~"),
        ('""', ""),
        ('"\\u0041\\n"', "A\n"),
        ("O'Brien", "O'Brien"),
        ("王秀英", "王秀英"),
        (".nan", ".nan"),
        ("|\n      two\n      lines", "two\nlines\n"),
    ],
)
def test_scalars_are_read_by_the_field_and_not_by_yaml(
    tmp_path: Path, written: str, read: str | None
) -> None:
    body = served(tmp_path, "customers:\n" + short(7, "Ama", f"customer_zip: {written}"))
    assert body["data"]["customer"]["customer_zip"] == read


def test_json_files_and_folders_are_read_and_the_later_file_wins(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    write(folder, "customers:\n" + short(7, "First") + short(8, "Eight"), "a.yaml")
    done = cli("generate", "--customers", "1", "-o", str(folder / "b.json"))
    assert done.returncode == 0
    second = json.loads((folder / "b.json").read_text())
    second["customers"][0] |= {"id": 7, "customer_name": "Second"}
    write(folder, json.dumps(second), "b.json")
    write(folder, "not a fixture", "notes.txt")
    last = write(tmp_path, "customers:\n" + short(100, "Last"), "last.yml")
    with serving(tmp_path, "--fixtures", str(folder), "--fixtures", str(last)) as running:
        names = {}
        for key in (7, 8, 100, 1):
            body: Any = ask(running.port, f"/api/v1/customers/{key}").json()
            names[key] = body.get("data", {}).get("customer", {}).get("customer_name")
    assert names == {7: "Second", 8: "Eight", 100: "Last", 1: None}  # b.json says population: 0


def test_population_0_leaves_only_the_files(tmp_path: Path) -> None:
    file = write(tmp_path, "population: 0\ncustomers:\n" + short(7))
    with serving(tmp_path, "--fixtures", str(file)) as running:
        assert ask(running.port, "/api/v1/customers/7").status == 200
        reply = ask(running.port, "/api/v1/customers/1")
        assert reply.status == 404
        assert (
            reply.note
            == "the population is 0 and the fixture files hold only customers 7; add one, here or in a fixture file"
        )


def test_the_command_line_wins_over_a_files_population(tmp_path: Path) -> None:
    file = write(tmp_path, "population: 0\ncustomers: []\n")
    with serving(tmp_path, "--fixtures", str(file), "--customers", "3") as running:
        assert ask(running.port, "/api/v1/customers/3").status == 200
        assert ask(running.port, "/api/v1/customers/4").status == 404


@pytest.mark.slow
def test_a_generated_world_loads_back_to_the_same_answers(tmp_path: Path) -> None:
    for name in ("seven.yaml", "seven.json"):
        file = tmp_path / name
        assert cli("generate", "--customers", "100", "--seed", "7", "-o", str(file)).returncode == 0
        copied = tmp_path / file.suffix
        copied.mkdir()
        with (
            serving(tmp_path, "--customers", "100", "--seed", "7") as original,
            serving(copied, "--fixtures", str(file), "--seed", "8", "--strict") as copy,
        ):
            for key in range(1, 101):
                path = f"/api/v1/customers/{key}"
                assert ask(original.port, path).body == ask(copy.port, path).body


def test_generate_writes_into_a_pipe_and_leaves_it_one(tmp_path: Path) -> None:
    """As root, a rename would also make an ordinary file of /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDWR)  # opened for both, nobody waits for anybody
    try:
        assert cli("generate", "--customers", "1", "-o", str(pipe)).returncode == 0
        assert os.read(descriptor, 20) == b"# Written by fakekit"
        assert pipe.is_fifo()
        refused = cli("serve", "--port", "0", "--ready-file", str(pipe))
        assert (
            refused.stderr == f"error: --ready-file: is not a regular file; found {pipe}; write a new name\n"
        )
        assert pipe.is_fifo()
    finally:
        os.close(descriptor)


def test_generate_writes_to_standard_output_and_says_when_it_cannot_write(tmp_path: Path) -> None:
    out = cli("generate", "--customers", "1").stdout
    assert out.startswith(
        "# Written by fakekit generate: seed 1, 1 customers.\n"
        "# yaml-language-server: $schema=https://fakekit.github.io/fakekit/fixtures.schema.json\n"
        "population: 0\ncustomers:\n- id: 1\n"
    )
    failed = cli("generate", "-o", str(tmp_path / "no" / "file.yaml"))
    assert failed.returncode == 2
    assert failed.stderr.startswith("error: --output: cannot be written: No such file or directory; found ")


def test_check_counts_what_is_good(tmp_path: Path) -> None:
    done = cli("check", str(write(tmp_path, JANE)))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 file with 1 customers, 1 customer_groups: good\n"
    assert (
        cli("check", str(ROOT / "fixtures" / "demo"), str(ROOT / "fixtures" / "documented")).returncode == 0
    )


def test_the_schema_admits_what_check_admits_and_refuses_what_it_refuses(tmp_path: Path) -> None:
    import jsonschema

    schema = json.loads(cli("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "https://fakekit.github.io/fakekit/fixtures.schema.json"
    validator = jsonschema.Draft202012Validator(schema)
    good = json.loads((tmp_path / _generated(tmp_path)).read_text("utf-8"))
    assert validator.is_valid(good)
    for wrong in (
        {"id": "1"},
        {"customer_nmae": "x"},
        {"customer_name": None},
        {"customer_zip": [1]},
        {"id": 0},
        {"created_at": "x"},
    ):
        bad = json.loads(json.dumps(good))
        bad["customers"][0] |= wrong
        assert not validator.is_valid(bad), wrong
    del good["customers"][0]["customer_name"]
    assert not validator.is_valid(good)
    assert not validator.is_valid({"customer": []})


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    file = write(tmp_path, b"\xef\xbb\xbf" + JANE.replace("\n", "\r\n").encode())
    assert cli("check", str(file)).returncode == 0


def test_a_group_may_stand_in_another_file(tmp_path: Path) -> None:
    one = write(tmp_path, "population: 0\ncustomers:\n" + short(7, "A", "customer_group_id: 9"), "one.yaml")
    two = write(
        tmp_path,
        "customer_groups:\n  - {id: 9, group_name: Nine, created_at: 2024-01-01 00:00:00,"
        " updated_at: 2024-01-01 00:00:00}\n",
        "two.yaml",
    )
    assert cli("check", str(one), str(two)).returncode == 0
    assert "write the record in customer_groups first" in errors(one)[0]


@pytest.mark.slow
def test_a_hundred_thousand_good_records_load_in_under_20_s(tmp_path: Path) -> None:
    import yaml

    assert cli("generate", "--customers", "1000", "-o", str(tmp_path / "one.json")).returncode == 0
    thousand = json.loads((tmp_path / "one.json").read_text())["customers"]
    customers = [{**each, "id": each["id"] + 1000 * turn} for turn in range(100) for each in thousand]
    (tmp_path / "big.json").write_text(json.dumps({"customers": customers}))
    with (tmp_path / "big.yaml").open("w") as file:
        yaml.dump(
            {"customers": customers}, file, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True
        )
    for name in ("big.yaml", "big.json"):
        started = time.process_time()
        assert cli("check", str(tmp_path / name)).returncode == 0
        assert time.process_time() - started < 60  # it takes about five
