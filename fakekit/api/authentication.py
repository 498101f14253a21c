"""Who is asking: the bearer token of a request, or which of the two documented refusals it gets.

Nothing here keeps, logs or repeats what it reads: a note says what was wrong in our own words, because
somebody will send a real key by mistake.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from fakekit.accounts.account_key import DEMO_KEY, KEY, KEY_FORM, KEY_WITH_FAULTS
from fakekit.api.request_errors import RejectedRequestError
from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.refusals import INVALID_KEY, MISSING_KEY
from fakekit.import_lock import IMPORT_LOCK

_SCHEME = assumed("auth.scheme")

_SUGGESTION = f"send Authorization: Bearer {DEMO_KEY}"
_COMMA = "there is a comma: the Authorization header came twice, or the key is not one of fakekit's"
_SCHEMES = ("Basic", "Digest", "Token", "ApiKey", "Api-Key", "Key", "JWT", "OAuth", "Negotiate", "HMAC")
_BY_CASE = {scheme.lower(): scheme for scheme in _SCHEMES}
_PLACEHOLDER = r"(?i)[<{\[$%]*(YOUR[_ -]?)?(XTRAKIT[_ -]?)?(API[_ -]?)?(KEY|TOKEN)[>}\]%]*"
_TWO_HEADERS = re.compile(r".*,\s*(?:Bearer|fk_)", re.DOTALL)
# A key and what was to be faults, unless the header came twice.
_KEY_WITH_TEXT = re.compile(rf"(?!{_TWO_HEADERS.pattern}){KEY.pattern}\s?~(.*)", re.ASCII | re.DOTALL)
_LIKE_REAL_KEY = r"[0-9A-Fa-f]{24,}|[A-Za-z0-9]{32,}"


class UnauthorizedError(RejectedRequestError):
    """A request without a valid key, which gets one of the two documented 401.

    Its note says what was wrong with the credential, and repeats nothing of it.
    """


class Bearer(NamedTuple):
    """A valid key, and the text of the faults written after it: ``slow=2s~fail=503``."""

    key: str
    faults: str = ""


def read_bearer(header: str | None, assumed_truths: list[Truth]) -> Bearer:
    """Return the key, and the faults written after it, of an Authorization header's value.

    header: the value as it came; None when the request has no such header.
    assumed_truths: gets the assumption on schemes added, if the result or a refusal relies on it.

    Raises `UnauthorizedError` with the documented error and a note that does not repeat the value, but for
    what `explain_key_faults` repeats.

    >>> read_bearer("Bearer fk_demo", [])
    Bearer(key='fk_demo', faults='')
    """
    value = (header or "").strip(" \t")  # the white space of a field's value (RFC 9110, 5.5)
    if not value:
        raise UnauthorizedError(MISSING_KEY, f"the request has no Authorization header; {_SUGGESTION}")
    scheme, _, rest = value.partition(" ")
    key = rest.strip(" \t")
    if scheme != "Bearer":  # the pages show no other spelling; case is ignored (RFC 9110, 11.1)
        assumed_truths.append(_SCHEME)
    if scheme.lower() != "bearer":
        raise UnauthorizedError(MISSING_KEY, _explain_missing(scheme, key))
    if not key:
        assumed_truths.append(_SCHEME)
        raise UnauthorizedError(MISSING_KEY, f"no key follows Bearer; {_SUGGESTION}")
    if KEY.fullmatch(key):
        return Bearer(key)
    if match := KEY_WITH_FAULTS.fullmatch(key):
        return Bearer(match[1], match[2])
    if match := _KEY_WITH_TEXT.fullmatch(key):
        raise invalid_fault_error(match[1])
    raise UnauthorizedError(INVALID_KEY, _explain_invalid(key))


def invalid_fault_error(faults: str) -> UnauthorizedError:
    """Return the 401 for a valid key followed by faults that cannot be parsed: ``fk_demo~fail=abc``.

    faults: the text behind ``~``; the note repeats of it what cannot be a secret.
    """
    with IMPORT_LOCK:
        from fakekit.faults.key_faults import explain_key_faults  # imports all kinds of faults

    return UnauthorizedError(INVALID_KEY, str(explain_key_faults(faults)))


def _explain_missing(scheme: str, rest: str) -> str:
    """Return the `Fakekit-Note` for an Authorization header with another scheme than Bearer, or with none.

    scheme, rest: the value's parts before and after the first space; neither is repeated in the note.
    """
    known = _BY_CASE.get(scheme.lower().rstrip(":"))
    if known:
        return f"the scheme is {known}, not Bearer; {_SUGGESTION}"
    if scheme.lower() == "bearer:":
        return f"a colon follows Bearer, and only a space belongs there; {_SUGGESTION}"
    if not rest:
        return f"the key came without a scheme; put Bearer and a space in front of it: {_SUGGESTION}"
    return f"the scheme is not Bearer; {_SUGGESTION}"


def _explain_invalid(key: str) -> str:
    """Return the `Fakekit-Note` for a Bearer credential that is not a key: the likely mistake.

    It repeats nothing of the credential, which may be a real key.
    """
    if key[0] in "\"'`" or key[-1] in "\"'`":
        return "there are quotes around the key; send it without them"
    if key.lower().startswith(("bearer ", "bearer\t")) or key.lower() == "bearer":
        return "the header has Bearer twice; send it once"
    if key.startswith("fk_"):
        return _explain_form(key)
    if "," in key:
        return _COMMA
    if key == "API_KEY":
        return (
            f"this is the literal API_KEY of the vendor's sample; send a key instead, for example {DEMO_KEY}"
        )
    if re.fullmatch(_PLACEHOLDER, key):
        return f"this is a placeholder that was not filled in; send a key instead, for example {DEMO_KEY}"
    if key.lower().startswith("fk_"):
        return "a key starts with fk_ in lower case"
    if re.fullmatch(_LIKE_REAL_KEY, key):
        return (
            "this looks like a real XtraKit key; fakekit rejects such keys and has not stored it; "
            f"use {DEMO_KEY}, or fk_ and a name of your own"
        )
    return f"this is not a key of fakekit: {KEY_FORM}; use {DEMO_KEY}"


def _explain_form(key: str) -> str:
    """Return the `Fakekit-Note` for a credential that begins with ``fk_`` and is not a key.

    It repeats nothing of the credential. Where a fault is in it, the ``~`` before that is missing, unless the
    header came twice.
    """
    with IMPORT_LOCK:
        from fakekit.faults.key_faults import has_fault  # imports all kinds of faults

    name = key.removeprefix("fk_").partition("~")[0]
    if has_fault(name) and not _TWO_HEADERS.match(key):
        return "no ~ stands between the key and its fault; write fk_name~fail=503"
    if "," in key:
        return _COMMA
    if not name:
        reason = "nothing follows fk_"
    elif re.fullmatch("[A-Za-z0-9_-]+", name):
        reason = "more than 64 characters follow fk_"
    else:
        reason = "a character of the key is not one that a key may have"
    return f"{reason}; a key is {KEY_FORM}"
