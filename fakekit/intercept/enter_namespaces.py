"""Isolates its own process and then becomes the command of ``fakekit exec --isolated``.

It is run as a script, by ``python -I -S``, and imports only the standard library: only a process with a
single thread can enter a new user namespace. `fakekit.intercept.namespaces` starts it and speaks with it over
a socket, in lines of JSON. In order:

1. It closes the network sockets that it was given, which belong to the network of the machine.
2. It enters new user, network and mount namespaces, and says so. The other side maps the user and answers.
3. It makes the loopback interface work, and sends listening sockets for the addresses of its command line.
4. It is told what to mount, mounts it, and becomes the command. The socket is then closed.

A step that fails is sent as ``{"step": ..., "errno": ...}``, and the process ends; so is any other exception,
with an errno of 0, since an end without a message says that the command runs.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import re
import signal
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

# From <linux/sched.h>, <linux/mount.h> and <linux/sockios.h>; `os.unshare` is there from Python 3.12 on only.
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_RDONLY, MS_BIND, MS_REC, MS_SLAVE = 0x1, 0x1000, 0x4000, 0x80000
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1

BACKLOG = 1024


class StepError(Exception):
    """A step that the kernel refused; `step` says what was tried, `number` is the errno."""

    def __init__(self, step: str, number: int) -> None:
        self.step, self.number = step, number
        super().__init__(step)


def main(descriptor: int, addresses: list[str]) -> None:
    """Isolate this process and become the command that the other side of the socket names.

    Returns when the other side has ended, or after a failed step was sent to it.

    descriptor: of the socket to the process that started this one.
    addresses: what to listen on: ``127.0.0.1 443``, or with port 0 for a free one.
    """
    os.set_inheritable(descriptor, False)  # so that its end says that the command runs
    control = socket.socket(fileno=descriptor)
    lines = control.makefile("r", encoding="ascii")
    try:
        _close_network_sockets()
        _enter()
        control.sendall(b"{}\n")
        if not lines.readline():
            return
        _start_loopback()
        listeners = [_listen(*address.split(" ")) for address in addresses]
        socket.send_fds(control, [b"{}"], [listener.fileno() for listener in listeners])
        request = lines.readline()
        if request:
            message = json.loads(request)
            _mount_all(message["mounts"])
            _run(message["command"], message["environment"])
    except StepError as error:
        _send_failure(control, error)
    except BaseException as error:  # of Ctrl-C, too
        _send_failure(control, StepError(f"{type(error).__name__}: {error}".rstrip(": "), 0))


def _send_failure(control: socket.socket, failure: StepError) -> None:
    """Tell the other side which step failed."""
    control.sendall(json.dumps({"step": failure.step, "errno": failure.number}).encode() + b"\n")


def _close_network_sockets() -> None:
    """Close inherited sockets beside the standard streams, except Unix sockets.

    A connection that was made outside would lead out of the new namespace. Files and pipes stay: of
    ``<(...)``, or of make's jobserver.
    """
    for descriptor in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 (a path for each is not needed)
        with suppress(OSError):  # it is no socket
            sock = socket.socket(fileno=descriptor) if descriptor > 2 else None
            if sock and sock.family == socket.AF_UNIX:
                sock.detach()
            elif sock:
                sock.close()


def _enter() -> None:
    """Enter new user, network and mount namespaces. Raises `StepError` where the kernel does not allow it."""
    if _libc().unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0:
        raise StepError("making a user, a network and a mount namespace", ctypes.get_errno())


def _start_loopback() -> None:
    """Switch on the loopback interface, the only one of a new network namespace. Raises `StepError`."""
    with _step("switching on the loopback interface"), socket.socket() as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def _listen(host: str, port: str) -> socket.socket:
    """Return a socket that listens on an address of this machine. Raises `StepError`."""
    with _step(f"listening on {host}, port {port}"):
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        sock.bind((host, int(port)))
        sock.listen(BACKLOG)
    return sock


def _mount_all(mounts: Iterable[dict[str, Any]]) -> None:
    """Mount files and folders over others, for this process and its children only. Raises `StepError`.

    mounts: the fields of `fakekit.intercept.namespaces.Mount`.
    """
    # Before, so that what is mounted here is not mounted on the rest of the machine, too.
    _mount("none", "/", None, MS_REC | MS_SLAVE)
    for mount in mounts:
        source, target = mount["source"], mount["target"]
        if mount["is_merged"]:
            with suppress(StepError):
                _mount(
                    "overlay", target, "overlay", MS_RDONLY, f"lowerdir={_escape(source)}:{_escape(target)}"
                )
        else:
            _mount(source, target, None, MS_BIND | MS_REC)


def _escape(path: str) -> str:
    r"""Return a path as options of overlayfs have it: a colon would end it, and a comma the option.

    >>> print(_escape("/tmp/a:b,c"))
    /tmp/a\:b\,c
    """
    return re.sub(r"([\\:,])", r"\\\1", path)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Call mount(2). Raises `StepError` where it fails."""
    kind_of_bytes = kind.encode() if kind else None
    paths = os.fsencode(source), os.fsencode(target)
    if _libc().mount(*paths, kind_of_bytes, ctypes.c_ulong(flags), os.fsencode(options)) != 0:
        raise StepError(f"mounting over {target}", ctypes.get_errno())


def _run(command: list[str], environment: dict[str, str]) -> NoReturn:
    """Become the command. Raises `StepError`, with an empty step, where it cannot be run.

    command, environment: their bytes, as text in Latin-1.
    """
    for name in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and a command would inherit that
        signal.signal(name, signal.SIG_DFL)
    arguments = [argument.encode("latin-1") for argument in command]
    variables = {name.encode("latin-1"): value.encode("latin-1") for name, value in environment.items()}
    with _step(""):
        os.execvpe(arguments[0], arguments, variables)  # noqa: S606 (no shell is wanted)


@contextmanager
def _step(step: str) -> Iterator[None]:
    """Return a context manager that turns an OSError into a `StepError` of this step."""
    try:
        yield
    except OSError as error:
        raise StepError(step, error.errno or 0) from None


def _libc() -> ctypes.CDLL:
    """Return the C library of this process, whose calls leave their error in `ctypes.get_errno`."""
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
