"""How the plugin is loaded, and what of its log a test sees."""

from __future__ import annotations

import pytest

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


def test_caplog_holds_our_records_only_when_asked(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import logging, requests

        def ask(xtrakit):
            for path in ("customers/1", "customers/1", "nowhere"):
                requests.get(xtrakit.url(path), headers=xtrakit.headers, timeout=5)
            requests.get(xtrakit.url("customers/1"), headers={"Authorization": "Bearer x"}, timeout=5)

        def ours(caplog):
            return [record.name for record in caplog.records if record.name.startswith("fakekit")]

        def test_not_asked(xtrakit, caplog):
            caplog.set_level(logging.DEBUG)
            ask(xtrakit)
            assert ours(caplog) == []

        def test_asked(xtrakit, caplog):
            caplog.set_level(logging.INFO, logger="fakekit")
            ask(xtrakit)
            assert set(ours(caplog)) == {"fakekit"}

        def test_not_asked_again(xtrakit, caplog):
            caplog.set_level(logging.DEBUG)
            ask(xtrakit)
            assert ours(caplog) == []
        """
    )
    run(pytester, "--log-level", "DEBUG").assert_outcomes(passed=3)
