"""A suite that gevent has patched."""

from green import *  # noqa: F403 (the tests)
