"""The app, and the only place where its parts meet: a table of contents."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.datastructures import Headers

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.positions import TABLE
from fakekit.control import PATHS
from fakekit.control.documents import documents_blueprint
from fakekit.control.health import health_blueprint
from fakekit.errors import FixtureError, worded
from fakekit.resources import ENDPOINTS, RECORDS, RESOURCES
from fakekit.serving.accounts import Accounts
from fakekit.serving.answer import Answer
from fakekit.serving.edge import Edge
from fakekit.serving.lines import log_to_stderr
from fakekit.serving.log import LOGGER, RequestLog, crash, hush_servers
from fakekit.serving.service import Service, broken
from fakekit.settings import DEFAULT_CUSTOMERS, Settings
from fakekit.world.fixture_files import Fixtures, load
from fakekit.world.world import World


def create_app(settings: Settings | None = None) -> Flask:
    """A Flask app that answers as XtraKit does.

    settings: what to serve; None reads the environment and ``[tool.fakekit]``, as
        ``gunicorn 'fakekit:create_app()'`` and ``flask --app fakekit run`` do, and logs to stderr
        where no logging is configured.

    Raises `fakekit.errors.SettingsError` and `fakekit.errors.FixtureError`. Two apps share nothing.
    """
    if settings is None:
        if not LOGGER.hasHandlers():
            log_to_stderr(batches=False)
        hush_servers()
        settings = Settings.read({}, os.environ, Path.cwd())
    for warning in settings.warnings:
        LOGGER.warning("%s", warning)
    world = build_world(settings)
    accounts = Accounts(world, settings.max_accounts)
    assumptions = Assumptions(TABLE, dict(settings.assumptions))
    service = Service(RESOURCES, accounts, assumptions, settings.strict)

    app = Flask("fakekit", static_folder=None)
    app.extensions["fakekit"] = service
    app.url_map.merge_slashes = False
    for endpoint in ENDPOINTS:
        rule = endpoint.path.replace("{", "<").replace("}", ">")
        app.add_url_rule(
            rule,
            endpoint.operation,
            methods=[endpoint.method],
            provide_automatic_options=False,
        )
    app.register_blueprint(health_blueprint(world))
    app.register_blueprint(documents_blueprint(RESOURCES, assumptions))

    @app.before_request
    def serve() -> Response | None:
        asked = request._get_current_object()  # type: ignore[attr-defined]  # else each look goes by a proxy
        own = asked.path in PATHS and asked.routing_exception is None
        return None if own else respond(service.serve(asked))

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        crash(error)
        return respond(broken(assumptions))

    app.wsgi_app = Edge(app.wsgi_app, RequestLog(ENDPOINTS))  # type: ignore[method-assign]
    return app


def build_world(settings: Settings) -> World:
    """The world that settings describe, its fixture files read; warnings go to the log."""
    fixtures = load(settings.fixtures, RECORDS, settings.customers, settings.strict)
    for line in worded(fixtures.warnings).splitlines():
        LOGGER.warning("%s", line)
    size = settings.customers
    if size is None:
        size = fixtures.population if fixtures.population is not None else DEFAULT_CUSTOMERS
    documented = _documented().records if size else {}
    return World(RECORDS, settings.seed, size, {**documented, **fixtures.records})


class _Whole(Response):
    """A response whose headers are what goes out: werkzeug copies them one by one to put them right."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        """The headers as they are."""
        return self.headers


def respond(answer: Answer) -> Response:
    """An answer as Flask sends it."""
    response = _Whole(status=answer.status)
    response.headers = answer.fields
    response.response = (answer.payload,)
    return response


def _documented() -> Fixtures:
    """The vendor's own sample records: in the package, or beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "documented", package.parent / "fixtures" / "documented"):
        if folder.is_dir():
            return load([folder], RECORDS, None, strict=False)
    raise FixtureError([])
