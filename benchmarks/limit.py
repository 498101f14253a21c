"""The limit: what asyncio itself can do. A protocol that writes the same bytes for whatever it reads."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from ready import SIZE, write_ready_file

BODY = b"x" * SIZE
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % SIZE + BODY


class _Constant(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(RESPONSE)


async def _serve(ready_file: Path) -> None:
    server = await asyncio.get_running_loop().create_server(_Constant, "127.0.0.1", 0)
    write_ready_file(ready_file, server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
