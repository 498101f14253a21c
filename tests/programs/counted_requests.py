import fakekit.testing.remote, pytest

COUNTS, FAILS, REAL = [0], [], fakekit.testing.remote.send_request


def count(*args, **options):
    COUNTS[0] += 1
    if FAILS:
        raise ConnectionRefusedError
    return REAL(*args, **options)


fakekit.testing.remote.send_request = count


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    COUNTS[0] = 0
    yield
    print(item.name, "sent", COUNTS[0])
    return True
