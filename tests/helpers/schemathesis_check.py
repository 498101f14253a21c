"""How schemathesis checks the fake: a 422 to what the document admits is only for what no schema can say."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

from tests.helpers.openapi import is_beyond_schemas


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Write a whole number in a query as an integer.

    72.0 is the integer 72 in JSON, and schemathesis sends such numbers in bodies on purpose. In a query, where their
    text is another, it does not mean to, but it repeats ids there that a body had and the server accepted.
    """
    for name, value in (case.query or {}).items():
        if isinstance(value, float) and value.is_integer():
            case.query[name] = int(value)


@schemathesis.check
def only_calendar_and_references(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Fail for a case made to be valid that is answered 422 for anything but a calendar date or a reference."""
    if response.status_code == 422 and case.meta is not None and case.meta.generation.mode.is_positive:
        error = response.json()["error"]
        assert is_beyond_schemas(error), f"the document admits what the server refuses: {error}"
