"""`fakekit exec`: the command's end, its signals and its output are its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fakekit.intercept.running import CommandError, run
from tests.helpers.commands import cli, exec_
from tests.helpers.exec_clients import URL
from tests.helpers.processes import FAKEKIT, PATIENCE, clean_environment, started
from tests.helpers.programs import program
from tests.helpers.secrets_in_requests import SECRET


@pytest.mark.slow
def test_the_vendors_python_sample_prints_the_documented_customer(
    outside: dict[str, str], tmp_path: Path
) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(program("vendor/fetch_customer.py").replace("CUSTOMER_ID", "1"))
    done = exec_("--", sys.executable, str(sample), env=outside)
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
        "fakekit: GET /api/v1/... 404: fakekit has no such endpoint; /_fakekit/openapi.json lists those that it has",
        "fakekit: GET /api/v1/customers/1 401: the request has no Authorization header; send Authorization: Bearer fk_demo",
        "fakekit: the run relies on 6 assumptions (fine: no page of the vendor says it, so fakekit chose): body.unknown_fields, list.count, list.shape, unknown_path.error, values.generated, values.null",
    ]


@pytest.mark.slow
def test_strict_keys_are_checked(went_out: list[bytes]) -> None:
    ask = "curl -sS -o /dev/null -w '%{http_code}\\n'"
    theirs = f"-H 'Authorization: Bearer {SECRET}' {URL}"
    script = f'{ask} {theirs}; {ask} -H "Authorization: Bearer $XTRAKIT_API_KEY" {URL}'
    done = exec_("--strict-keys", "--", "sh", "-c", script)
    assert done.stdout == "401\n200\n"


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
    command = [sys.executable, "-c", RUNS, sys.executable, "-c", TRAPS.replace("COUNT", "5")]
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
