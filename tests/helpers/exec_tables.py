"""The tables of docs/exec.md: ``python -m tests.helpers.exec_tables`` writes them, tests run what they say."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.exec_clients import CLIENTS, CONFIGURATION, PROXY, SOCKET, URL, WRAPPER
from tests.helpers.project import ROOT

PAGE = ROOT / "docs" / "exec.md"
KEY = "Authorization: Bearer 92857043717beff382ae75c8dc7514162f04"
MEANS = {
    CONFIGURATION: "its configuration redirects it",
    PROXY: "uses the proxy",
    SOCKET: "its sockets are redirected",
    WRAPPER: "its URL streams use the proxy",
}

ISOLATED = {False: "reaches the fake", True: "reaches the fake, by a variable"}
REACHED = re.compile(r"^ *(HTTP/1\.\d )?200\b", re.MULTILINE)
"""The status of the fake's response in what a client prints; others close connections without any."""


@dataclass(frozen=True)
class Unredirected:
    """A client that goes to the real service under `fakekit exec`, unless that isolates it.

    command: a line of shell that prints what it gets from there: a line that `REACHED` finds where that is
        the fake.
    needs: programs that it runs, which `make programs` installs; `fetch-go` and `fetch-rust` are compiled.
    has_own_store: as in `Client`.
    """

    name: str
    command: str
    needs: tuple[str, ...] = ()
    has_own_store: bool = False


REQUEST = f"GET /api/v1/customers/1 HTTP/1.0\\r\\nHost: app.xtrakit.com\\r\\n{KEY}\\r\\n\\r\\n"
_PYTHON = (
    'import http.client; c = http.client.HTTPSConnection("app.xtrakit.com"); '
    f'c.request("GET", "/api/v1/customers/1", headers={{"Authorization": "{KEY[15:]}"}}); print(c.getresponse().status)'
)
_NODE = f"fetch('{URL}', {{headers: {{Authorization: '{KEY[15:]}'}}}}).then((a) => console.log(a.status))"
_PHP_STREAM = (
    f"file_get_contents('{URL}', false, stream_context_create(['http' => ['header' => '{KEY}']])); "
    r"echo \$http_response_header[0];"
)
_PHP_SOCKET = f'$s = fsockopen("app.xtrakit.com", 80); fwrite($s, "{REQUEST}"); echo fgets($s);'
_PERL = (
    f'$s = IO::Socket::INET->new("app.xtrakit.com:80") or die; print $s "{REQUEST}"; print scalar <$s>;'
).replace("$s", r"\$s")

UNREDIRECTED = [
    Unredirected(
        "bash, `/dev/tcp`",
        f"""bash -c 'exec 3<>/dev/tcp/app.xtrakit.com/80; printf "{REQUEST}" >&3; cat <&3'""",
        ("bash",),
    ),
    Unredirected(
        "`openssl s_client`",
        f"printf '{REQUEST}' | openssl s_client -quiet -verify_return_error -connect app.xtrakit.com:443",
        ("openssl",),
    ),
    Unredirected(
        "Perl, `IO::Socket`", f"perl -MIO::Socket::INET -e '{_PERL.replace(chr(92) + '$', '$')}'", ("perl",)
    ),
    Unredirected("`nc`", f"printf '{REQUEST}' | nc app.xtrakit.com 80", ("nc",)),
    Unredirected(
        "`ab`, the benchmark of Apache",
        f"ab -n 1 -v 2 -H '{KEY}' {URL} | grep '^HTTP'",  # its statistics may have any number
        ("ab",),
    ),
    Unredirected("Rust, `std::net`", "fetch-rust", ("rustc",)),
    Unredirected("Go, `NO_PROXY='*'`", "NO_PROXY='*' no_proxy='*' fetch-go", ("go",)),
    Unredirected("PHP, `php -r` and URL streams", f'php -r "{_PHP_STREAM}"', ("php",)),
    Unredirected("PHP, `fsockopen`", f"php -r '{_PHP_SOCKET}'", ("php",)),
    Unredirected("Java, `HttpURLConnection`", "java Fetch.java", ("java", "javac"), has_own_store=True),
    Unredirected("Python, `python -I` and http.client", f"python -I -c '{_PYTHON}'"),
    Unredirected(
        "Python by its full path, PYTHONPATH replaced, http.client",
        f"PYTHONPATH=src {sys.executable} -c '{_PYTHON}'",
    ),
    Unredirected(
        "Node by its full path, NODE_OPTIONS replaced",
        f'NODE_OPTIONS=--no-warnings {shutil.which("node")} -e "{_NODE}"',
        ("node",),
        has_own_store=True,
    ),
    Unredirected(
        "curl, `curl -q --noproxy '*'`",
        f"curl -q --noproxy '*' -sS -o /dev/null -w '%{{http_code}}' -H '{KEY}' {URL}",
        ("curl",),
    ),
    Unredirected(
        "wget, `no_proxy=xtrakit.com`",
        f"no_proxy=xtrakit.com wget -S -t 1 -O /dev/null --header '{KEY}' {URL}",
        ("wget",),
    ),
    Unredirected(
        "any program by its full path under `env -i`",
        f"env -i {shutil.which('curl')} -sS -o /dev/null -w '%{{http_code}}' -H '{KEY}' {URL}",
        ("curl",),
    ),
]

JAVA = f"""import java.net.*;
public class Fetch {{
  public static void main(String[] arguments) throws Exception {{
    HttpURLConnection c = (HttpURLConnection) new URL("{URL}").openConnection();
    c.setRequestProperty("Authorization", "{KEY[15:]}");
    System.out.println(c.getResponseCode());
  }}
}}
"""


def tables() -> dict[str, str]:
    """Each table of the page by its marker."""
    clients = "".join(
        f"| {client.name} | {MEANS[client.means]} | {ISOLATED[client.has_own_store]} |\n"
        for client in CLIENTS
    )
    others = "".join(
        f"| {client.name} | **can reach the real service** | {ISOLATED[client.has_own_store]} |\n"
        for client in UNREDIRECTED
    )
    head = "| client | `fakekit exec` | `fakekit exec --isolated` |\n| --- | --- | --- |\n"
    return {"clients": head + clients, "not redirected": head + others}


def with_tables(page: str) -> str:
    """The page with the tables as they should be."""
    for marker, table in tables().items():
        line = f"<!-- {marker} -->\n"
        before, _, rest = page.partition(line)
        page = before + line + table + line + rest.partition(line)[2]
    return page


if __name__ == "__main__":
    Path(PAGE).write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
