"""What the plugin settles when it is registered: its second name, and what of the log tests see."""

from __future__ import annotations

import logging

import pytest

_MODULE = __package__
_NAMES = ("fakekit", _MODULE)
"""The names that it may be registered under: that of its entry point, and its module's, as in ``-p``."""


def pytest_plugin_registered(plugin: object, plugin_name: str, manager: pytest.PytestPluginManager) -> None:
    """Block the plugin's other name once it is registered, since pytest refuses a plugin under two names.

    It is loaded by its entry point, by ``-p fakekit.pytest_plugin``, by ``pytest_plugins``, or by several.
    """
    if getattr(plugin, "__name__", None) == _MODULE:
        for name in _NAMES:
            if name != plugin_name:
                manager.set_blocked(name)


def quiet_log(config: pytest.Config) -> None:
    """Keep the log lines of requests out of ``caplog`` until the end of the run, unless a test asks for them.

    A test asks by ``caplog.set_level("INFO", logger="fakekit")``. Errors in fakekit itself are logged.
    Nothing happens when the program has set the logger's level.
    """
    logger = logging.getLogger("fakekit")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.ERROR)
        config.add_cleanup(lambda: logger.setLevel(logging.NOTSET))
