import conftest


def test_open(xtrakit_server):
    for name in ("a", "b", "c"):
        xtrakit_server.account(name)


def test_plain():
    pass


def test_gone():
    conftest.FAILS.append(1)


def test_first_after():
    pass


def test_second_after():
    pass
