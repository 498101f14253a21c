import sys


def test_nothing_was_imported(request):
    heavy = {"ssl", "http.client", "asyncio", "h11", "trustme", "cryptography", "fakekit.testing.fake_server"}
    assert not heavy & set(sys.modules)
    assert "_fakekit_redirect" not in request.fixturenames


def test_what_is_imported_late_is_guarded_before_it_can_be_used():
    import ssl

    assert ssl.SSLContext.wrap_bio.__wrapped__
    assert ssl.SSLSocket.send.__wrapped__
    import subprocess

    assert subprocess.Popen.__init__.__wrapped__
