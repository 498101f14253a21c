"""The environment of a command under `fakekit exec`."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from fakekit.intercept.child import Run, child_environment
from fakekit.intercept.replaced import record_replaced, restore_replaced
from tests.helpers.commands import exec_
from tests.helpers.namespaces import run_isolated

ROOTS = b"-----BEGIN CERTIFICATE-----\nus\n-----END CERTIFICATE-----"
OURS = b"-----BEGIN CERTIFICATE-----\nrun\n-----END CERTIFICATE-----\n"


def environment_with(folder: Path, **environ: str) -> dict[str, str]:
    folder.mkdir()
    told = Run("http://127.0.0.1:1/api/v1", "fk_demo", "http://run:s@127.0.0.1:2", 3, OURS, folder)
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


def test_curl_reads_the_users_configuration_where_it_is_and_connects_to_the_fake_first(
    tmp_path: Path,
) -> None:
    """Nothing of it is copied: it may have credentials."""
    home = tmp_path / 'a "home"'
    home.mkdir()
    (home / ".curlrc").write_text('user = "me:secret"')
    env = environment_with(tmp_path / "run", HOME=str(home), XDG_CONFIG_HOME=str(tmp_path))
    assert (Path(env["CURL_HOME"]) / ".curlrc").read_text().splitlines() == [
        'connect-to = "app.xtrakit.com::127.0.0.1:3"',
        'connect-to = "api.xtrakit.com::127.0.0.1:3"',
        f'config = "{tmp_path}/a \\"home\\"/.curlrc"',
    ]


@pytest.mark.slow
def test_curl_still_has_the_users_options_and_runs_without_a_file(tmp_path: Path) -> None:
    (tmp_path / ".curlrc").write_text('silent\nwrite-out = "mine"')
    home = {"HOME": str(tmp_path)}
    done = exec_("--", "curl", "file:///dev/null", env=home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "mine", "")
    (tmp_path / ".curlrc").unlink()
    done = exec_("--", "curl", "-sS", "-w", "none", "file:///dev/null", env=home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "none", "")


def test_a_home_that_cannot_be_searched_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root's is for another user of a container. The tests may run as root, whom no folder refuses."""

    def refuse(file: Path, **_: object) -> bool:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(Path, "is_file", refuse)
    monkeypatch.setattr(os, "access", lambda *_: False)
    env = environment_with(tmp_path / "run", HOME="/root")
    assert "config" not in (Path(env["CURL_HOME"]) / ".curlrc").read_text()


def test_a_program_that_is_spawned_with_the_environment_of_its_parent_runs() -> None:
    """An environment of None means that, from Python 3.13 on."""
    code = """import os
child = os.posix_spawn("/bin/sh", ["sh", "-c", 'echo "$XTRAKIT_API_KEY"'], None)
os.waitpid(child, 0)
"""
    done = exec_("--", sys.executable, "-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "fk_demo\n", "")


def test_no_password_and_no_key_is_in_what_the_command_gets_of_the_variables_before() -> None:
    secrets = {
        "HTTPS_PROXY": "http://user:pass-word@proxy.test:3128",
        "all_proxy": "socks5://user:pass-word@proxy.test:1080",
        "XTRAKIT_API_KEY": "real-key-pass-word",
        "XTRAKIT_BASE_URL": "https://user:pass-word@app.xtrakit.com/api/v1",
    }
    done = exec_("--", "env", env={**secrets, "SSL_CERT_FILE": "/mine.pem"})
    assert done.returncode == 0
    assert '"SSL_CERT_FILE": ["/mine.pem", ' in done.stdout  # for an isolated run inside of this one
    assert "pass-word" not in done.stdout


def test_what_the_outer_run_has_set_is_removed_where_the_value_before_may_be_a_secret() -> None:
    before = {"HTTPS_PROXY": "http://user:secret@proxy.test", "XTRAKIT_API_KEY": "real", "HOME": "/h"}
    variables = record_replaced(before, {"HTTPS_PROXY": "http://run", "XTRAKIT_API_KEY": "fk", "HOME": "/h"})
    assert restore_replaced(variables) == {"HOME": "/h"}


@pytest.mark.parametrize(
    "record",
    ["x", "{}", "1", "[{}]", '[{"A": 1}, null]', '[{"A": [1, "a"]}, null]', "[{}, 1]", "[" * 100_000],
)
def test_a_malformed_record_counts_as_none(record: str) -> None:
    assert restore_replaced({"A": "a", "_FAKEKIT_EXEC_REPLACED": record}) == {"A": "a"}


def test_a_malformed_record_does_not_keep_a_command_from_running() -> None:
    done = run_isolated("env", env={"_FAKEKIT_EXEC_REPLACED": "x"})
    if done:
        assert (done.returncode, done.stderr) == (0, "")
        assert "_FAKEKIT_EXEC_REPLACED" not in done.stdout
