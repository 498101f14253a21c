"""The reference: the least that a fake written by hand with Flask and marshmallow does, under gunicorn.

One route, one comparison of the Authorization header with one string, one record dumped by a schema, no log;
gunicorn's gthread worker, in one process.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import gunicorn.app.base
from flask import Flask, Response, request
from marshmallow import Schema, fields
from ready import SIZE, write_ready_file


class _Customer(Schema):
    id = fields.Integer()
    text = fields.String()


def create_app() -> Flask:
    """Return an app with one route."""
    app, schema = Flask("reference", static_folder=None), _Customer()
    record = {"id": 1, "text": "x" * (SIZE - 20)}

    @app.get("/api/v1/customers/<key>")
    def customer(key: str) -> Any:
        if request.headers.get("Authorization") != "Bearer fk_demo":
            return Response(status=401)
        return schema.dump(record)

    return app


class _Gunicorn(gunicorn.app.base.BaseApplication):  # type: ignore[misc]
    """gunicorn with one worker of 32 threads, on a free port."""

    def __init__(self, ready_file: Path) -> None:
        self.ready_file = ready_file
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        super().__init__()

    def load_config(self) -> None:
        chosen = {
            "bind": f"fd://{os.dup(self.listener.fileno())}",
            "worker_class": "gthread",
            "threads": 32,
            "keepalive": 75,
            "control_socket_disable": True,
            "loglevel": "critical",
            "post_worker_init": self.when_ready,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app()

    def when_ready(self, worker: Any) -> None:
        write_ready_file(self.ready_file, self.listener.getsockname()[1])


if __name__ == "__main__":
    _Gunicorn(Path(sys.argv[1])).run()
