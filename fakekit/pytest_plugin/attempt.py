"""One attempt of a test: the key, the account and the settings that it has at the fake."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakekit.errors import FakekitError

if TYPE_CHECKING:
    from fakekit import Handle, Settings
    from fakekit.control.results import AccountSummary


@dataclass
class Attempt:
    """One attempt of one test; a plugin such as pytest-rerunfailures makes several.

    key: the API key of its account: ``fk_test_pay-1``.
    since: the number of the server's latest request when the attempt began.
    handle: of its account; None until the account is opened.
    settings: the account's settings and, by name, what set each of them; None until the account is opened.
    about: the account's summary when it was last read; None before that.
    seen: the lines by which its reports have failed.
    has_failed: whether one of its reports is that of a failure.
    """

    key: str
    since: int = 0
    handle: Handle | None = None
    settings: tuple[Settings, Mapping[str, str]] | None = None
    about: AccountSummary | None = None
    seen: set[str] = field(default_factory=set)
    has_failed: bool = False

    def update_about(self) -> None:
        """Read the account's summary from the server into `about`.

        `about` stays as it is when there is no account, or its server is gone.
        """
        if self.handle is not None:
            with suppress(FakekitError, RuntimeError):  # a test may have ended the server itself
                self.about = self.handle.about
