import _socket, atexit, socket, ssl, subprocess, sys

PLACES = [
    (socket, "getaddrinfo"),
    (socket, "gethostbyname"),
    (socket, "gethostbyname_ex"),
    (socket, "gethostbyaddr"),
    (socket.socket, "connect"),
    (socket.socket, "connect_ex"),
    (socket.socket, "sendto"),
    (socket.socket, "sendmsg"),
    (socket.socket, "bind"),
    (ssl.SSLContext, "wrap_socket"),
    (ssl.SSLContext, "wrap_bio"),
    (socket.socket, "send"),
    (socket.socket, "sendall"),
    (ssl.SSLSocket, "send"),
    (_socket, "getaddrinfo"),
    (subprocess.Popen, "__init__"),
]
FINDERS = list(sys.meta_path)


def now():
    return [vars(owner).get(name) for owner, name in PLACES]


WERE = now()
atexit.register(
    lambda: print("AS IT WAS", now() == WERE and not {*map(type, sys.meta_path)} - {*map(type, FINDERS)})
)
