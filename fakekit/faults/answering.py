"""Faults that give the response themselves: the API does not handle the request."""

from __future__ import annotations

import copy
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError

from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.refusals import FAULT_ERROR, INVALID_KEY, MISSING_KEY, RATE_LIMITED, phrase
from fakekit.contract.strict_json import NOTHING
from fakekit.contract.value_type import choice, whole_number
from fakekit.faults.callback import CALLBACK, Callback, StubRequest, call, name_of, wrong_answer
from fakekit.faults.content import RequestContent, has_json, has_values
from fakekit.faults.fault import Fault, setting
from fakekit.faults.named_values import HEADER_VALUES, HEADERS, TEXT_VALUES
from fakekit.faults.settings import BASE64, JSON, TEXT, first_message

_UNAUTHORIZED = {"missing": MISSING_KEY, "invalid": INVALID_KEY}
_STUB = assumed("fault.answer")
_EMPTY: Mapping[str, str] = MappingProxyType({})

OwnErrors = Mapping[int, tuple[str, tuple[Truth, ...]]]
"""The errors that an endpoint itself gives, by status: text, "Customer not found", and its assumptions."""


@dataclass(frozen=True)
class Reply:
    """The response that a fault gives instead of the API.

    body: the text of ``error`` if `in_envelope`; else a JSON value, bytes that are sent as they are, or None.
    headers: further headers, as pairs of name and value.
    assumed: the assumptions that it relies on; none for a documented response.
    in_envelope: whether the body is the documented error envelope, ``status`` and ``error``.
    media: the media type, if it is not `in_envelope`.
    """

    status: int
    body: Any
    headers: tuple[tuple[str, str], ...] = ()
    assumed: tuple[Truth, ...] = ()
    in_envelope: bool = True
    media: str = "application/json"


@dataclass(frozen=True)
class ResponseFault(Fault):
    """Base of the faults that give the response themselves; only one of them applies to a request."""

    conflict_group = "answer"

    def reply(self, own_errors: OwnErrors, describe: Callable[[], StubRequest]) -> Reply:
        """Return the response to a request to the vendor's API; each kind of fault overrides this.

        describe: returns the request, for a function of a test.
        own_errors: those of the endpoint.

        Raises NotImplementedError in this base class.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Fail(ResponseFault):
    """The response is one of the vendor's errors."""

    kind = "fail"
    main_setting = "status"

    status: int = setting(whole_number(400, 599), 0, "the status of the error", required=True)
    reason: str | None = setting(
        choice(*_UNAUTHORIZED), None, "for a 401: which of the two documented errors; `invalid` by default"
    )
    retry_after: int | None = setting(
        whole_number(0, 86_400), None, "for a 429 or 503: `Retry-After` in seconds; 1 by default for a 429"
    )

    def __post_init__(self) -> None:
        """Raise ValidationError for a `reason` without status 401, or a `retry_after` without 429 or 503."""
        if self.reason is not None and self.status != MISSING_KEY.status:
            raise ValidationError({"reason": ["is only for status 401"]})
        if self.retry_after is not None and self.status not in (429, 503):
            raise ValidationError({"retry_after": ["is only for status 429 or 503"]})

    def reply(self, own_errors: OwnErrors, describe: Callable[[], StubRequest]) -> Reply:
        """Return the vendor's error with this status: the documented text for a 401, else HTTP's phrase.

        Where the endpoint has an error of its own with the status, it is that one. A 429 has ``Retry-After``,
        1 second by default.
        """
        if self.status == MISSING_KEY.status:
            refusal = _UNAUTHORIZED[self.reason or "invalid"]
            return Reply(refusal.status, refusal.error, refusal.headers, own_errors[refusal.status][1])
        error, truths = own_errors.get(self.status) or (phrase(self.status), (FAULT_ERROR,))
        headers = RATE_LIMITED.headers if self.status == RATE_LIMITED.status else ()
        if self.retry_after is not None:
            headers = (("Retry-After", str(self.retry_after)),)  # RFC 9110, 10.2.3
        return Reply(self.status, error, headers, truths)


@dataclass(frozen=True)
class Respond(ResponseFault):
    """A stub: the response has the status, headers and body that the test set, even outside the contract.

    json, request_json: `NOTHING` when they are not set, since None is JSON's null.
    """

    kind = "respond"
    main_setting = "status"

    status: int = setting(whole_number(200, 599), 200, "the HTTP status; 200 by default")
    json: Any = setting(JSON, NOTHING, "the body, as JSON", is_secret=True)
    text: str | None = setting(TEXT, None, "the body, as text", is_secret=True)
    content: str | None = setting(BASE64, None, "the body, as bytes in Base64", is_secret=True)
    callback: Callback | None = setting(
        CALLBACK, None, "a function of a test that gives the response; not in JSON", is_secret=True
    )
    headers: Mapping[str, str] = setting(HEADERS, _EMPTY, "further headers", is_secret=True)
    query: Mapping[str, str] = setting(
        TEXT_VALUES, _EMPTY, "parameters that the request must have; `*` is any value", is_secret=True
    )
    request_headers: Mapping[str, str] = setting(
        HEADER_VALUES, _EMPTY, "headers that the request must have; `*` is any value", is_secret=True
    )
    request_json: object = setting(
        JSON, NOTHING, "fields that the JSON body of the request must have", is_secret=True
    )

    def __post_init__(self) -> None:
        """Raise ValidationError if more than one body is set, or one with status 204 or 304.

        A function is the only body.
        """
        bodies = (self.json is not NOTHING, self.text is not None, self.content is not None)
        if sum(bodies) > 1:
            name, other = ("content", "json or text") if self.content is not None else ("text", "json")
            raise ValidationError({name: [f"must not be set together with {other}"]})
        if self.callback is not None and any(bodies):
            raise ValidationError({"callback": ["must not be set together with json, text or content"]})
        if self.status in (204, 304) and any(bodies):
            raise ValidationError({"status": [f"is {self.status}, which has no body (RFC 9110, 15.3.5)"]})

    @property
    def may_block(self) -> bool:
        """Whether the stub has a callback, which may wait for anything."""
        return self.callback is not None

    def matches_content(self, content: RequestContent) -> bool:
        """Return whether a request has the query, headers and JSON that the stub asks for."""
        wanted_headers = {name.lower(): value for name, value in self.request_headers.items()}
        return (
            has_values(content.query if self.query else {}, self.query)
            and has_values(content.headers if wanted_headers else {}, wanted_headers)
            and (self.request_json is NOTHING or has_json(content.json, self.request_json))
        )

    def reply(self, own_errors: OwnErrors, describe: Callable[[], StubRequest]) -> Reply:
        """Return the response that the test set, not in the error envelope.

        A function of the test is called for it, in this thread. Raises `CallbackError` if that fails.

        Its media type is the ``Content-Type`` among the headers, else that of plain text for `text`, or JSON.
        """
        if self.callback is not None:
            return self._called(self.callback, describe()).reply(own_errors, describe)
        lower_headers = {name.lower(): value for name, value in self.headers.items()}
        media = lower_headers.get("content-type", "")
        other_headers = tuple((n, v) for n, v in self.headers.items() if n.lower() != "content-type")
        body: object = None
        if self.content is not None:
            body, media = b64decode(self.content), media or "application/octet-stream"
        elif self.text is not None:
            body, media = self.text.encode(), media or "text/plain; charset=utf-8"
        elif self.json is not NOTHING:
            body = b"null\n" if self.json is None else self.json  # None would mean a response without a body
        if body is None:
            other_headers = tuple(self.headers.items())
        return Reply(self.status, body, other_headers, (_STUB,), False, media or "application/json")

    def _called(self, callback: Callback, request: StubRequest) -> Respond:
        """Return a stub with the answer of a function; status and headers are this one's unless it has some.

        Raises `CallbackError` for what no stub may have, and for what the function raises.
        """
        settings = {"status": self.status, "headers": self.headers, **call(callback, request)}
        try:
            return Respond(**Respond.schema().load(settings))
        except ValidationError as error:
            name, messages = next(iter(error.messages_dict.items()))
            raise wrong_answer(callback, f"returned a {name} that {first_message(messages)[0]}") from None

    def as_json(self) -> dict[str, object]:
        """Return a deep copy of the stub as JSON: its status, and the settings that were set.

        A function is its name in it.
        """
        document = super().as_json()
        if self.callback is not None:
            document["callback"] = name_of(self.callback)
        return copy.deepcopy(document)

    def as_text(self) -> str:
        """Return the stub as text, without its body and headers: ``respond=200,path=customers/1``."""
        # The text appears in the log and in a response header; body and headers may be large or secret.
        parts = [f"respond={self.status}"]
        parts += [
            f"{n}={v}"
            for n, v in self.as_json().items()
            if n in ("callback", "method", "path", "times", "after", "every")
        ]
        return ",".join(parts)
