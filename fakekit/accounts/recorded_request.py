"""A request that a fake received, as tests and the console see it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from json import dumps, loads
from typing import Any
from urllib.parse import quote, urlencode

from fakekit.errors import HIDDEN


@dataclass(frozen=True)
class RecordedRequest:
    """One request and its response, read from `fakekit.accounts.journal.JournalEntry`.

    number: counts the requests of a server.
    time: when it came, UTC.
    path: ``/api/v1/customers/1``.
    query, json: what came, as far as the journal stores it: a value of a field that the vendor's tables do
        not have is ``...``, and so is a body that is neither JSON nor a form. `json` is None without a body,
        and text for one that was cut.
    size: how many bytes of a body came.
    milliseconds: how long the response took, without the delay of faults.
    note, truth, assumed, fault: as the headers of the response say.
    unread: the names of fields that the vendor's tables do not have.
    answer: the first part of the response's body.
    headers: of the request, by name in lower case; a value is ``...`` unless it is one of a few that carry no
        credential, as that of ``content-type``.
    scheme: ``https`` where the connection to the server had TLS, else ``http``.
    media_type: the Content-Type of the response; empty for a response without a body.
    answered: False where a fault ended the connection before the client got a response.
    """

    number: int
    time: datetime
    method: str
    path: str
    query: Mapping[str, Any]
    json: Any
    size: int
    status: int
    milliseconds: float
    truth: str
    assumed: tuple[str, ...]
    note: str
    unread: tuple[str, ...]
    fault: str
    answer: str
    headers: Mapping[str, str]
    scheme: str
    media_type: str
    answered: bool

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> RecordedRequest:
        """Return the request that an entry in the result of the operation ``requests`` describes.

        entry: as `JournalEntry.as_json` returns it. Raises KeyError, TypeError or ValueError for other JSON.
        """
        values = dict(entry)
        body = values.pop("body")
        values["time"] = datetime.fromisoformat(values["time"])
        values["assumed"], values["unread"] = tuple(values["assumed"]), tuple(values["unread"])
        return cls(json=_parse_body(body), **values)

    def __str__(self) -> str:
        """Return the request and the status of its response: ``GET /api/v1/customers/1 -> 200``."""
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.method} {self.path}{'?' + query if query else ''} -> {self.status}"

    def url(self, origin: str) -> str:
        """Return the URL of the request, with its query, percent-encoded.

        origin: of the server: ``http://127.0.0.1:4310``.
        """
        query = "?" + urlencode(self.query) if self.query else ""
        return f"{origin}{quote(self.path)}{query}"

    def body_as_json(self) -> str:
        """Return the body as JSON, also that of a form; a body that was cut or hidden as it is kept.

        Empty for a request without a body. Characters that cannot be printed are escaped.
        """
        if not self.size:
            return ""
        text = self.json if isinstance(self.json, str) else dumps(self.json, ensure_ascii=False)
        return escape_text(text)

    def curl(self, origin: str, key: str, separator: str = " ") -> str:
        """Return a curl command that sends the request again, as far as the journal has it.

        For the pytest plugin's report of a failed test. The body is sent as JSON, also that of a form.

        origin: of the server: ``http://127.0.0.1:4310``.
        key: the API key to send.
        separator: what stands before each header and the body: a space, or also a line break for a shell.
        """
        options = {"GET": ["-i"], "HEAD": ["-I"]}.get(self.method, ["-i", "-X", self.method])
        if self.size and self.method == "GET":
            options = ["-i", "-X", "GET"]  # with -d alone curl would send a POST
        parts = [" ".join(["curl", *options, shlex.quote(self.url(origin))])]
        parts.append("-H " + shlex.quote(f"Authorization: Bearer {key}"))
        if self.size and self.method != "HEAD":  # curl refuses -d together with -I
            parts += ["-H 'Content-Type: application/json'", "-d " + shlex.quote(self.body_as_json())]
        return separator.join(parts)


def _parse_body(body: str) -> Any:
    """Return a journal entry's body as parsed JSON; None for no body, the text for one that was cut."""
    try:
        return loads(body) if body else None
    except ValueError:  # longer than the journal stores
        return body


def escape_text(text: str) -> str:
    r"""Return a text with the escapes of JSON for characters that cannot be printed, but for line breaks.

    One of them could turn the direction of the text behind it.

    >>> print(escape_text("a\u202eb"))
    a\u202eb
    """
    return "".join(c if c.isprintable() or c == "\n" else dumps(c)[1:-1] for c in text)


def shorten_json(value: Any, limit: int = 80) -> str:
    """Return a value as JSON on one line, for the message of an assertion or the report of a test.

    limit: after so many characters it ends in ``...``.
    """
    text = dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= limit else text[:limit] + HIDDEN
