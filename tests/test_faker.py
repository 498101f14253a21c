"""A Faker that gives another world is named by a warning, and every other one is silent."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from fakekit.world.names import NEWEST_TESTED, OLDEST_TESTED
from tests.helpers.commands import cli_process
from tests.helpers.processes import serving
from tests.helpers.project import ROOT
from tests.helpers.pytest_runs import run
from tests.helpers.raw_http import ask

OTHER_NAMES = """
from faker.providers.person.tw_GH import Provider

Provider.first_names_female = (*Provider.first_names_female, "Zzz")
"""
WARNING = (
    "Faker {} has other names than those that world version 580196e8a3ea is made from, so a seed gives "
    f"customers other names here than elsewhere; to have the same world, install faker=={NEWEST_TESTED}"
)


def command(*, names: bool) -> list[str]:
    """``fakekit serve``, with a Faker that has a name more if `names`."""
    start = "from fakekit.cli import main; main(prog_name='fakekit')"
    return [sys.executable, "-c", (OTHER_NAMES if names else "") + start, "serve"]


def as_version(folder: Path, version: str) -> dict[str, str]:
    """Variables under which the installed Faker passes for another version."""
    metadata = folder / f"faker-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: Faker\nVersion: {version}\n")
    return {"PYTHONPATH": f"{folder}:{ROOT}"}


def test_another_list_is_warned_of_once_when_names_are_first_needed(tmp_path: Path) -> None:
    with serving(tmp_path, command=command(names=True), env=as_version(tmp_path, "40.0.1")) as fake:
        assert ask(fake.port, "/api/v1/customers/1").status == 200  # from a file
        assert "Faker" not in fake.wait_for_line("customers/1 200")
        assert ask(fake.port, "/api/v1/customers/42").status == 200
        assert ask(fake.port, "/api/v1/customers").status == 200
        _, err = fake.end()
    told = [line for line in err.splitlines() if "Faker" in line]
    assert len(told) == 1
    assert told[0].endswith(WARNING.format("40.0.1"))


def test_another_list_of_an_untested_version_is_warned_of_at_the_start(tmp_path: Path) -> None:
    with serving(tmp_path, command=command(names=True), env=as_version(tmp_path, "99.0")) as fake:
        assert WARNING.format("99.0") in fake.wait_for_line("Faker")
        assert ask(fake.port, "/api/v1/customers/42").status == 200
        _, err = fake.end()
    assert "Faker" not in err


@pytest.mark.slow
def test_an_untested_version_with_the_same_names_is_no_news(tmp_path: Path) -> None:
    with serving(tmp_path, command=command(names=False), env=as_version(tmp_path, "99.0")) as fake:
        assert ask(fake.port, "/api/v1/customers/42").status == 200
        _, err = fake.end()
    assert "Faker" not in err


def test_a_file_that_is_generated_with_another_list_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(OTHER_NAMES)
    done = cli_process("generate", "-o", "w.json", cwd=tmp_path, env=as_version(tmp_path, "40.0.1"))
    assert (done.returncode, done.stderr.count("Faker 40.0.1 has other names")) == (0, 1)


@pytest.mark.parametrize(("names", "lines"), [(True, 1), pytest.param(False, 0, marks=pytest.mark.slow)])
def test_the_end_of_a_pytest_run_has_the_warning(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, names: bool, lines: int
) -> None:
    monkeypatch.setenv("PYTHONPATH", as_version(pytester.mkdir("site"), "99.0")["PYTHONPATH"])
    pytester.makeconftest(OTHER_NAMES if names else "")
    pytester.makepyfile("def test_it(xtrakit): assert xtrakit.add_customer()['id'] == 51")
    result = run(pytester)
    result.assert_outcomes(passed=1)
    assert result.outlines.count(f"fakekit: warning: {WARNING.format('99.0')}") == lines


@pytest.mark.slow
def test_a_faker_without_these_lists_fails_nobody_who_does_not_need_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", as_version(pytester.mkdir("site"), "99.0")["PYTHONPATH"])
    pytester.makeconftest("import sys\nsys.modules['faker.providers.person.tw_GH'] = None")
    pytester.makepyfile("def test_it(): pass")
    result = run(pytester)
    result.assert_outcomes(passed=1)
    assert "Faker" not in result.stdout.str()


def test_the_oldest_version_that_is_tested_is_the_oldest_that_is_admitted() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (faker,) = [line for line in project["dependencies"] if line.startswith("faker")]
    assert faker == f"faker>={OLDEST_TESTED.removesuffix('.0.0')}"
    assert f"\nfaker=={OLDEST_TESTED}\n" in (ROOT / "tests" / "lowest.txt").read_text()


def test_no_dependency_has_an_upper_limit_without_a_reason() -> None:
    """A limit ends in a comment that names what breaks; else it only makes other people's resolvers fail."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = text.partition("\ndependencies = [\n")[2].partition("\n]\n")[0]
    limited = [line for line in listed.splitlines() if re.search(r"[<~]|==", line.partition(";")[0])]
    assert [line for line in limited if "#" not in line] == []
