"""A check of schemathesis: a 422 to what the document admits is only for what no schema can say."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response

from tests.helpers.openapi import is_beyond_schemas


@schemathesis.check
def only_calendar_and_references(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Fail for a case made to be valid that is answered 422 for anything but a calendar date or a reference."""
    if any(isinstance(value, float) for value in (case.query or {}).values()):
        return  # 72.0 is an integer to JSON Schema, but its text in a query is none
    if response.status_code == 422 and case.meta is not None and case.meta.generation.mode.is_positive:
        error = response.json()["error"]
        assert is_beyond_schemas(error), f"the document admits what the server refuses: {error}"
