"""Sockets to listen on, bound in the caller's thread, so that a start that fails is reported at once."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from json import dumps, loads
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from fakekit.addresses import origin_at, reached_at
from fakekit.errors import AddressError, Problem, SettingsError, show
from fakekit.fixtures.whole_file import can_replace, partial_name, write_whole
from fakekit.log import LOGGER
from fakekit.unpatched import Socket, getaddrinfo, sleep
from fakekit.vendor import BASE_PATH

if TYPE_CHECKING:
    import ssl


class _ListeningSocket(Socket):
    """A listening socket whose connections have the class ``socket.socket`` from before any patch.

    `socket.socket.accept` creates them with whatever ``socket.socket`` is at the time: where a suite has
    replaced it to allow no sockets, as pytest-socket does, accepting would raise.
    """

    def accept(self) -> tuple[socket.socket, object]:
        """Return a connection and the client's address, as `socket.socket.accept` does."""
        descriptor, address = self._accept()  # type: ignore[attr-defined]  # as in CPython's own accept
        return Socket(self.family, self.type, self.proto, fileno=descriptor), address


def bind(host: str, port: int, source: str = "host") -> socket.socket:
    """Return a socket that listens on a host and port; port 0 takes a free one.

    source: where the host was set, for errors: ``--host``, ``FAKEKIT_HOST``.

    Raises `AddressError` for a host that is no address of this machine, a taken port, or one that needs
    more rights.
    """
    try:
        # localhost may have several addresses; one socket listens on the first.
        addresses = getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = addresses[0]
        listener = _ListeningSocket(family, kind, protocol)
    except (OSError, UnicodeError):
        raise AddressError(
            Problem(source, "is not an address of this machine", show(host), "127.0.0.1")
        ) from None
    try:
        # Without it a restart fails for a minute, while old connections are in TIME_WAIT.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)  # many clients of a parallel suite may connect at once
    except OSError as error:
        listener.close()
        raise AddressError(_bind_problem(error, host, port, source)) from None
    return listener


def _bind_problem(error: OSError, host: str, port: int, source: str) -> Problem:
    """Return the problem of a socket that cannot listen.

    source: where the host was set.
    """
    if error.errno == errno.EADDRINUSE:
        description = f"port {port} of {host} is taken"
        write = "--port 0 for a free one, or another --port"
        return Problem("", description, "", write, "port=0 for a free one, or another port")
    if error.errno == errno.EACCES:
        return Problem("", f"port {port} needs more rights than this user has", "", "--port 0", "port=0")
    return Problem(source, f"cannot be listened on ({error.strerror})", show(host), "127.0.0.1")


KeyFor = Callable[[str | None], str | None]
"""Returns the value of Authorization that a request is handed on with, given the one that came.

None stands for no such header. What came may be a real credential: the function may not keep it.
"""


@dataclass(frozen=True, eq=False)
class Listener:
    """A socket that a server accepts connections on, and how it serves them.

    sock: listens already; the server closes it.
    tls: TLS settings with a certificate, for clients that begin with TLS; others speak plain HTTP on the same
        port. None where plain HTTP is spoken only.
    key_for: exchanges the key of every request; None leaves it as it came.
    certificate: the file with the certificate that clients have to trust; empty when there is none.
    """

    sock: socket.socket
    tls: ssl.SSLContext | None = None
    key_for: KeyFor | None = None
    certificate: str = ""

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.sock.getsockname()[1])

    @property
    def origin(self) -> str:
        """Where a client on this machine reaches it: ``http://127.0.0.1:4310``."""
        host = reached_at(self.sock.getsockname()[0])
        return origin_at("https" if self.tls else "http", host, self.port)


class ReadyFile(NamedTuple):
    """The file that says where a server is reached, while it answers; one that is killed leaves it there.

    file: its path. source: where that was set, for errors: ``--ready-file``, ``FAKEKIT_READY_FILE``.
    """

    file: Path
    source: str

    def check_writable(self) -> None:
        """Check, before the start, that it can be written; creates and deletes a file beside it.

        It is not written itself: whoever waits for it would read it empty. Raises `SettingsError`, also for a
        device or a pipe, since an earlier run's file is removed first.
        """
        if not can_replace(self.file):
            raise SettingsError(Problem(self.source, "is not a regular file", str(self.file), "a new name"))
        with self._as_setting():
            partial_name(self.file).touch()
            partial_name(self.file).unlink()

    def write(self, listener: Listener, pid: int) -> None:
        """Write it in one step: JSON with ``url``, ``base_url``, ``port`` and ``pid``.

        listener: the server's socket. pid: of the process that a test may end.

        Raises `SettingsError` when it cannot be written.
        """
        origin = listener.origin
        document = {"url": origin, "base_url": f"{origin}{BASE_PATH}", "port": listener.port, "pid": pid}
        document |= {"certificate": listener.certificate} if listener.certificate else {}
        with self._as_setting():
            write_whole(self.file, [dumps(document), "\n"])

    def delete(self, origin: str) -> None:
        """Delete it at the end of the server that wrote it; nothing happens if it is another's.

        With the same file, another server may have been started meanwhile. In containers, the processes of
        both may have the same id.

        origin: of the server that this process was. Its socket may be closed by now.

        An error is ignored: the server has ended all the same, and who reads the file finds that.
        """
        with suppress(OSError, ValueError, LookupError, TypeError):
            document = loads(self.file.read_text("utf-8"))
            if (document["pid"], document["url"]) == (os.getpid(), origin):
                self.file.unlink()

    @contextmanager
    def _as_setting(self) -> Iterator[None]:
        """Return a context manager that turns an OSError into a `SettingsError`."""
        try:
            yield
        except OSError as error:
            problem = Problem(self.source, f"cannot be written: {error.strerror}", str(self.file))
            raise SettingsError(problem) from None


def watch_parent(parent: int) -> None:
    """Start a thread that ends this process, as SIGTERM does, when its parent process has ended.

    parent: the process id of the parent, which may have ended already. Process 1 adopts orphans, so with 1 as
        parent nothing can be noticed: that is logged, and no thread is started.
    """
    if parent == 1:
        LOGGER.warning("--exit-with-parent: the parent is process 1, or gone already; nothing to wait for")
        return

    def run() -> None:
        while os.getppid() == parent:
            sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=run, name="fakekit-parent", daemon=True).start()
