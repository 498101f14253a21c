"""pytest-httpserver as a process, in an environment of its own: `httpserver.py PORT RECORDS shipped|tuned`.

shipped: one thread, HTTP/1.0. tuned: a thread for each connection, which stays open.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from pytest_httpserver import HTTPServer
from werkzeug.serving import WSGIRequestHandler

port, records, variant = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if variant == "tuned":
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
server = HTTPServer("127.0.0.1", port, threaded=variant == "tuned")
for number, body in json.loads(records.read_text()).items():
    expected = server.expect_request(
        f"/api/v1/customers/{number}", "GET", headers={"Authorization": "Bearer fk_demo"}
    )
    expected.respond_with_json(body)
server.start()
threading.Event().wait()
