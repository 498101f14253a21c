"""Connections, and a thread that serves them: asyncio underneath, so that a slow client costs no thread."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import sys
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from fakekit.log import log_failure
from fakekit.server.listening import bind
from fakekit.server.loop import ServerLoop
from fakekit.unpatched import Lock, Socket, Thread, getaddrinfo

CHUNK = 65536
"""How many bytes are read at once."""

HANDSHAKE_SECONDS = 30.0
"""How long a TLS handshake may take."""

CLOSE_SECONDS = 60.0
"""How long the other side may take to read what is left, and to say goodbye, before it is cut off."""

PAUSE_SECONDS = 0.05
"""How long nothing is accepted once descriptors have run out."""

_AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""SO_LINGER of no seconds: closing then resets the connection."""


TURNS = 5
"""How many turns of its loop a transport needs at most to begin, or to close."""

_Make = Callable[
    [Callable[[], asyncio.StreamReaderProtocol]],
    Coroutine[object, object, tuple[asyncio.Transport, asyncio.StreamReaderProtocol]],
]


def _seconds(context: ssl.SSLContext | None) -> dict[str, Any]:
    """Return asyncio's time limits for TLS, as keyword arguments; empty without a context.

    asyncio refuses them for a connection without TLS.
    """
    if context is None:
        return {}
    return {"ssl_handshake_timeout": HANDSHAKE_SECONDS, "ssl_shutdown_timeout": CLOSE_SECONDS}


class Stream:
    """One connection, whose end is either a close or a reset, so that it can be passed on as it was."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def from_accepted(cls, sock: socket.socket, context: ssl.SSLContext | None = None) -> Stream:
        """Return the server's end of an accepted socket, after the TLS handshake where there is a context.

        The socket is closed if that fails. Raises OSError, of which ssl.SSLError is one.
        """
        loop = asyncio.get_running_loop()
        own_socket = Socket(fileno=sock.detach())  # the transport's alone: it closes it in its own time
        make = partial(loop.connect_accepted_socket, sock=own_socket, ssl=context, **_seconds(context))
        return await cls._made(make, own_socket)

    @classmethod
    async def connect(cls, host: str, port: int) -> Stream:
        """Return the client's end of a new connection to an address or a name. Raises OSError."""
        loop = asyncio.get_running_loop()
        try:
            found = getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            return await cls._made(partial(loop.create_connection, host=host, port=port))
        family, kind, protocol, _, address = found[0]
        sock = Socket(family, kind, protocol)  # asyncio's own would be gevent's, where that has replaced it
        try:
            sock.setblocking(False)
            await loop.sock_connect(sock, address)
        except BaseException:
            sock.close()
            raise
        return await cls.from_connected(sock)

    @classmethod
    async def from_connected(
        cls, sock: socket.socket, context: ssl.SSLContext | None = None, name: str | None = None
    ) -> Stream:
        """Return the client's end of a connected socket, after the TLS handshake where there is a context.

        name: the server's name, which its certificate must have.

        The socket is closed if that fails. Raises OSError.
        """
        arguments = {"sock": sock, "ssl": context, "server_hostname": name, **_seconds(context)}
        return await cls._made(partial(asyncio.get_running_loop().create_connection, **arguments), sock)

    @classmethod
    async def _made(cls, make: _Make, sock: socket.socket | None = None) -> Stream:
        """Return the stream of the connection that `make` makes.

        If that fails, `sock` is closed; if this is cancelled, the connection is.
        """
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        task = asyncio.ensure_future(make(lambda: protocol))
        try:
            transport, _ = await asyncio.shield(task)
        except asyncio.CancelledError:
            for _ in range(TURNS):  # one that has not begun, asyncio would forget to close
                await asyncio.sleep(0)
            task.cancel()
            for made in await asyncio.gather(task, return_exceptions=True):
                if not isinstance(made, BaseException):
                    made[0].abort()
            raise
        except BaseException:
            if sock is not None:
                sock.close()
            raise
        return cls(reader, asyncio.StreamWriter(transport, protocol, reader, asyncio.get_running_loop()))

    async def read(self) -> bytes:
        """Return the bytes that have come, waiting for some; b"" at the end. Raises OSError after a reset."""
        return await self._reader.read(CHUNK)

    async def write(self, data: bytes) -> None:
        """Send bytes, no faster than the other side takes them. Raises OSError when it is gone."""
        self._writer.write(data)
        await self._writer.drain()

    def end(self) -> None:
        """Say that nothing more will be sent; the other side may go on. Does nothing on a TLS connection."""
        with contextlib.suppress(OSError):
            if self._writer.can_write_eof():
                self._writer.write_eof()

    async def close(self) -> None:
        """Close the connection once everything is sent, or after `CLOSE_SECONDS`."""
        self._writer.close()
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), CLOSE_SECONDS)
        self.cut()

    def cut(self) -> None:
        """Close the connection now; what was not sent yet is lost."""
        self._writer.transport.abort()

    def reset(self) -> None:
        """Close the connection by a reset, so that the other side's reads fail as after a crash."""
        sock = self._writer.get_extra_info("socket")
        with contextlib.suppress(OSError, AttributeError):  # it is closed already
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.cut()


class ThreadService:
    """Serves connections to a loopback port, from a thread of its own between `start` and `stop`.

    name: of the thread.
    port: what it listens on, on 127.0.0.1; 0 when it does not run.

    A subclass says in `serve` what is done with one connection.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = Lock()
        self._thread: Thread | None = None
        self.port = 0

    def start(self, listener: socket.socket | None = None) -> None:
        """Start to serve; nothing more happens while it runs. Raises `AddressError` when no port is free.

        listener: a socket to serve instead of a free port of 127.0.0.1; it is closed in the end.
        """
        with self._lock:
            if self._thread is None:
                self._begin(listener or bind("127.0.0.1", 0))

    def _begin(self, listener: socket.socket) -> None:
        """Make the loop and start the thread that serves this listening socket. Called with the lock held."""
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self._loop = ServerLoop()
        self._ended = asyncio.Event()
        self._thread = Thread(target=self._run, name=self.name, args=(listener,))
        self._thread.start()

    def stop(self) -> None:
        """Cut every connection and end the thread, blocking until it has; no socket or file is left.

        Nothing happens when it does not run.
        """
        with self._lock:
            if self._thread is not None:
                self._loop.call_soon_threadsafe(self._ended.set)
                self._thread.join()
                self._thread, self.port = None, 0

    async def serve(self, client: socket.socket) -> None:
        """Serve one connection until it ends; `client` is closed afterwards. Each subclass has its own.

        An OSError counts as a client that went away; any other exception is logged as a failure of fakekit's.
        Raises NotImplementedError in this base class.
        """
        raise NotImplementedError

    def _run(self, listener: socket.socket) -> None:
        """Run the loop of a proxy or gateway until `stop`; then close it and the listener, whatever happened.

        The body of the thread that `start` starts.
        """
        self._loop.set_exception_handler(lambda _, context: None)  # its words may quote what was sent
        try:
            self._loop.run_until_complete(self._accept(listener))
        finally:
            listener.close()
            self._loop.close()

    async def _accept(self, listener: socket.socket) -> None:
        """Accept connections until `stop`, a task for each, and end them all."""
        loop, tasks = self._loop, set[asyncio.Task[None]]()

        def take() -> None:
            try:
                client, _ = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # no descriptors are left; others will end
                loop.remove_reader(listener)
                loop.call_later(PAUSE_SECONDS, loop.add_reader, listener, take)
                return
            client.setblocking(False)
            task = loop.create_task(self._serve(client))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            task.add_done_callback(lambda _: client.close())  # of one that never began, too

        loop.add_reader(listener, take)
        await self._ended.wait()
        loop.remove_reader(listener)
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in range(TURNS):  # transports close in turns of the loop after they are told to
            await asyncio.sleep(0)

    async def _serve(self, client: socket.socket) -> None:
        """Serve one connection; only a failure of fakekit's own is logged."""
        try:
            await self.serve(client)
        except OSError:
            pass  # a client that went away is no news
        except Exception as error:
            log_failure(error)


async def first_byte(sock: socket.socket) -> bytes:
    """Wait for the first byte and return it without taking it; b"" at the end. Raises OSError."""
    loop = asyncio.get_running_loop()
    while True:
        readable = asyncio.Event()
        loop.add_reader(sock, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(sock)
        with contextlib.suppress(BlockingIOError):
            return sock.recv(1, socket.MSG_PEEK)


async def first_done(*awaitables: Awaitable[object]) -> None:
    """Wait until one of these has ended, cancel the others and raise what any of them raised."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for error in results:
        if isinstance(error, Exception):
            raise error
