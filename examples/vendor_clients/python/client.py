"""Makes every documented call the way the vendor's Python samples do, and prints a line of JSON for each."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import requests

base = os.environ.get("XTRAKIT_BASE_URL", "http://127.0.0.1:4310/api/v1")
key = os.environ.get("XTRAKIT_API_KEY", "fk_demo")

for call in json.loads((Path(__file__).parent.parent / "calls.json").read_text("utf-8")):
    url = f"{base}/{call['path']}"
    headers = {"Authorization": f"Bearer {key}"}
    try:
        response = requests.request(
            call["method"],
            url,
            headers=headers,
            params=call.get("query"),
            json=call.get("body"),  # goes out as application/json
            timeout=10,
        )
        answer = {
            "call": call["call"],
            "status": response.status_code,
            "note": response.headers.get("Fakekit-Note", ""),
            "body": response.json(),
        }
    except requests.exceptions.RequestException as e:
        sys.exit(f"{call['call']}: {e}")
    print(json.dumps(answer))
