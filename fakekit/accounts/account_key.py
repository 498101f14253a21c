"""What an API key of fakekit is: any key of this form is valid and opens an account of its own."""

from __future__ import annotations

import re

from fakekit.errors import Problem, SettingsError

DEMO_KEY = "fk_demo"
KEY_FORM = "fk_ and 1 to 64 of A-Z a-z 0-9 _ -"
"""What a key is, for messages."""
KEY = re.compile(r"fk_[A-Za-z0-9_-]{1,64}", re.ASCII)
"""What a key is. Any key of this form is valid and opens an account of its own."""
KEY_WITH_FAULTS = re.compile(rf"({KEY.pattern})~([\x21-\x7e]{{1,1000}})", re.ASCII)
"""A key that carries faults: ``fk_name~slow=2s~fail=503,times=2``."""


def check_key(api_key: str) -> None:
    """Check an API key that a test gives to `FakeServer.account` or `connect`, before a request uses it.

    Raises `fakekit.errors.SettingsError` when it is not ``fk_`` and 1 to 64 letters, digits, ``_`` or ``-``;
    the message does not repeat it.
    """
    if not KEY.fullmatch(api_key):
        raise SettingsError(Problem("api_key", f"is not a key, which is {KEY_FORM}", "", DEMO_KEY))
