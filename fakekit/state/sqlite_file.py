"""Whether a file of SQLite can be where it is to be: its folder, its file system."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from errno import EACCES
from pathlib import Path
from sqlite3 import DatabaseError
from sqlite3 import connect as open_database

from fakekit.errors import Problem, SettingsError
from fakekit.unpatched import is_folder, read_bytes, stat_of

MOUNTS = Path("/proc/self/mountinfo")
_KERNEL_TYPES = "afs beegfs ceph cifs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 smb2 smb3 smbfs"
_FUSE_TYPES = "ceph glusterfs rclone s3fs sshfs"
NETWORK_FILE_SYSTEMS = {*_KERNEL_TYPES.split(), *(f"fuse.{name}" for name in _FUSE_TYPES.split())}
"""Types of file systems in which several machines can have a file open.

The write-ahead log needs memory that all processes share, and locks that hold (sqlite.org/wal.html).
"""


def check_file(file: Path, source: str, is_new: bool) -> None:
    """Check that a file can be a database, and create an empty one if there is none.

    source: where it was set, for the error: ``--state``.
    is_new: whether it may be created.

    Raises `SettingsError`.
    """
    if is_folder(file):
        raise SettingsError(Problem(source, "is a folder", str(file), f"{file}{os.sep}state.db"))
    if not is_folder(file.parent):
        raise SettingsError(Problem(source, "is in a folder that is not there", str(file), _mkdir(file)))
    if stat_of(file) is None and not is_new:
        raise SettingsError(Problem(source, "no such file", str(file), "a file that fakekit wrote"))
    file_system = find_file_system(file.parent, MOUNTS)
    if file_system in NETWORK_FILE_SYSTEMS:
        description = f"is on a network file system ({file_system}), whose locks SQLite cannot rely on"
        write = "a path on a disk of this machine, or postgresql://... to share it between machines"
        raise SettingsError(Problem(source, description, str(file), write))
    try:
        _make_writable(file)
    except OSError as error:
        problem = Problem(source, f"cannot be written: {error.strerror}", str(file), "another path")
        raise SettingsError(problem) from None
    _check_content(file, source)
    if not os.access(file.parent, os.W_OK | os.X_OK):
        description = "is in a folder in which this user can create no files, and SQLite needs two beside it"
        raise SettingsError(Problem(source, description, str(file), "another path"))


def _make_writable(file: Path) -> None:
    """Create a file that is not there; raise OSError where that, or writing to it, is not possible.

    One that is there is not opened: closing it would end the locks that another connection of this process
    has on it (sqlite.org/howtocorrupt.html, 2.2).
    """
    if stat_of(file) is None:
        with suppress(FileExistsError):  # another process was quicker
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    elif not os.access(file, os.W_OK):
        raise PermissionError(EACCES, os.strerror(EACCES))


def _check_content(file: Path, source: str) -> None:
    """Raise `SettingsError` for a file that is no database, or that of another program; it stays as it is."""
    connection = open_database(f"{(Path.cwd() / file).as_uri()}?mode=ro", uri=True)
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except DatabaseError as error:
        if error.sqlite_errorname == "SQLITE_NOTADB":
            problem = Problem(source, "is no database", str(file), "the name of a new file")
            raise SettingsError(problem) from None
        return  # what it is shows when it is opened for writing
    finally:
        connection.close()
    if tables and "fakekit_meta" not in tables:
        description = "is a database of another program"
        raise SettingsError(Problem(source, description, str(file), "the name of a new file"))


def _mkdir(file: Path) -> str:
    """Return what to do about a folder that is not there."""
    return f"a path in a folder that is (mkdir -p {file.parent})"


def find_file_system(folder: Path, mounts: Path) -> str:
    """Return the type of the file system that a folder is in; empty where the system does not say.

    mounts: the mounts of this process in the form of Linux, see proc(5).
    """
    try:
        lines = read_bytes(mounts).decode(errors="surrogateescape").splitlines()
    except OSError:
        return ""
    path = Path(os.path.realpath(folder))
    depth, found = -1, ""
    for line in lines:
        before, _, behind = line.partition(" - ")
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split()[4]))
        # The last one of several at the same place hides the others.
        if path.is_relative_to(point) and len(point.parts) >= depth:
            depth, found = len(point.parts), behind.split()[0]
    return found
