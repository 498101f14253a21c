"""Build the image with a Docker engine of its own, run it as a cautious user would, and try three mistakes.

Needs root, Debian's docker.io and mmdebstrap, and no registry of images: the base of the Dockerfile is made from
Debian's packages, with their Python. Prints a line for each check; exits with 1 if one fails.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKER, DOCKERD = "/usr/bin/docker", "/usr/sbin/dockerd"  # not a client for an engine elsewhere
BASE = "python:3.13-slim"
"""The image that the Dockerfile begins with."""
PATIENCE = 60.0
CAUTIOUS = (
    *("--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--memory", "128m", "--pids-limit", "100"),
)
"""The options of `docker run`: no writable file, no capability, little memory and few processes."""

SETUP_BASE = """set -e
ln -s /usr/bin/python3 "$1/usr/local/bin/python"
ln -s /usr/bin/python3 "$1/usr/local/bin/python3"
cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"
"""
"""What a base made of Debian's packages lacks of the official image; and whom this machine trusts."""


UNCHECKED = """import fakekit.app, sys, pathlib
files = [pathlib.Path(m.__cached__) for m in sys.modules.values() if getattr(m, "__cached__", None)]
files = [file for file in files if "site-packages" in file.parts]
print(len(files) > 100 and all(file.read_bytes()[4] == 1 for file in files))
"""
"""Whether the modules of a start are compiled for good: PEP 552, a hash that is not compared with the source."""


class ImageError(Exception):
    """An image that does not do what it should."""


class Engine:
    """A Docker engine: the client of a daemon that is reached by this socket."""

    def __init__(self, address: str) -> None:
        self._environ = {**os.environ, "DOCKER_HOST": address, "DOCKER_BUILDKIT": "1"}

    def docker(self, *arguments: str) -> str:
        """What a command of docker prints. Raises `ImageError`, with its last lines, when it fails."""
        done = subprocess.run(
            [DOCKER, *arguments], env=self._environ, capture_output=True, text=True, timeout=600, check=False
        )
        if done.returncode:
            last = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
            raise ImageError(f"docker {' '.join(arguments[:2])} failed:\n{last}")
        return done.stdout.strip()

    def build(self, name: str, dockerfile: Path) -> None:
        """Build the project under a name."""
        self.docker("build", "--network", "host", "-q", "-t", name, "-f", str(dockerfile), str(ROOT))

    @contextmanager
    def running(self, image: str, port: int, *options: str) -> Iterator[str]:
        """A container of an image that serves on a port of this machine; its name. It is removed at the end."""
        name = f"fakekit-{port}"
        self.docker("run", "-d", "--name", name, *CAUTIOUS, "-e", f"FAKEKIT_PORT={port}", *options, image)
        try:
            yield name
        finally:
            self.docker("rm", "-f", name)

    def inspect(self, container: str, field: str) -> str:
        return self.docker("inspect", "-f", f"{{{{.{field}}}}}", container)


@contextmanager
def engine() -> Iterator[Engine]:
    """An engine with all that it keeps in a temporary folder, without a bridge or rules of a firewall."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        address = f"unix://{folder}/docker.sock"
        command = [DOCKERD, "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"]
        command += ["--pidfile", f"{folder}/pid", "-H", address, "--bridge=none", "--iptables=false"]
        log = folder / "log"
        with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as daemon:
            try:
                started = Engine(address)
                try:
                    wait_until(lambda: _succeeds(started.docker, "version"))
                except ImageError as error:
                    raise ImageError(f"the engine did not start:\n{log.read_text()[-2000:]}") from error
                yield started
            finally:
                daemon.terminate()
                daemon.wait(PATIENCE)
                subprocess.run(
                    ["/bin/umount", f"{folder}/exec/netns/default"], stderr=subprocess.DEVNULL, check=False
                )


def make_base(engine: Engine) -> None:
    """Make the base of the Dockerfile from Debian's packages, and give it its name."""
    with tempfile.TemporaryDirectory() as name:
        setup, base = Path(name, "setup"), Path(name, "base.tar")
        setup.write_text(SETUP_BASE)
        command = [
            "mmdebstrap",
            "--quiet",
            "--variant=essential",
            "--include=python3,python3-venv,ca-certificates",
        ]
        command += [f'--customize-hook=sh "{setup}" "$1"', "trixie", str(base)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            raise ImageError(f"the base could not be made:\n{done.stderr[-2000:]}")
        engine.docker("import", str(base), BASE)


def check_image(engine: Engine, image: str) -> None:
    """Run an image as nobody, on a port that is not its own, and stop it. Raises `ImageError` for what is wrong."""
    port = free_port()
    with engine.running(image, port) as container:
        wait_until(lambda: engine.inspect(container, "State.Health.Status") != "starting")
        expect("becomes healthy", engine.inspect(container, "State.Health.Status"), "healthy")
        users = {
            line.split()[0] for line in engine.docker("top", container, "-eo", "uid,pid").splitlines()[1:]
        }
        expect("runs as user 65532", users, {"65532"})
        expect("is PID 1 itself", engine.docker("exec", container, "cat", "/proc/1/comm"), "fakekit")
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/customers/1", headers={"Authorization": "Bearer fk_demo"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            expect("answers", json.load(answer)["data"]["customer"]["customer_name"], "Jane Doe")
        compiled = engine.docker("exec", container, "python", "-B", "-c", UNCHECKED)
        expect("has compiled files that are never compiled again", compiled, "True")
        began = time.monotonic()
        engine.docker("stop", "--time", "30", container)
        seconds = time.monotonic() - began
        expect("stops by itself", engine.inspect(container, "State.ExitCode"), "0")
        expect("stops before it is killed", seconds < 25, True)
        print(f"   stopped in {seconds:.2f} s, with what docker itself takes")


MISTAKES = {
    "no USER": ("USER 65532:65532\n", ""),
    "a wrong port in the health check": (
        'CMD ["fakekit", "wait", "--timeout", "0"]',
        'CMD ["fakekit", "wait", "--timeout", "0", "127.0.0.1:1"]',
    ),
    "no copy of the package": ("COPY --from=build /opt/fakekit /opt/fakekit\n", ""),
}
"""What could be wrong in the Dockerfile: the text, and what stands there then. The checks must find each."""


def check_mistake(engine: Engine, name: str) -> None:
    """Build the image with a mistake. Raises `ImageError` unless `check_image` finds it."""
    right, wrong = MISTAKES[name]
    text = (ROOT / "Dockerfile").read_text("utf-8")
    if right not in text:
        raise ImageError(f"the Dockerfile has no line {right!r}")
    with tempfile.NamedTemporaryFile("w", suffix=".Dockerfile") as file:
        file.write(text.replace(right, wrong))
        file.flush()
        with suppress(ImageError):
            engine.build("fakekit:wrong", Path(file.name))
            check_image(engine, "fakekit:wrong")
            raise AssertionError(f"nothing found {name}")
    print(f"ok  {name} is found")


def expect(what: str, found: object, wanted: object) -> None:
    """Print that something is as wanted. Raises `ImageError` where it is not."""
    if found != wanted:
        raise ImageError(f"{what}: found {found!r}, expected {wanted!r}")
    print(f"ok  {what}")


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once `holds` does. Raises `ImageError` after `PATIENCE` seconds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise ImageError("it did not happen in time")
        time.sleep(0.2)


def _succeeds(function: Callable[..., str], *arguments: str) -> bool:
    """Whether a command of docker works."""
    try:
        function(*arguments)
    except ImageError:
        return False
    return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def main() -> int:
    """Run the checks. Returns the exit code."""
    if os.geteuid() or not all(map(shutil.which, (DOCKER, DOCKERD, "mmdebstrap"))):
        print("tests/image/run.py needs root, docker.io and mmdebstrap: make image", file=sys.stderr)
        return 2
    try:
        with engine() as started:
            make_base(started)
            started.build("fakekit:test", ROOT / "Dockerfile")
            check_image(started, "fakekit:test")
            for name in MISTAKES:
                check_mistake(started, name)
    except ImageError as error:
        print(f"FAILED  {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
