import logging, requests


def ask(xtrakit):
    for path in ("customers/1", "customers/1", "nowhere"):
        requests.get(xtrakit.url(path), headers=xtrakit.headers, timeout=40)
    requests.get(xtrakit.url("customers/1"), headers={"Authorization": "Bearer x"}, timeout=40)


def ours(caplog):
    return [record.name for record in caplog.records if record.name.startswith("fakekit")]


def test_not_asked(xtrakit, caplog):
    caplog.set_level(logging.DEBUG)
    ask(xtrakit)
    assert ours(caplog) == []


def test_asked(xtrakit, caplog):
    caplog.set_level(logging.INFO, logger="fakekit")
    ask(xtrakit)
    assert set(ours(caplog)) == {"fakekit"}


def test_not_asked_again(xtrakit, caplog):
    caplog.set_level(logging.DEBUG)
    ask(xtrakit)
    assert ours(caplog) == []
