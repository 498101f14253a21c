"""A suite that eventlet has patched."""

from green import *  # noqa: F403 (the tests)
