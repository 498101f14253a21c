"""The command line of this process, as other users of the machine see it."""

from __future__ import annotations

from pathlib import Path


def hide_argument(secret: str, shown: str) -> None:
    """Overwrite an argument of this process, so that ``ps`` shows another text; forked children have it too.

    As mysql does with ``--password``: for the moment between the start and this call it can be seen. Does
    nothing where the system has no ``/proc/self/mem``, and when no argument has the text.

    secret: the text, a whole argument or the end of one. shown: what takes its place; cut to its length.
    """
    try:
        # proc(5): fields 48 and 49 are where the arguments begin and end; the name may contain blanks.
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        start, end = int(fields[45]), int(fields[46])
        with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
            memory.seek(start)
            found = memory.read(end - start).find(secret.encode() + b"\0")
            if found >= 0:
                memory.seek(start + found)
                length = len(secret.encode())
                memory.write(shown.encode()[:length].ljust(length))
    except (OSError, ValueError, IndexError):
        return
