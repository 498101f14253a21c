"""Where accounts are stored is a setting: its sources, its refusals, and the passwords that it never shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import fakekit
from tests.helpers.commands import cli
from tests.helpers.processes import clean_environment
from tests.helpers.project import ROOT

URL = "postgresql://ama:geheim@127.0.0.1/fake?sslpassword=geheim2"


def test_memory_is_the_default_and_can_be_said(tmp_path: Path) -> None:
    read = fakekit.Settings.read
    assert fakekit.Settings.of().state is None
    assert read({}, {"FAKEKIT_STATE": "a.db"}, tmp_path).sources["state"] == "FAKEKIT_STATE"
    assert read({"state": "memory"}, {"FAKEKIT_STATE": "a.db"}, tmp_path).state is None


def test_a_file_in_pyproject_is_meant_from_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.fakekit]\nstate = "data/fake.db"\n')
    (tmp_path / "below").mkdir()
    state = fakekit.Settings.read({}, {}, tmp_path / "below").state
    assert str(state) == str(tmp_path / "data" / "fake.db")
    (tmp_path / "pyproject.toml").write_text(f'[tool.fakekit]\nstate = "{URL}"\n')
    state = fakekit.Settings.read({}, {}, tmp_path).state
    assert state is not None
    assert state.text == URL


def test_no_text_of_the_settings_has_a_password() -> None:
    settings = fakekit.Settings.of(state=URL)
    assert "postgresql://ama:...@127.0.0.1/fake?..." in repr(settings)
    assert "geheim" not in f"{settings} {settings!r} {settings.state} {settings.state!r}"
    for odd in ("postgresql://ama:ge@he/im@db/fake", "postgres://:geheim@/fake?host=/run/pg&password=geheim"):
        assert "he" not in str(fakekit.Settings.of(state=odd).state).replace("host", "")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "mysql://ama:geheim@db/fake",
            "must be memory, the name of a file, or postgresql://USER@HOST/DATABASE; "
            "found mysql://ama:...@db/fake; write postgresql://USER@HOST/DATABASE",
        ),
        (
            "sqlite:///fake.db",
            "must be memory, the name of a file, or postgresql://USER@HOST/DATABASE; "
            "found sqlite:///fake.db; write the file's name alone",
        ),
        (
            "host=db dbname=fake password=geheim",
            "is a connection string, not a URL; write postgresql://USER@HOST/DATABASE",
        ),
        ("", "must be memory, the name of a file, or postgresql://USER@HOST/DATABASE; found ''"),
    ],
)
def test_what_is_no_place_is_refused_without_its_password(value: str, message: str) -> None:
    with pytest.raises(fakekit.SettingsError) as error:
        fakekit.Settings.of(state=value)
    assert str(error.value) == f"state: {message}"
    refused = cli("serve", "--port", "0", "--state", value)
    assert (refused.returncode, refused.stderr) == (2, f"error: --state: {message}\n")


GONE = "is gone: the setting state keeps all that the account of every key has; write "
OLD = " for a file that changes wrote"


def test_the_setting_that_was_before_names_what_does_the_same(tmp_path: Path) -> None:
    told = cli("serve", "--changes", "old.yaml", cwd=tmp_path)
    assert told.returncode == 2
    assert told.stderr == f"error: --changes: {GONE}--state FILE, and --fixtures OLD-FILE{OLD}\n"
    told = cli("serve", cwd=tmp_path, env={"FAKEKIT_CHANGES": "old.yaml"})
    write = "FAKEKIT_STATE=FILE, and FAKEKIT_FIXTURES=OLD-FILE"
    assert (told.returncode, told.stderr) == (2, f"error: FAKEKIT_CHANGES: {GONE}{write}{OLD}\n")
    with pytest.raises(fakekit.SettingsError) as error:
        fakekit.FakeServer(changes="old.yaml")
    assert str(error.value) == f'changes: {GONE}state="FILE", and fixtures=["OLD-FILE"]{OLD}'
    file = tmp_path / "pyproject.toml"
    file.write_text('[tool.fakekit]\nchanges = "old.yaml"\n')
    told = cli("serve", cwd=tmp_path)
    write = 'state = "FILE", and fixtures = ["OLD-FILE"]'
    assert (told.returncode, told.stderr) == (
        2,
        f"error: {file}: tool.fakekit.changes: {GONE}{write}{OLD}\n",
    )
    # a command that stores nothing only warns
    (tmp_path / "shop.yaml").write_text("population: 3\n")
    told = cli("check", "shop.yaml", cwd=tmp_path)
    assert told.returncode == 0
    assert f"tool.fakekit.changes: {GONE}" in told.stderr


def test_the_option_that_was_before_is_not_in_the_help() -> None:
    assert "--changes" not in cli("serve", "--help").stdout


CHANGES = """\
# What fk_demo changed: seed 1, 50 customers.
# yaml-language-server: $schema=https://fakekit.github.io/fakekit/fixtures.schema.json
customers:
- id: 51
  customer_name: Ama Mensah
  customer_phone: '+233402106506'
  customer_country: Ghana
  customer_city: Sefwi Wiawso
  customer_state: Western North
  address1: 70 Ring Road
  created_by: Benjamin
  created_at: '2025-09-25 15:48:05'
  updated_at: '2025-11-13 08:28:52'
removed:
  customers: [3]
# computed customers 51: values.generated
# The end: without this line the file is not whole.
"""


def test_a_file_of_changes_of_an_earlier_version_is_a_fixture_file(tmp_path: Path) -> None:
    (tmp_path / "changes.yaml").write_text(CHANGES)
    with fakekit.FakeServer(fixtures=[tmp_path / "changes.yaml"]) as xtrakit:
        assert xtrakit.customer(51)["customer_name"] == "Ama Mensah"
        with pytest.raises(LookupError):
            xtrakit.customer(3)


WORKERS = [
    (
        ("--workers", "2"),
        {},
        "--workers: needs a store that all workers share; in memory, each would have accounts of its own; "
        "found 2; write --state FILE as well, or --workers 1",
    ),
    (
        ("--state", "memory"),
        {"FAKEKIT_WORKERS": "3"},
        "FAKEKIT_WORKERS: needs a store that all workers share; in memory, each would have accounts of its "
        "own; found 3; write --state FILE as well, or --workers 1",
    ),
    (
        ("--workers", "2", "--state", "fake.db", "--server", "alone"),
        {},
        "--workers: needs gunicorn: with --server alone there is one process; found 2; "
        "write --server gunicorn, or --workers 1",
    ),
    (("--workers", "0"), {}, "--workers: must be a whole number from 1 to 64; found '0'"),
]


@pytest.mark.parametrize(("options", "variables", "message"), WORKERS)
def test_workers_that_would_share_nothing_are_refused(
    options: tuple[str, ...], variables: dict[str, str], message: str, tmp_path: Path
) -> None:
    told = cli("serve", "--port", "0", *options, env=variables, cwd=tmp_path)
    assert (told.returncode, told.stderr) == (2, f"error: {message}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="elsewhere the arguments cannot be changed")
@pytest.mark.parametrize("arguments", [["--state", URL], [f"--state={URL}"]])
def test_the_list_of_processes_does_not_show_a_password(arguments: list[str]) -> None:
    program = ROOT / "tests" / "programs" / "own_command_line.py"
    done = subprocess.run(
        [sys.executable, str(program), *arguments],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "postgresql://ama:...@127.0.0.1/fake?..." in done.stdout
    assert "geheim" not in done.stdout
