"""Text without a type, and rules on the form of text that no page states: "looks like an e-mail address"."""

from __future__ import annotations

import re
from typing import NamedTuple


class PlainText(str):
    """An unquoted YAML scalar of a fixture file, whose type the record's field decides.

    YAML's own rules would turn ``00233`` into 155 and ``NO`` into False.
    """

    __slots__ = ()


class FormRule(NamedTuple):
    """A rule on a field's text that no page of the vendor states.

    A value that breaks it causes a warning in fixture files, and an error only under ``--strict``.

    pattern: the regular expression that the whole value has to match, in the syntax that JSON Schema shares
        with Python.
    message: the rest of a sentence about a value that does not: "is not a lower-case UUID".
    """

    pattern: re.Pattern[str]
    message: str


_SPACE = r"\s\x1c-\x1f\x85\ufeff"  # what Python or ECMAScript, the syntax of JSON Schema, takes for one
EMAIL = FormRule(
    re.compile(rf"[^@{_SPACE}]+@[^@{_SPACE}]+\.[^@{_SPACE}.]+"), "does not look like an e-mail address"
)
PHONE = FormRule(re.compile(r"\+[0-9]{7,15}", re.ASCII), "is not in the international form")
LINK = FormRule(
    re.compile(rf"(https?://[^{_SPACE}]+|([^/:{_SPACE}]+)?/[^{_SPACE}]*)"), "is neither a URL nor a path"
)
UUID = FormRule(re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "is not a lower-case UUID")
DIGITS = FormRule(re.compile(r"[0-9]+", re.ASCII), "is not a string of digits")
NOT_BLANK = FormRule(re.compile(rf"[\s\S]*[^{_SPACE}][\s\S]*"), "is blank")
