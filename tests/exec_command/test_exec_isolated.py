"""``fakekit exec --isolated``: the kernel gives the command no network but the fake's."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.commands import cli
from tests.helpers.exec_clients import URL
from tests.helpers.exec_tables import JAVA, KEY
from tests.helpers.namespaces import ORDINARY, REFUSED, are_namespaces_allowed, run_isolated
from tests.helpers.processes import FAKEKIT, PATIENCE, started
from tests.helpers.programs import PATH, require
from tests.helpers.project import ROOT
from tests.helpers.raw_http import receive
from tests.helpers.scripted_server import answering

CURL = f"curl -sS -o /dev/null -w '%{{http_code}}\\n' -H '{KEY}'"


def test_curl_without_any_variable_reaches_the_fake_and_nothing_else() -> None:
    script = f"env -i {CURL} {URL}; env -i {CURL} http://203.0.113.1/ || echo $?; exit 7"
    done = run_isolated("sh", "-c", script, options=["--summary"])
    if done:
        assert (done.returncode, done.stdout) == (7, "200\n000\n7\n")
        assert done.stderr.splitlines()[1:] == [
            "fakekit: 1 request",
            "fakekit: GET /api/v1/customers/1 200",
        ]


OWN_STORES = f"""
curl -sS -o /dev/null -w '%{{http_code}}\\n' -H "Authorization: Bearer $XTRAKIT_API_KEY" "$XTRAKIT_BASE_URL/customers/1"
{CURL} http://api.xtrakit.com/api/v1/customers/1
node -e "fetch('{URL}', {{headers: {{Authorization: '{KEY[15:]}'}}}}).then((a) => console.log(a.status))"
{sys.executable} -c "import requests; print(requests.get('{URL}', headers={{'Authorization': '{KEY[15:]}'}}).status_code)"
"""


@pytest.mark.slow
def test_clients_with_certificates_of_their_own_trust_the_fake_by_variables() -> None:
    if done := run_isolated("sh", "-c", OWN_STORES):
        assert (done.stdout, done.stderr) == ("200\n" * 4, "")


PHP = f"""
php -r 'echo strlen(file_get_contents("{URL}", false, stream_context_create(["http" => ["header" => "{KEY}"]]))), "\n";'
"""


@pytest.mark.slow
@pytest.mark.parametrize("python", [[sys.executable], ["python"]], ids=["by its path", "by its name"])
def test_inside_of_another_run_clients_reach_the_isolated_fake(python: list[str]) -> None:
    """The variables, the shims and the PATH of the outer run would lead them to its proxy, which is not there."""
    script = f"{OWN_STORES}{CURL} {URL}\n{PHP}\necho $MINE"
    before = [*FAKEKIT, "exec", "--", "env", "MINE=kept"]
    command = [*before, *python, "-m", "fakekit", "exec", "--isolated", "--", "sh", "-c", script]
    if not are_namespaces_allowed():
        assert run_isolated("true") is None
        return
    env = {"PATH": PATH, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, cwd=ROOT, env=env, check=False
    )
    assert (done.stdout, done.stderr) == ("200\n" * 5 + "1007\nkept\n", "")


@pytest.mark.slow
def test_java_trusts_the_key_store_of_the_run(tmp_path: Path) -> None:
    require("java", "javac")
    (tmp_path / "Fetch.java").write_text(JAVA)
    if done := run_isolated("java", "Fetch.java", cwd=tmp_path):
        assert done.stdout == "200\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, ""), ({"JAVA_HOME": "/x"}, "JKS"), ({"JDK_JAVA_OPTIONS": "-Da=b"}, "JKS"), ({"JAVA_HOME": ""}, "")],
)
def test_where_no_java_is_found_nothing_is_written_for_it(variables: dict[str, str], expected: str) -> None:
    command = "echo ${JAVA_TOOL_OPTIONS##*=}"
    if done := run_isolated("/bin/sh", "-c", command, env={"PATH": "/nowhere", **variables}):
        assert (done.stdout, done.stderr) == (f"{expected}\n", "")


HASHED = """
folder=$(python -c "import ssl; print(ssl.get_default_verify_paths().openssl_capath)")
hash=$(openssl x509 -noout -subject_hash -in "$NODE_EXTRA_CA_CERTS")
cmp "$folder/$hash.0" "$NODE_EXTRA_CA_CERTS" && ls "$folder" | wc -l
"""


@pytest.mark.slow
def test_openssl_finds_the_certificate_in_the_folder_of_the_system_beside_all_others() -> None:
    if done := run_isolated("sh", "-c", HASHED):
        assert (done.returncode, done.stderr) == (0, "")
        assert int(done.stdout) > 1


NO_WAY_OUT = """
node -e "fetch('http://other.example/').catch((e) => console.log(e.cause.code))"
python - <<'END'
import http.client, socket
for host in ("other.example", "203.0.113.1", "docs.xtrakit.com"):
    try: http.client.HTTPConnection(host).request("GET", "/")
    except OSError as error: print(error.strerror)
try: socket.socket(type=socket.SOCK_DGRAM).sendto(b"?", ("203.0.113.1", 53))
except OSError as error: print(error.strerror)
END
"""


@pytest.mark.slow
def test_no_other_host_is_looked_up_or_reached() -> None:
    if done := run_isolated("sh", "-c", NO_WAY_OUT, env={"https_proxy": "http://127.0.0.1:9"}):
        assert done.stdout.splitlines() == [
            "ENOTFOUND",
            "Name or service not known",
            "Network is unreachable",
            "Name or service not known",
            "Network is unreachable",
        ]


@pytest.mark.slow
def test_a_service_of_this_machine_is_reached_only_where_it_is_allowed() -> None:
    def answer(sock: socket.socket) -> None:
        sent = b""
        while not sent.endswith(b"end"):
            sent += receive(sock)
        sock.sendall(sent)

    with answering(answer) as origin:
        address = origin.removeprefix("http://")
        code = (
            "import socket, sys; sock = socket.create_connection(sys.argv[1].split(':'));"
            "sock.sendall(b'x' * 300_000 + b'end');"
            "print(sum(map(len, iter(lambda: sock.recv(65536), b''))))"
        )
        command = [sys.executable, "-c", code, address]
        if done := run_isolated(*command, options=["--allow", address]):
            assert (done.stdout, done.stderr) == ("300003\n", "")
        if done := run_isolated(*command):
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr.splitlines()[-1] == "ConnectionRefusedError: [Errno 111] Connection refused"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--isolated", "--allow", "db.example:5432"],
            "error: --allow: is not HOST:PORT of this machine (localhost, 127.0.0.1 or [::1]); "
            "found 'db.example:5432'; write 127.0.0.1:5432\n",
        ),
        (
            ["--isolated", "--allow", "127.0.0.1:70000"],
            "error: --allow: is not HOST:PORT of this machine (localhost, 127.0.0.1 or [::1]); "
            "found '127.0.0.1:70000'; write 127.0.0.1:5432\n",
        ),
        (
            ["--isolated", "--allow", "localhost:443"],
            "error: --allow: is where the fake answers for the vendor's hosts; found 'localhost:443'; write another port\n",
        ),
        (
            ["--allow", "localhost:5432"],
            "error: --allow: has no effect without --isolated; write --isolated, or no --allow\n",
        ),
    ],
)
def test_what_cannot_be_allowed_is_refused_before_anything_runs(options: list[str], message: str) -> None:
    done = cli("exec", *options, "--", "touch", "/nonexistent/file")
    assert (done.returncode, done.stderr) == (2, message)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        (
            "user",
            "making a user, a network and a mount namespace: a limit in /proc/sys/user/max_*_namespaces is reached",
        ),
        (
            "net",
            "making a user, a network and a mount namespace: a limit in /proc/sys/user/max_*_namespaces is reached",
        ),
        (
            "mnt",
            "making a user, a network and a mount namespace: a limit in /proc/sys/user/max_*_namespaces is reached",
        ),
    ],
)
def test_where_the_kernel_refuses_nothing_runs(limit: str, reason: str, tmp_path: Path) -> None:
    before = [
        "unshare",
        "--user",
        "--map-root-user",
        "sh",
        "-c",
        f'echo 0 >/proc/sys/user/max_{limit}_namespaces && exec "$@"',
        "-",
    ]
    ran = tmp_path / "ran"
    if done := run_isolated("touch", str(ran), before=before):
        assert done.returncode == 2
        assert done.stderr == (
            f"{REFUSED}{reason}; write fakekit exec without --isolated, or allow it: "
            "https://fakekit.github.io/fakekit/exec/\n"
        )
    assert not ran.exists()


@pytest.mark.slow
def test_where_the_names_cannot_be_replaced_nothing_runs(tmp_path: Path) -> None:
    """The last step fails, which comes when everything else is there."""
    without_hosts = 'mount -t tmpfs none /etc && exec "$@"'
    before = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", without_hosts, "-"]
    ran = tmp_path / "ran"
    if done := run_isolated("touch", str(ran), before=before):
        assert done.returncode == 2
        assert done.stderr.startswith(f"{REFUSED}mounting over /etc/hosts: No such file or directory; write ")
    assert not ran.exists()


@pytest.mark.slow
def test_the_command_has_the_user_and_the_files_of_the_user_and_no_rights(tmp_path: Path) -> None:
    (tmp_path / "hers").write_text("")
    script = "id -u; id -g; stat -c %u hers; touch new; stat -c %u new; grep CapEff /proc/self/status; git status -s; cat /etc/hosts >&2"
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    if done := run_isolated("sh", "-c", script, before=ORDINARY, cwd=tmp_path):
        assert done.stdout.splitlines() == [
            *["1000"] * 4,
            "CapEff:\t0000000000000000",
            "?? hers",
            "?? new",
        ]
        assert "127.0.0.1 app.xtrakit.com api.xtrakit.com" in done.stderr.splitlines()


@pytest.mark.slow
def test_the_commands_end_and_its_signals_are_as_without_isolation(tmp_path: Path) -> None:
    """A pipe that nobody reads ends it, as in a shell."""
    if done := run_isolated("sh", "-c", "yes | head -n 1; kill -TERM $$"):
        assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGTERM, "y\n", "")
    if done := run_isolated("no-such-command"):
        assert (done.returncode, done.stderr) == (
            127,
            "error: the command is not found; found 'no-such-command'; write one that is on the PATH\n",
        )
    if done := run_isolated(str(tmp_path)):
        assert done.returncode == 126


@pytest.mark.slow
def test_sigterm_ends_the_isolated_command_and_nothing_stays() -> None:
    code = "import os, time; print(os.environ['SSL_CERT_FILE'], flush=True); time.sleep(60)"
    command = [*FAKEKIT, "exec", "--isolated", "--", sys.executable, "-c", code]
    with started(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": PATH},
        cwd=ROOT,
        new_session=True,
    ) as process:
        assert process.stdout
        bundle = process.stdout.readline().decode().strip()
        if are_namespaces_allowed():
            process.terminate()
            assert process.wait(PATIENCE) == 128 + signal.SIGTERM
            assert not Path(bundle).parent.exists()


SUITE = f"""import urllib.request
def test_fetch():
    request = urllib.request.Request("{URL}", headers={{"Authorization": "{KEY[15:]}"}})
    assert urllib.request.urlopen(request).status == 200
"""


@pytest.mark.slow
def test_the_guard_of_pytest_lets_an_isolated_suite_reach_the_fake(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_suite.py"]
    if done := run_isolated(*command, options=["--summary"], cwd=tmp_path):
        assert done.returncode == 0, done.stdout
        assert "fakekit: GET /api/v1/customers/1 200" in done.stderr.splitlines()
