"""fakekit's own paths beside the control API: health, OpenAPI documents, icons and the way to the console."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from json import dumps

from flask import Blueprint, Response, current_app, jsonify, request

from fakekit._version import WORLD_VERSION, __version__
from fakekit.accounts.account_key import DEMO_KEY
from fakekit.api.cors import ANY_ORIGIN, can_repeat
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Resource
from fakekit.control import BROWSER_PATHS
from fakekit.import_lock import Once
from fakekit.vendor import BASE_PATH
from fakekit.world.world import World


def health_blueprint(world: World, console: str) -> Blueprint:
    """Return a blueprint with ``/_fakekit/health``, which is JSON, and ``/``, a page of plain text.

    A client that prefers HTML at ``/``, as browsers do, is led to the console. The `BROWSER_PATHS` are
    answered 204, so that a browser's console shows no error for them.

    world: the world whose seed and number of customers they show.
    console: the path of the console.
    """
    blueprint = Blueprint("fakekit", __name__)

    @blueprint.get("/_fakekit/health")
    def health() -> Response:
        response = jsonify(
            status="ok",
            version=__version__,
            seed=world.seed,
            world=WORLD_VERSION,
            customers=world.count_records("customers"),
            **_workers(),
        )
        response.headers.update(ANY_ORIGIN)
        return response

    @blueprint.get("/")
    def index() -> Response:
        headers = {**dict(ANY_ORIGIN), "Vary": "Accept"}
        if request.accept_mimetypes.best_match(("text/plain", "text/html")) == "text/html":
            return Response(status=HTTPStatus.FOUND, headers={**headers, "Location": console}, mimetype=None)
        # The page does not show the server's address: that would be the Host header, which the client chose.
        customer_id = next(world.ids("customers"), 1)
        text = (
            f"This is fakekit {__version__}, a fake of the XtraKit API (not the real one).\n\n"
            f"base URL  this address and {BASE_PATH}\n"
            f"key       {DEMO_KEY}\n"
            f"try       GET {BASE_PATH}/customers/{customer_id} with Authorization: Bearer {DEMO_KEY}\n"
            f"look      at this address in a browser\n"
        )
        return Response(text, mimetype="text/plain", headers=headers)

    def empty_response() -> Response:
        headers = {"Cache-Control": "max-age=86400"}
        return Response(status=HTTPStatus.NO_CONTENT, headers=headers, mimetype=None)

    for path in BROWSER_PATHS:
        blueprint.add_url_rule(path, view_func=empty_response)
    return blueprint


def _workers() -> dict[str, int]:
    """Return how many processes serve, for health; empty under another server than fakekit's own."""
    count = current_app.extensions.get("fakekit-workers")
    return {} if count is None else {"workers": count}


def openapi_blueprint(resources: Mapping[str, Resource], assumptions: Assumptions, strict: bool) -> Blueprint:
    """Return a blueprint with ``/_fakekit/openapi.json``, ``openapi-3.0.json`` and ``control.json``.

    Each document is built by the first request for it and then kept, all but the address of the server.
    resources, assumptions, strict: the endpoints and assumptions of the server, and whether it rejects what
        breaks a rule of form; ``openapi.json`` describes them.
    """
    blueprint = Blueprint("fakekit-documents", __name__)

    @Once
    def api_document() -> dict[str, object]:
        from fakekit.contract.openapi import openapi  # apispec is slow to import, and few need it

        return openapi(resources, assumptions, __version__, strict=strict)

    @Once
    def api_document_3_0() -> dict[str, object]:
        from fakekit.contract.openapi_3_0 import as_openapi_3_0

        return as_openapi_3_0(api_document())

    @Once
    def control_document() -> dict[str, object]:
        from fakekit.control.openapi import control_openapi

        return control_openapi(__version__)

    documents = {
        "openapi.json": api_document,
        "openapi-3.0.json": api_document_3_0,
        "control.json": control_document,
    }
    for name, make in documents.items():
        blueprint.add_url_rule(f"/_fakekit/{name}", name.replace(".", "_"), partial(_answer, make))
    return blueprint


def _answer(make: Callable[[], Mapping[str, object]]) -> Response:
    """Return the response with an OpenAPI document, which names the server as this request reached it.

    Where the request's Host is no address, or may be a credential, the server is ``/``: wherever the document
    is from.
    """
    origin = f"{request.scheme}://{request.host}".lower()
    servers = [{"url": origin if can_repeat(origin) else "/"}]
    text = dumps({**make(), "servers": servers}, ensure_ascii=False)
    return Response(text, mimetype="application/json", headers=ANY_ORIGIN)
