"""The clients that are run under ``fakekit exec``, each as it comes: which it is, how it is led, a program that calls.

A program prints the status and the name of the customer it fetched; none of them knows of fakekit.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

URL = "https://app.xtrakit.com/api/v1/customers/1"

CONFIGURATION, PROXY, SOCKET, WRAPPER = "configuration", "proxy", "socket", "wrapper"

_PYTHON = f"""import asyncio, json, urllib.request
URL, HEADERS = "{URL}", {{"Authorization": "Bearer 92857043717beff382ae75c8dc7514162f04"}}
def tell(status, body): print(status, body["data"]["customer"]["customer_name"])
"""
_NODE = f"""const axios = require('axios'), https = require('node:https'), net = require('node:net'), tls = require('node:tls');
const URL = '{URL}', headers = {{Authorization: 'Bearer 92857043717beff382ae75c8dc7514162f04'}};
const tell = (status, body) => console.log(status, body.data.customer.customer_name);
"""
_PHP = f"""<?php
$url = '{URL}'; $key = 'Authorization: Bearer 92857043717beff382ae75c8dc7514162f04';
function tell($status, $body) {{ echo $status, ' ', json_decode($body)->data->customer->customer_name, "\\n"; }}
"""


@dataclass(frozen=True)
class Client:
    """A client, the means by which it is led, and its program.

    has_own_store: whether it has certificates of its own, unless its packager has changed that. In isolation
        it needs a variable then.
    """

    name: str
    means: str
    command: str
    suffix: str
    program: str
    has_own_store: bool = False


def _python(name: str, means: str, program: str, *, has_own_store: bool = False) -> Client:
    return Client(name, means, sys.executable, ".py", _PYTHON + program, has_own_store)


def _node(name: str, means: str, program: str) -> Client:
    return Client(name, means, "node", ".cjs", _NODE + program, has_own_store=True)


def _php(name: str, means: str, program: str) -> Client:
    return Client(name, means, "php", ".php", _PHP + program)


CLIENTS = [
    Client(
        "curl",
        CONFIGURATION,
        "sh",
        ".sh",
        f"curl -sS -H 'Authorization: Bearer 92857043717beff382ae75c8dc7514162f04' -w '%{{http_code}}' {URL} "
        """| sed -E 's/.*"customer_name": "([^"]*)".*/\\1/; 1{h;d}; G; s/\\n/ /'""",
    ),
    Client("Go net/http", PROXY, "sh", ".sh", "exec fetch-go"),
    _python(
        "Python requests",
        PROXY,
        "import requests; a = requests.get(URL, headers=HEADERS); tell(a.status_code, a.json())",
        has_own_store=True,
    ),
    _python(
        "Python httpx",
        PROXY,
        "import httpx; a = httpx.get(URL, headers=HEADERS); tell(a.status_code, a.json())",
        has_own_store=True,
    ),
    _python(
        "Python httpx, async",
        PROXY,
        """import httpx
async def main():
    async with httpx.AsyncClient() as client:
        a = await client.get(URL, headers=HEADERS)
        tell(a.status_code, a.json())
asyncio.run(main())""",
        has_own_store=True,
    ),
    _python(
        "Python urllib",
        PROXY,
        "with urllib.request.urlopen(urllib.request.Request(URL, headers=HEADERS)) as a: tell(a.status, json.load(a))",
    ),
    _python(
        "Python http.client",
        SOCKET,
        """import http.client
connection = http.client.HTTPSConnection("app.xtrakit.com")
connection.request("GET", "/api/v1/customers/1", headers=HEADERS)
a = connection.getresponse()
tell(a.status, json.load(a))
connection.close()""",
    ),
    *(
        _python(
            name,
            means,
            f"""import aiohttp
async def main():
    async with aiohttp.ClientSession({options}) as session, session.get(URL, headers=HEADERS) as a:
        tell(a.status, await a.json())
asyncio.run(main())""",
        )
        for name, means, options in [
            ("Python aiohttp", SOCKET, ""),
            ("Python aiohttp, trust_env=True", PROXY, "trust_env=True"),
        ]
    ),
    _node(
        "Node https",
        SOCKET,
        """https.get(URL, {headers}, (a) => {
  let body = ''; a.on('data', (d) => body += d); a.on('end', () => tell(a.statusCode, JSON.parse(body)));
});""",
    ),
    _node("Node fetch", SOCKET, "fetch(URL, {headers}).then(async (a) => tell(a.status, await a.json()));"),
    _node("Node axios", PROXY, "axios.get(URL, {headers}).then((a) => tell(a.status, a.data));"),
    _node(
        "Node axios, proxy: false",
        SOCKET,
        "axios.get(URL, {headers, proxy: false}).then((a) => tell(a.status, a.data));",
    ),
    _node(
        "Node tls",
        SOCKET,
        """const s = tls.connect(443, 'app.xtrakit.com', {servername: 'app.xtrakit.com'}, () => s.write(
  `GET /api/v1/customers/1 HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\nAuthorization: ${headers.Authorization}\\r\\n\\r\\n`));
let body = ''; s.on('data', (d) => body += d);
s.on('end', () => tell(Number(body.slice(9, 12)), JSON.parse(body.split('\\r\\n\\r\\n')[1])));""",
    ),
    _php(
        "PHP curl",
        PROXY,
        """$c = curl_init($url);
curl_setopt_array($c, [CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => [$key]]);
$body = curl_exec($c); tell(curl_getinfo($c, CURLINFO_RESPONSE_CODE), $body);""",
    ),
    _php(
        "PHP file_get_contents",
        WRAPPER,
        """$body = file_get_contents($url, false, stream_context_create(['http' => ['header' => $key]]));
tell(explode(' ', $http_response_header[0])[1], $body);""",
    ),
    _php(
        "PHP fopen, default context",
        WRAPPER,
        """stream_context_set_default(['http' => ['header' => [$key]]]);
$stream = fopen($url, 'r'); tell(200, stream_get_contents($stream)); fclose($stream);""",
    ),
]
