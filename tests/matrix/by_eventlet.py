"""A pytest plugin that patches the process as a suite's conftest does: ``-p by_eventlet``."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it is deprecated, and says so when it is imported
    import eventlet

    eventlet.monkey_patch()
