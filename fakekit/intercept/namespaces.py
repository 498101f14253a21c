"""A command in namespaces of its own (Linux): it has a loopback interface, and no network beside it.

A process has a network namespace, a mount namespace and a user namespace (namespaces(7)). The command has
new ones, while this process stays in those of the machine. A socket belongs to the namespace in which it was
made, so this process can serve what the command's process listens on.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NoReturn

from fakekit.documentation import page
from fakekit.errors import Problem, SettingsError

_SCRIPT = Path(__file__).with_name("enter_namespaces.py")
_MAX_MESSAGE = 65536
_LIMITS = "/proc/sys/user/max_*_namespaces"
_WRITE = f"fakekit exec without --isolated, or allow it: {page('exec')}"


@dataclass(frozen=True)
class Mount:
    """A file or folder that a command finds in the place of another one.

    source: what to mount.
    target: over which file or folder of this machine; it must exist.
    is_merged: whether the files of a folder are added to those of the target instead of hiding them
        (overlayfs). Kernels before 5.11 allow that to root only; nothing is mounted then.
    """

    source: str
    target: str
    is_merged: bool = False


@dataclass(frozen=True)
class Address:
    """A host and port of the command's own loopback interface; port 0 stands for a free one."""

    host: str
    port: int


@dataclass
class IsolatedProcess:
    """The process in which a command will run: in namespaces of its own, with sockets that this one serves.

    listeners: listen inside; in the order of the addresses that `open_namespaces` was given.
    mounts: what the command finds mounted; to be filled before `start`.
    """

    listeners: list[socket.socket]
    _process: subprocess.Popen[bytes]
    _control: socket.socket
    mounts: list[Mount] = field(default_factory=list)

    def start(self, command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Mount the files, run the command and return its process.

        Raises OSError when the command cannot be run, and `SettingsError` when something cannot be mounted.
        The command was not run then. Call it once.

        command: the program and its arguments.
        environ: all environment variables of the command.
        """
        message = {
            "mounts": [asdict(mount) for mount in self.mounts],
            "command": [_as_latin1(argument) for argument in command],
            "environment": {_as_latin1(name): _as_latin1(value) for name, value in environ.items()},
        }
        _send(self._control, message)
        failure = _receive(self._control)
        if failure.get("step"):
            _refuse(failure)
        if failure:
            number = int(str(failure["errno"]))
            raise OSError(number, os.strerror(number))
        return self._process


@contextmanager
def open_namespaces(addresses: Sequence[Address]) -> Iterator[IsolatedProcess]:
    """Start a process in user, network and mount namespaces of its own, for the block; it runs nothing yet.

    Raises `SettingsError` on other systems than Linux, and where this machine does not allow it: that is
    tried instead of read from settings, since many of them can forbid it. After the block, a process that
    was given no command has ended.

    addresses: what it listens on.
    """
    if sys.platform != "linux":
        raise SettingsError(Problem("--isolated", "works on Linux only", sys.platform, _WRITE))
    parent_socket, child_socket = socket.socketpair()
    child_socket.set_inheritable(True)
    script = [sys.executable, "-I", "-S", str(_SCRIPT), str(child_socket.fileno())]
    arguments = [f"{address.host} {address.port}" for address in addresses]
    with parent_socket:
        with child_socket:
            # The shell's descriptors are the command's too, except connections, which the script closes.
            process = subprocess.Popen([*script, *arguments], env={}, close_fds=False)  # noqa: S603 (our own)
        try:
            yield IsolatedProcess(
                _receive_listeners(parent_socket, process.pid, len(addresses)), process, parent_socket
            )
        finally:
            with suppress(OSError):
                parent_socket.shutdown(socket.SHUT_RDWR)
            process.wait()


def _receive_listeners(control: socket.socket, pid: int, count: int) -> list[socket.socket]:
    """Map the user of a process that has entered its namespaces, and return the sockets that it listens on.

    Raises `SettingsError` when a step was refused, here or there.
    """
    failure = _receive(control)
    if failure:
        _refuse(failure)
    try:
        _map_user(pid)
    except OSError as error:
        _refuse({"step": "mapping the user into the namespace", "errno": error.errno})
    _send(control, {})
    message, descriptors, _, _ = socket.recv_fds(control, _MAX_MESSAGE, count)
    if len(descriptors) < count:
        _refuse(json.loads(message or b"{}"))
    return [socket.socket(fileno=descriptor) for descriptor in descriptors]


def _map_user(pid: int) -> None:
    """Let the users and groups of this machine be the same ones in the user namespace of a process.

    Only root may map all of them; another user is the only one there, and files of others belong to nobody.
    Nobody becomes root there: git would distrust the files, and programs would take themselves for root.
    Raises OSError.
    """
    folder = Path(f"/proc/{pid}")
    if os.geteuid() == 0:
        with suppress(PermissionError):  # in a container root may not have the right
            for name in ("gid_map", "uid_map"):
                own = Path(f"/proc/self/{name}").read_text("ascii")
                (folder / name).write_text(_identity_map(own), "ascii")
            return
    (folder / "setgroups").write_text(
        "deny", "ascii"
    )  # without this, only root may map groups (user_namespaces(7))
    (folder / "gid_map").write_text(f"{os.getegid()} {os.getegid()} 1", "ascii")
    (folder / "uid_map").write_text(f"{os.geteuid()} {os.geteuid()} 1", "ascii")


def _identity_map(own: str) -> str:
    """Return a map of users or groups in which each that this process can name stays the same.

    own: the map of this process: lines of the first id here, the first id outside, and how many.

    >>> _identity_map("         0     100000      65536")
    '0 0 65536'
    """
    ranges = [line.split() for line in own.splitlines()]
    return "\n".join(f"{first} {first} {count}" for first, _, count in ranges)


def _send(control: socket.socket, message: Mapping[str, object]) -> None:
    """Send a message to the process; nothing happens when it has ended: the next `_receive` tells that."""
    with suppress(OSError):
        control.sendall(json.dumps(message).encode() + b"\n")


def _receive(control: socket.socket) -> dict[str, object]:
    """Return the next message of the process, which has one line; empty where its end came instead."""
    received = b""
    while not received.endswith(b"\n") and (data := control.recv(_MAX_MESSAGE)):
        received += data
    message: dict[str, object] = json.loads(received or b"{}")
    return message


def _refuse(failure: Mapping[str, object]) -> NoReturn:
    """Raise the `SettingsError` for a step that failed.

    failure: the message of the process, with ``step`` and ``errno``; empty where it ended without one.
    """
    number = int(str(failure.get("errno") or 0))
    reason = f"a limit in {_LIMITS} is reached" if number == errno.ENOSPC else os.strerror(number)
    step = str(failure["step"]) if failure else "its process ended"
    step += f": {reason}" if number else ""
    raise SettingsError(Problem("--isolated", f"this machine does not allow it: {step}", "", _WRITE))


def _as_latin1(text: str) -> str:
    """Return the bytes of an argument or a variable, as text in Latin-1, whatever the locale is."""
    return os.fsencode(text).decode("latin-1")
