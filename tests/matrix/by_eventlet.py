"""A pytest plugin that patches the process when a suite's conftest does: ``-p by_eventlet``."""

import ssl  # noqa: F401 (as other plugins do: the class of eventlet's TLS sockets calls a method that is patched then)
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it is deprecated, and says so when it is imported
    import eventlet


def pytest_load_initial_conftests() -> None:
    """Patch the process; the guard is installed by then."""
    eventlet.monkey_patch()
