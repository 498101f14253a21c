"""How the plugin is loaded, and what of its log a test sees."""

from __future__ import annotations

import pytest

from tests.helpers.programs import program
from tests.helpers.pytest_runs import PLAIN, run


@pytest.mark.slow
@pytest.mark.parametrize("options", [("-p", "fakekit.pytest_plugin"), ("-p", "fakekit"), ()])
def test_the_plugin_may_be_named_beside_its_entry_point(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        conftest='pytest_plugins = ["fakekit.pytest_plugin"]',
        test_it="""
        def test_x(xtrakit, pytestconfig):
            assert xtrakit.customer(1)["id"] == 1
            loaded = [name for name, plugin in pytestconfig.pluginmanager.list_name_plugin() if plugin and "fakekit" in name]
            assert len([name for name in loaded if name in ("fakekit", "fakekit.pytest_plugin")]) == 1
        """,
    )
    others = ("-p", "no:asyncio", "-p", "no:faker", "-p", "no:schemathesis")
    pytester.runpytest_subprocess(*others, *PLAIN, *options).assert_outcomes(passed=1)


@pytest.mark.slow
def test_caplog_holds_our_records_only_when_asked(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(program("caplog_suite.py"))
    run(pytester, "--log-level", "DEBUG").assert_outcomes(passed=3)


def test_a_run_without_the_fake_reads_no_settings_even_at_its_end(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys

        def pytest_unconfigure():
            late = ("fakekit.settings", "fakekit.contract", "fakekit.control")
            print("imported:", sorted(name for name in sys.modules if name.startswith(late)))
        """
    )
    pytester.makepyfile("def test_x(): pass")
    assert "imported: []" in run(pytester, "-q", "-s").outlines
