"""The paths that serve the OpenAPI documents of the vendor's API and of the control API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from json import dumps

from flask import Blueprint, Response, request

from fakekit._version import __version__
from fakekit.api.cors import ANY_ORIGIN, can_repeat
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Resource
from fakekit.import_lock import Once


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
