"""Faults that answer themselves: the request is not carried out."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar

from marshmallow import ValidationError

from fakekit.contract.envelope import CHALLENGE, UNAUTHORIZED
from fakekit.faults.fault import Fault
from fakekit.faults.settings import BodyText, Count, Headers, Json, Word


@dataclass(frozen=True)
class Reply:
    """The response that a fault gives instead of carrying the request out.

    body: the text of ``error`` when `enveloped`; else JSON, or bytes that are sent as they are.
    assumes: the assumptions that it is made of; none when a page has it.
    enveloped: whether it is sent in the documented error envelope.
    media: the media type, when it is not `enveloped`.
    """

    status: int
    body: Any
    headers: tuple[tuple[str, str], ...] = ()
    assumes: tuple[str, ...] = ()
    enveloped: bool = True
    media: str = "application/json"


@dataclass(frozen=True)
class Answering(Fault):
    """Base of the faults that answer themselves; of several, one answers a request."""

    exclusive_group = "answer"

    def reply(self, noun: str, field: str) -> Reply:
        """Return the response to a request.

        noun: the text for a missing record, "Customer not found", where the path names one; else empty.
        field: the first field that the endpoint's body requires; empty where it requires none.

        Raises NotImplementedError: each kind has its own.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Fail(Answering):
    """One of the vendor's own failures."""

    kind = "fail"
    main = "status"
    settings = {
        "status": Word(401, 404, 422, 429, 500, 503, required=True, note="the status of the failure"),
        "reason": Word(
            *UNAUTHORIZED, note="of a 401: which of the two documented ones; `invalid` by default"
        ),
        "retry_after": Count(
            0, 86_400, note="of a 429 or 503: `Retry-After` in seconds; 1 by default for a 429"
        ),
    }

    status: int = 0
    reason: str | None = None
    retry_after: int | None = None

    def __post_init__(self) -> None:
        if self.reason is not None and self.status != HTTPStatus.UNAUTHORIZED:
            raise ValidationError({"reason": ["is of a 401"]})
        if self.retry_after is not None and self.status not in (429, 503):
            raise ValidationError({"retry_after": ["is of a 429 or a 503"]})

    def reply(self, noun: str, field: str) -> Reply:
        """Return the vendor's failure with this status: of a 401 the documented text, else HTTP's phrase.

        A 404 says `noun` and a 422 that `field` is required, where there is one.
        """
        if self.status == HTTPStatus.UNAUTHORIZED:
            return Reply(401, UNAUTHORIZED[self.reason or "invalid"], CHALLENGE)
        phrase = HTTPStatus(self.status).phrase
        if self.status == HTTPStatus.NOT_FOUND:
            return Reply(404, noun or phrase, assumes=("missing.error",) if noun else ("fault.error",))
        if self.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            return Reply(422, f"{field} is required" if field else phrase, assumes=("fault.error",))
        wait = self.retry_after
        if wait is None and self.status == HTTPStatus.TOO_MANY_REQUESTS:
            wait = 1
        headers = (("Retry-After", str(wait)),) if wait is not None else ()  # RFC 9110, 10.2.3
        return Reply(self.status, phrase, headers, ("fault.error",))


@dataclass(frozen=True)
class Respond(Answering):
    """An answer of the user's own: a stub. It may break the contract, and is then labelled."""

    kind = "respond"
    main = "status"
    settings = {
        "status": Count(200, 599, note="the HTTP status; 200 by default"),
        "json": Json(note="the body, as JSON"),
        "text": BodyText(note="the body, as text"),
        "headers": Headers(note="further headers"),
    }

    NOTHING: ClassVar[Any] = ...

    status: int = 200
    json: Any = NOTHING
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.text is not None and self.json is not self.NOTHING:
            raise ValidationError({"text": ["stands beside json; a body is one of them"]})
        if self.status in (204, 304) and (self.text is not None or self.json is not self.NOTHING):
            raise ValidationError({"status": [f"is {self.status}, which has no body (RFC 9110, 15.3.5)"]})

    def reply(self, noun: str, field: str) -> Reply:
        """Return what the user gave, outside of the envelope; `noun` and `field` are not used.

        The media type is that of a given ``Content-Type``, else JSON's, or plain text's for `text`.
        """
        lower_headers = {name.lower(): value for name, value in self.headers.items()}
        media = lower_headers.get("content-type", "")
        other_headers = tuple((n, v) for n, v in self.headers.items() if n.lower() != "content-type")
        body: Any = None
        if self.text is not None:
            body, media = self.text.encode(), media or "text/plain; charset=utf-8"
        elif self.json is not self.NOTHING:
            body = b"null\n" if self.json is None else self.json
        if body is None:
            other_headers = tuple(self.headers.items())
        return Reply(self.status, body, other_headers, ("fault.answer",), False, media or "application/json")

    def as_json(self) -> dict[str, Any]:
        """Return a copy of the stub as JSON, without settings that were not given."""
        document = copy.deepcopy(super().as_json())
        if self.json is self.NOTHING:
            document.pop("json", None)
        if not self.headers:
            document.pop("headers", None)
        return document

    def __str__(self) -> str:
        parts = [f"respond={self.status}"]
        parts += [
            f"{n}={v}"
            for n, v in super().as_json().items()
            if n in ("method", "path", "times", "after", "every")
        ]
        return ",".join(parts)
