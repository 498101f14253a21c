"""Takes from Python, in each process with this folder on its path, what it does not have on Windows.

What the standard library uses itself is imported before. The platform keeps its name: the library would look for
modules that are not here. Drive letters and backslashes are not simulated, and neither are locked files.
"""

import asyncio
import multiprocessing.popen_spawn_posix
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile

LIBRARIES = "fcntl grp pty pwd resource syslog termios tty gunicorn uvloop"
OS = """
    chown chroot ctermid eventfd fchdir fchown fork forkpty getegid geteuid getgid getgroups getloadavg getpgid getpgrp
    getpriority getresuid getsid getuid killpg lchown lockf memfd_create mkfifo mknod nice openpty pidfd_open pipe2
    posix_fadvise posix_fallocate posix_spawn posix_spawnp pread preadv pwrite pwritev readv register_at_fork
    sched_getaffinity sched_setaffinity sched_yield sendfile setgid setpgid setsid setuid splice statvfs sync sysconf
    tcgetpgrp tcsetpgrp ttyname uname unshare wait wait3 wait4 waitid writev
    O_ASYNC O_CLOEXEC O_DIRECT O_DIRECTORY O_DSYNC O_NDELAY O_NOATIME O_NOCTTY O_NOFOLLOW O_NONBLOCK O_PATH O_RSYNC
    O_SYNC
"""
SIGNALS = """
    SIGALRM SIGBUS SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGPROF SIGQUIT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGUSR1
    SIGUSR2 SIGWINCH alarm pause pthread_kill pthread_sigmask setitimer sigtimedwait sigwait
"""
SOCKETS = "AF_UNIX AF_NETLINK CMSG_LEN MSG_DONTWAIT MSG_NOSIGNAL SCM_RIGHTS SO_REUSEPORT TCP_DEFER_ACCEPT recv_fds send_fds"


class WithoutLibraries:
    """A finder of modules that refuses those that are not on Windows."""

    def find_spec(self, name, path=None, target=None):
        if name in LIBRARIES.split():
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


for name in LIBRARIES.split():
    sys.modules.pop(name, None)
sys.meta_path.insert(0, WithoutLibraries())
for module, names in ((os, OS), (signal, SIGNALS), (socket, SOCKETS)):
    for name in names.split():
        vars(module).pop(name, None)
subprocess.Popen.kill = subprocess.Popen.terminate
shutil._use_fd_functions = False  # as there; rmtree opens folders by O_NONBLOCK else
