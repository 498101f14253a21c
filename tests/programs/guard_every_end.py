import contextlib, socket, pytest


def call():
    with contextlib.suppress(OSError):
        socket.create_connection(("app.xtrakit.com", 443))


@pytest.mark.xfail
def test_xfail():
    call()
    assert False


@pytest.mark.xfail(raises=OSError)
def test_xfail_with_it():
    socket.create_connection(("app.xtrakit.com", 443))


def test_skip():
    call()
    pytest.skip("no network")


def test_raises():
    with pytest.raises(OSError, match="fakekit stopped a call to the real XtraKit service: test_it.py:27"):
        socket.create_connection(("app.xtrakit.com", 443))


def test_assertion():
    call()
    assert "mine" == "theirs"


@pytest.fixture
def calling():
    call()


def test_setup(calling):
    pass


@pytest.fixture
def called():
    yield
    call()


def test_teardown(called):
    pass


@pytest.fixture(scope="session")
def wide():
    call()


def test_session_fixture(wide):
    pass


def test_puts_something_over_the_guard_for_good():
    socket.getaddrinfo = lambda *args: []


def test_after_that_one():
    call()


def test_last():
    pass
