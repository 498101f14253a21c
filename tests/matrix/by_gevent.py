"""A pytest plugin that patches the process as a suite's conftest does: ``-p by_gevent``."""

import gevent.monkey

gevent.monkey.patch_all()
