from first_requests import *

from contextlib import contextmanager


@contextmanager
def counted(monkeypatch):
    """How many of the server's threads were in the parser at once; each stays there a while."""
    inside, most, parse, counting = set(), [0], ast.parse, threading.Lock()

    def slow(*arguments, **options):
        thread = threading.current_thread()
        if not is_server(thread):
            return parse(*arguments, **options)
        with counting:
            inside.add(thread)
            most[0] = max(most[0], len(inside))
        try:
            time.sleep(0.001)
            return parse(*arguments, **options)
        finally:
            with counting:
                inside.discard(thread)

    monkeypatch.setattr(ast, "parse", slow)
    yield most


DOCUMENTS = ["/_fakekit/openapi.json", "/_fakekit/control.json"]
CONTROL = ["/_fakekit/accounts", "/_fakekit/accounts/fk_a/faults", "/_fakekit/accounts/fk_a/export"]


def test_first_faults_documents_and_control_calls(xtrakit, monkeypatch):
    with counted(monkeypatch) as most:
        asked = ask_at_once(xtrakit.origin, [*DOCUMENTS, *CONTROL, "/api/v1/customers/1"], "~fail=503")
    assert asked == {200, 503}
    assert most[0] <= 1


def test_again(xtrakit, monkeypatch):
    imported = recorded(monkeypatch)
    assert ask_at_once(xtrakit.origin, [*DOCUMENTS, *CONTROL]) == {200}
    assert ask_at_once(xtrakit.origin, ["/api/v1/customers/11"], "~fail=429") == {429}
    assert imported == []
