import pytest
from _pytest.runner import runtestprotocol


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """As pytest-rerunfailures does: all attempts inside of one protocol."""
    for attempt in range(3):
        item._initrequest()
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        if not any(report.failed for report in reports) or attempt == 2:
            break
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True
