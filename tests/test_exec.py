"""``fakekit exec``: programs that were not changed reach the fake under the vendor's names."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from fakekit.intercept.child import Run, child_environment
from fakekit.intercept.running import CommandError, run
from tests.helpers import vendor_programs
from tests.helpers.commands import Done, cli, cli_process
from tests.helpers.exec_clients import CLIENTS, PROXY, SOCKET, URL, WRAPPER, Client
from tests.helpers.processes import FAKEKIT, PATIENCE, clean_environment, started
from tests.helpers.project import ROOT
from tests.helpers.scripted_server import answering, read_request
from tests.helpers.secrets_in_requests import SECRET

NODE_MODULES = ROOT / "examples" / "vendor_clients" / "node" / "node_modules"
JANE = '"customer_name": "Jane Doe"'


@pytest.fixture
def went_out() -> Iterator[list[bytes]]:
    """What leaves this machine by the user's own proxy, which stands for the network: nothing of the vendor's."""
    heard: list[bytes] = []
    yield heard
    assert heard == []


NODE_RESOLVER = """const dns = require('node:dns'), fs = require('node:fs'), net = require('node:net'), lookup = dns.lookup;
dns.lookup = (host, ...rest) => {
  if (!net.isIP(host)) fs.appendFileSync(process.env.ASKED, `${host}\\n`);
  return lookup(net.isIP(host) ? host : '127.0.0.1', ...rest);
};
"""
PYTHON_RESOLVER = """import _socket, os
look_up = _socket.getaddrinfo
def getaddrinfo(host, *rest):
    if host is None or host[0].isdigit(): return look_up(host, *rest)
    with open(os.environ["ASKED"], "a") as file: print(host, file=file)
    raise _socket.gaierror(-2, "no such host, in this test")
_socket.getaddrinfo = getaddrinfo
"""


@pytest.fixture
def outside(went_out: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a machine whose proxy refuses, and whose Node and Python note what they look up: nothing."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "resolver.cjs").write_text(NODE_RESOLVER)
    (folder / "sitecustomize.py").write_text(PYTHON_RESOLVER)
    asked = folder / "asked"
    traps = {
        "ASKED": str(asked),
        "NODE_OPTIONS": f"--require {folder / 'resolver.cjs'}",
        "PYTHONPATH": str(folder),
    }

    def script(sock: socket.socket) -> None:
        went_out.append(read_request(sock))
        sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with answering(script) as origin:
        proxies = dict.fromkeys(("http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"), origin)
        yield {**proxies, **traps, "NO_PROXY": "*", "NODE_PATH": str(NODE_MODULES)}
    assert not asked.exists(), asked.read_text()


def exec_(*arguments: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Done:
    return cli_process("exec", *arguments, env=env, cwd=cwd)


@pytest.mark.slow
def test_the_vendors_python_sample_prints_the_documented_customer(
    outside: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "sample.py"
    program.write_text(vendor_programs.PYTHON.replace("CUSTOMER_ID", "1"))
    done = exec_("--", sys.executable, str(program), env=outside)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "{'status': 200, 'message': 'Customer found', 'data': {'customer': {'id': 1, "
    )
    assert "'customer_name': 'Jane Doe'" in done.stdout


def test_the_commands_end_is_its_own_and_the_summary_comes_last(outside: dict[str, str]) -> None:
    """Options are those of serve; keys are shown nowhere; a query and a made-up path neither."""
    asks = [
        f"curl -sS -o /dev/null -H 'Authorization: Bearer {SECRET}' {url}"
        for url in (
            "https://api.xtrakit.com/api/v1/customers/70",
            f"http://app.xtrakit.com/api/v1/customers?secret={SECRET}",
            f"https://APP.xtrakit.com/api/v1/{SECRET}",
        )
    ]
    script = f"{'; '.join(asks)}; curl -sS -o /dev/null {URL}; echo out; echo err >&2; exit 7"
    done = exec_("--summary", "--customers", "70", "sh", "-c", script, env=outside)
    assert (done.returncode, done.stdout) == (7, "out\n")
    assert done.stderr.splitlines() == [
        "err",
        "fakekit: 4 requests",
        "fakekit: GET /api/v1/customers/70 200",
        "fakekit: GET /api/v1/customers?... 200: not read: secret",
        "fakekit: GET /api/v1/... 404: fakekit has no such endpoint (nearest: GET /api/v1/user/authenticate)",
        "fakekit: GET /api/v1/customers/1 401: the request has no Authorization header; send Authorization: Bearer fk_demo",
        "fakekit: the run relies on 5 assumptions: body.unknown_fields, customer.nulls, list.count, list.shape, unknown_path.error",
    ]


@pytest.mark.slow
def test_strict_keys_are_checked_and_other_hosts_can_be_refused(went_out: list[bytes]) -> None:
    ask = "curl -sS -o /dev/null -w '%{http_code} %{http_connect}\\n'"
    theirs = f"-H 'Authorization: Bearer {SECRET}' {URL}"
    script = (
        f'{ask} {theirs}; {ask} -H "Authorization: Bearer $XTRAKIT_API_KEY" {URL}; {ask} https://example.com/'
    )
    done = exec_("--strict-keys", "--isolated", "--", "sh", "-c", script)
    assert done.stdout == "401 200\n200 200\n000 403\n"
    assert "403" in done.stderr


def test_what_cannot_be_run_is_told_with_the_codes_of_a_shell(tmp_path: Path) -> None:
    wrong = {
        "no-such-command": (
            "the command is not found; found 'no-such-command'; write one that is on the PATH",
            127,
        ),
        str(tmp_path): (f"the command cannot be run: Permission denied; found '{tmp_path}'", 126),
    }
    for command, (message, code) in wrong.items():
        with pytest.raises(CommandError) as caught:
            run([command], os.environ)
        assert (str(caught.value), caught.value.code) == (message, code)
    assert cli("exec", "--isolated").returncode == 2


@pytest.mark.slow
def test_a_command_that_is_not_found_ends_the_run() -> None:
    done = exec_("--", "no-such-command")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == (
        "error: the command is not found; found 'no-such-command'; write one that is on the PATH\n"
    )


def test_a_signals_end_is_told_as_a_shell_tells_it() -> None:
    assert run(["sh", "-c", "kill -TERM $$"], os.environ) == 128 + signal.SIGTERM
    assert run(["sh", "-c", "exit 3"], os.environ) == 3


# Says what it takes by os.write: a signal that comes while print holds its buffer would raise a RuntimeError in the handler.
TRAPS = """import os, signal, time
taken = []
def take(number, frame):
    taken.append(number)
    os.write(1, signal.Signals(number).name.encode() + b"\\n")
for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"): signal.signal(getattr(signal, name), take)
os.write(1, b"ready\\n")
for _ in range(2000):
    if len(taken) >= COUNT: break
    time.sleep(0.01)
time.sleep(0.3)  # for one more that should not come
"""
RUNS = "import os, sys; from fakekit.intercept.running import run; sys.exit(run(sys.argv[1:], os.environ))"


def test_the_commands_descriptors_are_those_of_the_shell() -> None:
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    with os.fdopen(reading, "rb") as pipe:
        with os.fdopen(writing, "wb"):
            assert run(["sh", "-c", f"echo hi > /dev/fd/{writing}"], os.environ) == 0
        assert pipe.read() == b"hi\n"


def test_signals_are_passed_on() -> None:
    # A shell starts what it leaves in the background with SIGINT and SIGQUIT ignored, and ignored they stay.
    taken = "import signal; [signal.signal(s, signal.SIG_DFL) for s in (signal.SIGINT, signal.SIGQUIT)]; "
    command = [sys.executable, "-c", taken + RUNS, sys.executable, "-c", TRAPS.replace("COUNT", "5")]
    with started(command, stdout=subprocess.PIPE, new_session=True) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"):
            process.send_signal(getattr(signal, name))
            assert process.stdout.readline() == f"{name}\n".encode()


def test_ctrl_c_at_a_terminal_reaches_the_command_once() -> None:
    import pty

    terminal, theirs = pty.openpty()
    takes_it = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    command = [sys.executable, "-c", takes_it + RUNS, sys.executable, "-c", TRAPS.replace("COUNT", "1")]
    with (
        os.fdopen(terminal, "r+b", buffering=0) as tty,
        started(command, stdin=theirs, stdout=theirs, stderr=theirs, new_session=True),
    ):
        os.close(theirs)
        assert tty.readline() == b"ready\r\n"
        tty.write(b"\x03")
        said = b""
        try:
            while data := tty.read(100):
                said += data
        except OSError:  # how a terminal's end is told
            pass
    assert said == b"^CSIGINT\r\n"


ROOTS = b"-----BEGIN CERTIFICATE-----\nus\n-----END CERTIFICATE-----"
OURS = b"-----BEGIN CERTIFICATE-----\nrun\n-----END CERTIFICATE-----\n"


def environment_with(folder: Path, isolated: bool = False, **environ: str) -> dict[str, str]:
    folder.mkdir()
    told = Run("http://127.0.0.1:1/api/v1", "fk_demo", "http://run:s@127.0.0.1:2", 3, OURS, folder, isolated)
    return child_environment(told, environ)


def test_the_environment_names_the_fake_and_the_proxy_in_both_cases(tmp_path: Path) -> None:
    env = environment_with(
        tmp_path / "run", XTRAKIT_API_KEY="real", https_proxy="http://user.test", HOME="/h"
    )
    assert (env["XTRAKIT_BASE_URL"], env["XTRAKIT_API_KEY"]) == ("http://127.0.0.1:1/api/v1", "fk_demo")
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    assert {env[name] for name in names} == {"http://run:s@127.0.0.1:2"}
    assert env["HOME"] == "/h"


@pytest.mark.parametrize(
    ("said", "direct"),
    [
        ("", ""),
        ("*", ""),
        ("app.xtrakit.com, internal.test", ",internal.test"),
        (".xtrakit.com,XTRAKIT.COM,.com,*.com,api.xtrakit.com:443,10.0.0.0/8", ",10.0.0.0/8"),
        ("localhost,kit.com", ",kit.com"),
        ("internal.test app.xtrakit.com\t.com", ",internal.test"),
    ],
)
def test_no_proxy_never_lets_the_vendor_past_and_keeps_the_rest(
    tmp_path: Path, said: str, direct: str
) -> None:
    env = environment_with(tmp_path / "run", NO_PROXY=said)
    assert env["NO_PROXY"] == env["no_proxy"] == f"localhost,127.0.0.1,::1{direct}"
    isolated = environment_with(tmp_path / "isolated", isolated=True, NO_PROXY=said)
    assert isolated["no_proxy"] == "localhost,127.0.0.1,::1"


def test_trust_is_what_there_was_and_this_run(tmp_path: Path) -> None:
    mine = tmp_path / "mine.pem"
    mine.write_bytes(ROOTS)
    env = environment_with(
        tmp_path / "run", CURL_CA_BUNDLE=str(mine), NODE_EXTRA_CA_CERTS=str(tmp_path / "gone")
    )
    for name in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):  # requests looks at curl's too
        assert Path(env[name]).read_bytes() == ROOTS + b"\n" + OURS
    system = Path(env["SSL_CERT_FILE"]).read_bytes()
    assert system.count(b"BEGIN CERTIFICATE") > 50
    assert system.endswith(OURS)
    assert Path(env["NODE_EXTRA_CA_CERTS"]).read_bytes() == OURS


def test_what_the_user_has_languages_load_stays(tmp_path: Path) -> None:
    env = environment_with(
        tmp_path / "run", NODE_OPTIONS="--enable-x", PYTHONPATH="/a", PHP_INI_SCAN_DIR="/b"
    )
    assert re.fullmatch(r'--enable-x --require ".*node\.cjs"', env["NODE_OPTIONS"])
    assert env["PYTHONPATH"].endswith(f"shims/python{os.pathsep}/a")
    assert env["PHP_INI_SCAN_DIR"] == f"/b{os.pathsep}{tmp_path / 'run' / 'php'}"
    assert environment_with(tmp_path / "bare")["PHP_INI_SCAN_DIR"].startswith(
        os.pathsep
    )  # the system's own first


LOOKS_UP = """import socket
print(socket.gethostbyname("api.xtrakit.com"))
print(socket.gethostbyaddr("app.xtrakit.com"))
print(socket.getaddrinfo("\\uff41pp.xtrakit.com", 443)[0][4][0])
"""


def test_a_sitecustomize_of_the_users_has_its_turn_and_the_folder_is_gone_afterwards(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import socket; print(socket.getaddrinfo.__module__, flush=True)\n"
    )
    code = "import os, sitecustomize; print(sitecustomize.__file__); print(os.environ['SSL_CERT_FILE'])\n"
    done = exec_("--", sys.executable, "-c", code + LOOKS_UP, env={"PYTHONPATH": str(tmp_path)})
    patched, loaded, bundle, *found = done.stdout.splitlines()[-6:]  # fakekit itself has loaded it as well
    assert found == ["127.88.75.1", "('app.xtrakit.com', [], ['127.88.75.1'])", "127.0.0.1"]
    assert (patched, loaded) == ("sitecustomize", str(tmp_path / "sitecustomize.py"))
    assert Path(bundle).parent.name.startswith("fakekit-exec-")
    assert not Path(bundle).parent.exists()


def test_the_shims_know_the_vendors_hosts() -> None:
    from fakekit.intercept.child import SHIMS
    from fakekit.vendor import VENDOR_HOSTS

    assert set(re.findall(r"\w+\.xtrakit\.com", (SHIMS / "node.cjs").read_text())) == set(VENDOR_HOSTS)
    python = SHIMS / "python" / "sitecustomize.py"  # has no list of its own, but loads fakekit/vendor.py
    assert "xtrakit.com" not in python.read_text()


@pytest.mark.slow
def test_the_example_of_the_docs_runs(outside: dict[str, str]) -> None:
    page = (ROOT / "docs" / "exec.md").read_text("utf-8")
    (block,) = [b for b in re.findall(r"```sh\n(.*?)```", page, re.S) if "--summary" in b]
    bin_ = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**clean_environment(), **outside, "PATH": bin_}
    done = subprocess.run(["sh", "-c", block], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["data"]["customer"]["customer_name"] == "Kofi Adu"
    assert done.stderr == (
        "fakekit: 1 request\nfakekit: GET /api/v1/customers/8 200\n"
        "fakekit: the run relies on 2 assumptions: customer.nulls, fetch_customer.groups\n"
    )


def require(there: object, what: str) -> None:
    if not there:
        pytest.fail(f"{what} is missing: run `make clients`")


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS, ids=lambda c: c.name)
def test_a_client_as_it_comes_reaches_the_fake(
    client: Client, outside: dict[str, str], tmp_path: Path
) -> None:
    require(shutil.which(client.command[0]), client.command[0])
    require((NODE_MODULES / "axios").is_dir(), "examples/vendor_clients/node/node_modules")
    program = tmp_path / f"program{client.suffix}"
    program.write_text(client.program)
    done = exec_("--summary", "--", *client.command, str(program), env=outside, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "200 Jane Doe\n"), done.stderr
    assert done.stderr == "fakekit: 1 request\nfakekit: GET /api/v1/customers/1 200\n"


MEANS = {
    PROXY: "uses the proxy",
    SOCKET: "its sockets are redirected",
    WRAPPER: "its URL streams use the proxy",
}


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS, ids=lambda c: c.name)
def test_it_is_led_by_the_means_that_the_table_says(
    client: Client, outside: dict[str, str], tmp_path: Path
) -> None:
    """With every other means taken away it is led still."""
    program = tmp_path / f"program{client.suffix}"
    program.write_text(client.program)
    without_shims = "PYTHONPATH=${PYTHONPATH##*:} NODE_OPTIONS=${NODE_OPTIONS%% --require *}; "
    without_proxy = "unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy; "
    command = f"exec {client.command[0]} {program}"
    others = {PROXY: without_shims, SOCKET: without_proxy, WRAPPER: without_shims}[client.means]
    done = exec_("--", "sh", "-c", others + command, env=outside, cwd=tmp_path)
    assert done.stdout == "200 Jane Doe\n", done.stderr


def test_the_table_of_the_docs_is_what_is_tested() -> None:
    page = (ROOT / "docs" / "exec.md").read_text("utf-8")
    table = page.split("<!-- clients -->")[1]
    rows = [f"| {client.name} | {MEANS[client.means]} |" for client in CLIENTS]
    assert table.strip().splitlines()[2:] == rows


@pytest.fixture
def samples(outside: dict[str, str], tmp_path: Path) -> dict[str, str]:
    for name, text in {"sample.php": vendor_programs.PHP, "sample.cjs": vendor_programs.NODE}.items():
        (tmp_path / name).write_text(text.replace("CUSTOMER_ID", "1"))
    return outside


@pytest.mark.slow
def test_the_vendors_php_sample_prints_the_documented_customer(
    samples: dict[str, str], tmp_path: Path
) -> None:
    done = exec_("--", "php", "sample.php", env=samples, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert JANE in done.stdout


@pytest.mark.slow
def test_the_vendors_node_sample_is_told_the_cure_and_prints_the_customer_once_mended(
    samples: dict[str, str], tmp_path: Path
) -> None:
    done = exec_("--summary", "--", "node", "sample.cjs", env=samples, cwd=tmp_path)
    assert "the {id} in the path was not substituted" in done.stderr.splitlines()[-2]
    assert "'fakekit-note': 'the {id} in the path was not substituted" in done.stderr
    mended = tmp_path / "sample.cjs"
    mended.write_text(mended.read_text().replace("{id}", "${id}"))
    done = exec_("--", "node", "sample.cjs", env=samples, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["data"]["customer"]["customer_name"] == "Jane Doe"


NODE_LOOKS_UP = """import dns, { lookup } from 'node:dns';
import net from 'node:net';
lookup('app.xtrakit.com', (error, address) => {
  console.log(address);
  net.connect(443, address).on('connect', function () { console.log('connected'); this.destroy(); });
});
console.log((await dns.promises.lookup('API.xtrakit.com.')).address);
"""


@pytest.mark.slow
def test_who_looks_the_vendor_up_in_node_makes_no_query_and_is_led(
    outside: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "up.mjs").write_text(NODE_LOOKS_UP)
    done = exec_("--", "node", "up.mjs", env=outside, cwd=tmp_path)
    assert (sorted(done.stdout.split()), done.stderr) == (["127.88.75.1", "127.88.75.1", "connected"], "")


@pytest.mark.slow
def test_php_is_told_that_nothing_is_known_of_a_url_that_was_not_opened(tmp_path: Path) -> None:
    (tmp_path / "is.php").write_text(f"<?php var_dump(file_exists('{URL}'), is_file('{URL}'));")
    done = exec_("--", "php", "is.php", cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("bool(false)\nbool(false)\n", "")


@pytest.mark.slow
def test_sigterm_ends_the_whole_run_and_nothing_stays(tmp_path: Path) -> None:
    code = "import os, time; print(os.environ['SSL_CERT_FILE'], flush=True); time.sleep(60)"
    command = [*FAKEKIT, "exec", "--", sys.executable, "-c", code]
    with started(command, stdout=subprocess.PIPE, env=clean_environment(), new_session=True) as process:
        assert process.stdout
        bundle = process.stdout.readline().decode().strip()
        process.terminate()
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM  # the command itself would sleep for longer
    assert not Path(bundle).parent.exists()
