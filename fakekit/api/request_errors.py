"""The errors of a request to the vendor's API that cannot be read: none repeats a value that came."""

from __future__ import annotations

from fakekit.accounts.redaction import is_plain_name
from fakekit.contract.refusals import Refusal
from fakekit.contract.schema import FieldProblem
from fakekit.contract.strict_json import NOT_UTF8


class RejectedRequestError(Exception):
    """A request that gets a response of the table of refusals: without a valid key, too large, ...

    refusal: the entry of the table.
    note: an explanation for `Fakekit-Note`, in front of that of the table; may be empty.
    """

    def __init__(self, refusal: Refusal, note: str = "") -> None:
        self.refusal, self.note = refusal, note
        super().__init__(note)


class InvalidError(Exception):
    """A request whose query or body breaks the endpoint's tables.

    `failures.invalid_response` turns it into a 422.

    problems: one for each field at fault; together they are the response's ``error``.
    note: a further explanation for `Fakekit-Note`; may be empty.
    """

    def __init__(self, problems: list[FieldProblem], note: str = "") -> None:
        self.problems, self.note = problems, note
        super().__init__("; ".join(f"{p.field} {p.message}" for p in problems))


def duplicate_field_error(name: str) -> InvalidError:
    """Return the error for a request's body that has a field twice; it repeats only a plain name."""
    return InvalidError([FieldProblem("the body", f"has {name if is_plain_name(name) else 'a field'} twice")])


def not_utf8_error(field: str = "the body") -> InvalidError:
    """Return the error for bytes that are not UTF-8, the same in JSON, in both kinds of forms and in a query.

    field: what has them: the body, or a parameter of the query.
    """
    note = "text is read as UTF-8 (RFC 8259, 8.1), and this is in another encoding, such as Latin-1 or UTF-16"
    return InvalidError([FieldProblem(field, NOT_UTF8)], note)
