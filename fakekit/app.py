"""`create_app`, which creates the parts of the fake and connects them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, request
from werkzeug.routing import Rule

from fakekit.accounts.baseline import Baseline
from fakekit.accounts.from_settings import Baselines, describe_world
from fakekit.accounts.registry import Accounts
from fakekit.addresses import is_loopback
from fakekit.api.exchange import EXCHANGE
from fakekit.api.middleware import RequestMiddleware
from fakekit.api.response import refuse
from fakekit.api.service import Service
from fakekit.console import CONSOLE
from fakekit.console.views import VIEWS
from fakekit.contract.refusals import SERVER_ERROR
from fakekit.control import QUICK_PATHS, ROOT, is_own_path
from fakekit.control.blueprint import table_blueprint
from fakekit.control.operations import OPERATIONS, PATH_WORDS
from fakekit.control.own_paths import health_blueprint, openapi_blueprint
from fakekit.import_lock import IMPORT_LOCK, Once
from fakekit.log import LOGGER, add_server_log_filter, log_failure
from fakekit.resources import ENDPOINTS, RESOURCES
from fakekit.server.intercepted_hosts import InterceptedHosts
from fakekit.server.log_writer import has_log_handlers, log_to_stderr, log_warnings_without_blocking
from fakekit.settings import Settings
from fakekit.settings.table import APP_SETTINGS
from fakekit.world.names import log_faker_warning
from fakekit.world.pinned import check_world

if TYPE_CHECKING:
    from fakekit.console.rendering import Console
    from fakekit.control.api import ControlApi
    from fakekit.control.runner import OperationRunner


def create_app(settings: Settings | None = None) -> Flask:
    """Return a Flask app that answers as XtraKit does.

    settings: what to serve; None reads the environment, which wins, and ``[tool.fakekit]``, as ``gunicorn
        'fakekit:create_app()'`` and ``flask --app fakekit run`` do, and logs to stderr where no logging is
        configured.

    Raises `fakekit.errors.SettingsError` and `fakekit.errors.FixtureError`. Two apps share nothing.
    """
    settings = settings or _environment_settings()
    log_warnings_without_blocking()
    check_world(settings.world)
    log_faker_warning()
    for warning in settings.warnings:
        LOGGER.warning("%s", warning)
    baselines, token = Baselines(settings), control_token(settings)
    baseline = baselines.for_settings(settings)
    accounts = _make_accounts(settings, baseline, baselines)
    service = Service(RESOURCES, accounts, PATH_WORDS)

    app = Flask("fakekit", static_folder=None)
    app.url_rule_class = _Rule
    app.extensions["fakekit"] = service
    app.extensions["fakekit-baselines"] = baselines
    app.extensions["fakekit-token"] = token
    app.extensions["fakekit-quick"] = QUICK_PATHS
    intercepted = app.extensions["fakekit-intercepted"] = InterceptedHosts()
    app.url_map.merge_slashes = False  # else Flask redirects /customers//1; here it is a 404

    @Once
    def runner() -> OperationRunner:
        from fakekit.control.runner import OperationRunner

        return OperationRunner(accounts, baselines.for_account, intercepted)

    @Once
    def control() -> ControlApi:
        from fakekit.control.api import ControlApi

        return ControlApi(runner(), token)

    @Once
    def console() -> Console:
        from fakekit.console.rendering import Console

        return Console(runner(), accounts, token)

    pages = table_blueprint("fakekit-console", CONSOLE, VIEWS, console)
    rule, view = f"{CONSOLE}/static/<name>", lambda name: console().send_static(name)
    pages.add_url_rule(rule, "static", view, provide_automatic_options=False)
    _add_rules(app, baseline, table_blueprint("fakekit-control", ROOT, OPERATIONS, control), pages)
    _add_hooks(app, service, control)
    app.wsgi_app = RequestMiddleware(  # type: ignore[method-assign]
        app.wsgi_app, service.redaction, is_own_path, settings.log_own, has_store=accounts.state is not None
    )
    return app


def _make_accounts(settings: Settings, baseline: Baseline, baselines: Baselines) -> Accounts:
    """Return the registry of accounts: in the memory of this process, or in the store of ``--state``.

    Raises `SettingsError` for a store that cannot be used, and `StateError` for one that does not answer.
    """
    if settings.state is None:
        return Accounts(baseline, settings.max_accounts)
    with IMPORT_LOCK:
        from fakekit.accounts.stored_registry import StoredAccounts
        from fakekit.state import open_state

    source = settings.sources.get("state", "state")
    state = open_state(settings.state, settings.max_accounts, describe_world(baseline.world), source)
    return StoredAccounts(baseline, settings.max_accounts, state, baselines.for_stored)


def _add_hooks(app: Flask, service: Service, control: Callable[[], ControlApi]) -> None:
    """Have the service answer the requests of the API, and make a failure of fakekit a 500 of its form.

    control: returns what rejects a request for a path of fakekit's own that does not exist.
    """

    # An app-level before_request also runs for URLs that match no rule, a view function does not.
    @app.before_request
    def serve() -> Response | None:
        current = request._get_current_object()  # type: ignore[attr-defined]  # else each look goes by a proxy
        if current.environ[EXCHANGE].is_own:
            return None if current.routing_exception is None else control().reject(current)
        return service.serve(current).to_flask(current)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log_failure(error)
        return refuse(SERVER_ERROR).to_flask(request)


def _add_rules(app: Flask, baseline: Baseline, *blueprints: Blueprint) -> None:
    """Add the rules of the vendor's endpoints to the app, and the blueprints of fakekit's own paths.

    baseline: has the world and the assumptions that health and the OpenAPI document show.
    blueprints: those of the control API and of the console.
    """
    with IMPORT_LOCK:  # a rule is compiled, as a module is: not by two threads at once
        for endpoint in ENDPOINTS:
            rule, methods = endpoint.path.replace("{", "<").replace("}", ">"), [endpoint.method]
            # The service answers OPTIONS, on any path (CORS).
            app.add_url_rule(rule, endpoint.operation, methods=methods, provide_automatic_options=False)
        app.register_blueprint(health_blueprint(baseline.world, CONSOLE))
        app.register_blueprint(openapi_blueprint(RESOURCES, baseline.assumptions, baseline.strict))
        for blueprint in blueprints:
            app.register_blueprint(blueprint)


def _environment_settings() -> Settings:
    """Return the settings for an app that another server (gunicorn, flask run) serves.

    They come from the environment or else from ``pyproject.toml``. Also logs to stderr where no logging is
    configured, and keeps that server from logging API keys.
    """
    settings = Settings.read({}, os.environ, Path.cwd(), APP_SETTINGS)
    if not has_log_handlers():
        log_to_stderr(settings.log_format)
    add_server_log_filter()
    return settings


def control_token(settings: Settings) -> str:
    """Return the token that requests to ``/_fakekit/`` must carry: the setting's, or a new random one.

    Empty for a server on loopback, where each request is checked for a header and the client's address
    instead.
    """
    if is_loopback(settings.host):
        return ""
    import secrets

    return settings.control_token or secrets.token_urlsafe(16)


class _Rule(Rule):
    """A URL rule that compiles the function that builds its URLs on first use: 8 ms less at the start.

    `_compile_builder` is Werkzeug's own method; should it get another name, nothing is saved.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        """Return a function that compiles the one that builds URLs in its first call, and calls it."""

        def build(rule: _Rule, **values: object) -> tuple[str, str]:
            compiled = super()._compile_builder(append_unknown)
            return compiled.__get__(rule, None)(**values)  # type: ignore[no-any-return]

        return build
