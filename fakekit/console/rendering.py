"""Answering the requests for the console: who may ask, the view function, the template, the headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from secrets import token_hex

from flask import Request, Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fakekit._version import __version__
from fakekit.accounts.registry import Accounts
from fakekit.api.body import SIZE
from fakekit.api.cors import can_repeat
from fakekit.api.forms import URLENCODED
from fakekit.console import CONSOLE
from fakekit.console.page import NO_KEY, Download, Page, PageResult, Redirect, Rendered, console_url
from fakekit.console.views import CONTENTS, PLACES, VIEWS, View
from fakekit.control import HEADER
from fakekit.control.arguments import check_key
from fakekit.control.gate import check_access, check_reader
from fakekit.control.runner import OperationRunner
from fakekit.errors import ControlError, FakekitError, Problem
from fakekit.import_lock import IMPORT_LOCK
from fakekit.log import log_failure

MAX_FORM_BYTES = 500_000
"""The largest form that is read, as much as Flask reads by default."""
_FOLDER = Path(__file__).parent
STATIC_TYPES = {
    "console.css": "text/css",
    "console.js": "text/javascript",
    "htmx.min.js": "text/javascript",
    "hx-sse.min.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
"""The static files, each with its media type. Which htmx they are is in ``static/README.md``."""

_HEADERS = {
    # Every script and style is a file of this server; no page may be shown inside of another one.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Console:
    """Answers the requests for the pages of the console and their static files.

    runner: runs the operations of the control API, which all pages are made from.
    accounts: the open accounts of the server.
    token: the control token of a server that is not bound to loopback; empty for one that is.
    """

    def __init__(self, runner: OperationRunner, accounts: Accounts, token: str) -> None:
        self._runner, self._accounts, self._token = runner, accounts, token
        self._started = token_hex(4)  # differs from that of a server that ran here before
        self._functions: dict[str, Callable[[Page], PageResult]] = {}

    def handle(self, view: View, path: Mapping[str, str]) -> Response:
        """Answer Flask's current request for a page; never raises.

        The form that was sent is read only after it is checked who asks. An error of the user's becomes a
        page that says so; one of fakekit's own is logged and gives a 500.

        path: the parameters in the path: ``{"key": "fk_demo"}``.
        """
        page = self._page("", {}, {})
        try:
            self._check_access(view)
            key = path.get("key", "")
            page = self._page(
                key if key in ("", NO_KEY) else check_key(key),
                {n: v for n, v in path.items() if n != "key"},
                _read_form(request) if view.method == "POST" else {},
            )
            return self._respond(page, self._function(view)(page))
        except FakekitError as error:
            response = self._respond(page, _error_page(error.problems, error.status))
            if error.status == HTTPStatus.FORBIDDEN and request.headers.get("HX-Target", "body") != "body":
                response.headers["HX-Refresh"] = "true"  # a part of a page: the whole page asks for the token
            return response
        except Exception as error:
            log_failure(error)
            problem = Problem("", "fakekit itself failed; its log says where")
            return self._respond(page, _error_page([problem], HTTPStatus.INTERNAL_SERVER_ERROR))

    def send_static(self, name: str) -> Response:
        """Return a static file, which a browser may keep as long as its digest is the same; 404 for others.

        It holds nothing of an account, so anybody may have it.
        """
        if name not in STATIC_TYPES:
            return Response(status=HTTPStatus.NOT_FOUND, mimetype=None)
        data, digest = _static_file(name)
        response = Response(data, mimetype=STATIC_TYPES[name])
        response.set_etag(digest)
        response.headers.update(_HEADERS)
        response.headers["Cache-Control"] = "no-cache"
        response.make_conditional(request)
        return response

    def _check_access(self, view: View) -> None:
        """Raise `ControlError` (403) for a request that may not have the page, or not do what it does."""
        if view.method == "GET":
            check_reader(request, self._token)
        else:
            check_access(request, self._token)

    def _page(self, key: str, path: Mapping[str, str], form: Mapping[str, str]) -> Page:
        """Return what the view function gets of Flask's current request.

        key: valid, `NO_KEY`, or empty for a page that belongs to no account.
        path: the other parameters in the path.
        form: the first value of each field of the form that was sent; empty where none was.

        Raises `StateError` where accounts are stored and the store does not answer.
        """
        self._accounts.refresh_unauthenticated()
        return Page(
            key,
            path,
            request.args.to_dict(),
            form,
            _origin_of(request),
            self._accounts,
            self._runner,
        )

    def _function(self, view: View) -> Callable[[Page], PageResult]:
        """Return the function of a view, imported on first use."""
        if view.function not in self._functions:
            module, _, name = view.function.rpartition(".")
            with IMPORT_LOCK:
                self._functions[view.function] = getattr(import_module(f"fakekit.console.{module}"), name)
        return self._functions[view.function]

    def _respond(self, page: Page, result: PageResult) -> Response:
        """Return the HTTP response with what a view function returned."""
        match result:
            case Redirect(url):
                response = Response(status=HTTPStatus.SEE_OTHER, headers={"Location": url}, mimetype=None)
            case Download(text, name):
                response = Response(text, mimetype="text/plain")
                response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
            case Rendered():
                response = Response(self._render(page, result), result.status, mimetype="text/html")
        response.headers.update(_HEADERS)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _render(self, page: Page, result: Rendered) -> str:
        """Return the HTML of a page. Templates are compiled by one thread at a time."""
        with IMPORT_LOCK:
            template = _templates().get_template(result.template)
        return template.render(
            page=page,
            root=CONSOLE,
            no_key=NO_KEY,
            version=__version__,
            has_token=bool(self._token),
            is_wrong_token=request.headers.get(HEADER, "1") != "1",  # htmx sends 1 where none was entered
            unauthenticated=len(self._accounts.unauthenticated),
            console_url=console_url,
            started=self._started,
            places=_links(page, result.place),
            contents=CONTENTS,
            **result.context,
        )


def _read_form(request: Request) -> dict[str, str]:
    """Return the first value of each field of the form that a request has as its body; empty for no body.

    Raises `ControlError`: 413 for more than `MAX_FORM_BYTES`, 415 for a body that is not URL-encoded, as the
    forms of all pages are. Either would be read as a form without any field.
    """
    size: int = request.environ.get(SIZE, 0)
    if size > MAX_FORM_BYTES:
        problem = Problem("", f"the form is too large: it may have {MAX_FORM_BYTES:,} bytes")
        raise ControlError(problem, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if size and request.mimetype != URLENCODED:
        problem = Problem("the body", "must be a form", "", f"Content-Type: {URLENCODED}")
        raise ControlError(problem, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return request.form.to_dict()


def _links(page: Page, place: str) -> list[tuple[str, str, bool]]:
    """Return the links at the top of a page: address, title, and whether it is that of the page's place.

    None for a page without an account.
    """
    if not page.account:
        return []
    paths = {view.function: view.path.removeprefix("/{key}/") for view in VIEWS}
    return [
        (console_url(page.account, paths[name]), title, name == place and page.key != NO_KEY)
        for name, title in PLACES.items()
    ]


def _error_page(problems: list[Problem], status: int) -> Rendered:
    """Return the page about what is wrong with a request; for a wrong or missing token it asks for one."""
    return Rendered("error.html", {"problems": problems, "status": int(status)}, status=status)


def _origin_of(request: Request) -> str:
    """Return the address of the server as the browser reached it; empty where it must not be repeated."""
    origin = f"{request.scheme}://{request.host}".lower()
    return origin if can_repeat(origin) else ""


@cache
def _templates() -> Environment:
    """Return the templates, each compiled on first use; they are files of the package, as a module is.

    All servers of the process share them: a test with a server of its own need not compile them again.
    """
    # Not Flask's own environment: what somebody adds to the app's must not change these pages.
    return Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _static_file(name: str) -> tuple[bytes, str]:
    """Return the bytes of a static file and their digest; read once, as they do not change."""
    data = (_FOLDER / "static" / name).read_bytes()
    return data, sha256(data).hexdigest()[:16]
