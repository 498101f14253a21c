"""A PostgreSQL server of the tests' own, from the package of the system (`make programs` installs it)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.helpers.processes import PATIENCE, clean_environment, free_port, wait_until

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "synchronous_commit": "on",
    "fsync": "off",  # the machine does not lose its power, and what was written outlives the server all the same
    "shared_buffers": "16MB",
    "max_connections": "60",
    "autovacuum": "off",
}
USER = "fakekit"


def programs() -> Path:
    """The folder with initdb, postgres and pg_ctl; the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if found:
        return found[-1]
    initdb = shutil.which("initdb")
    assert initdb, "no PostgreSQL here: make programs installs it"
    return Path(initdb).parent


class Postgresql:
    """A server that can be killed and started again. It trusts whoever connects.

    settings: those of postgresql.conf that differ from `SETTINGS`.
    port: on 127.0.0.1.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder, self.port, self._settings = folder, free_port(), {**SETTINGS, **settings}
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "nobody")
        self._run(
            "initdb", "--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C", "--no-sync"
        )

    def new_database(self) -> str:
        """The URL of a database with nothing in it: a schema of its own, which takes a tenth of the time."""
        import psycopg  # the quick tests need none, so their environment has none

        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self.url) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{self.url}?options=-csearch_path%3D{name}"

    @property
    def url(self) -> str:
        """Of the database that is there from the start."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and return once it accepts connections."""
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command("postgres"), *options, f"-p{self.port}", f"-k{self._folder}"],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self._environment,
                cwd="/",
                start_new_session=True,
            )
        wait_until(lambda: self._run("pg_isready", "-q", *self._address, check=False) == 0)

    def stop(self, mode: str = "fast") -> None:
        """Stop it. ``immediate``: as a crash does, without a checkpoint."""
        self._run("pg_ctl", "stop", "-m", mode, "-w")
        if self._process is not None:
            self._process.wait(PATIENCE)

    @property
    def _address(self) -> Sequence[str]:
        return "-h", "127.0.0.1", "-p", str(self.port)

    @property
    def _environment(self) -> dict[str, str]:
        return clean_environment() | {"PGDATA": str(self._folder / "data")}

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        with self._log.open("ab") as log:
            command = [*self._command(program), *arguments]
            return subprocess.run(
                command, stdout=log, stderr=log, env=self._environment, cwd="/", check=check
            ).returncode

    def _command(self, program: str) -> Sequence[str]:
        as_user = ["runuser", "-u", "nobody", "--"] if os.getuid() == 0 else []
        return *as_user, str(programs() / program)


@contextmanager
def postgresql(**settings: str) -> Iterator[Postgresql]:
    """A running server, stopped and removed afterwards; with these settings of postgresql.conf."""
    with tempfile.TemporaryDirectory(prefix="fakekit-postgresql-") as folder:
        server = Postgresql(Path(folder), settings)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
