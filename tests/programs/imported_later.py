import sys, pytest

OURS = ("fakekit", "faker", "flask", "marshmallow", "werkzeug", "httptools", "yaml", "apispec")
ours = lambda: {name for name in sys.modules if name.partition(".")[0] in OURS}


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    session.config.before = ours()


@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish(nodeid, location):
    pass


def pytest_unconfigure(config):
    print("later:", sorted(ours() - config.before))
