import json, os, pytest
from _pytest.runner import runtestprotocol


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """As pytest-forked does: each test in a child."""
    hook, config = item.config.hook, item.config
    reader, writer = os.pipe()
    if os.fork() == 0:
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        data = [hook.pytest_report_to_serializable(config=config, report=report) for report in reports]
        os.write(writer, json.dumps(data).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        for data in json.load(stream):
            report = hook.pytest_report_from_serializable(config=config, data=data)
            item.ihook.pytest_runtest_logreport(report=report)
    os.wait()
    return True
