"""Run a command on a network of its own, where 127.0.0.2 stands for the real service; run it by `unshare`.

Each connection to that address adds a byte to the file FOLDER/reached before it is closed.

    unshare --user --map-root-user --net --mount python stand_in.py FOLDER COMMAND...
"""

from __future__ import annotations

import fcntl
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

SIOCSIFFLAGS, IFF_UP = 0x8914, 1
HOSTS = "127.0.0.1 localhost\n127.0.0.2 app.xtrakit.com api.xtrakit.com\n"


def hear(listener: socket.socket, reached: Path) -> None:
    while True:
        client, _ = listener.accept()
        with client, reached.open("ab", buffering=0) as file:
            file.write(b".")


def main(folder: Path, command: list[str]) -> int:
    with socket.socket() as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
    hosts, reached = folder / "hosts", folder / "reached"
    hosts.write_text(HOSTS)
    reached.write_bytes(b"")
    subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)
    for port in (80, 443):
        listener = socket.create_server(("127.0.0.2", port))
        threading.Thread(target=hear, args=(listener, reached), daemon=True).start()
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
