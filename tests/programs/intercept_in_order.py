import _socket, http.client, json, os, socket, ssl, subprocess, sys, tempfile, threading
from unittest import mock

import fakekit
from fakekit.intercept.leading import leading


def state():
    return (
        set(threading.enumerate()),
        set(os.listdir("/proc/self/fd")),
        set(os.listdir(tempfile.gettempdir())),
    )


BEFORE = state()
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
    (ssl.SSLSocket, "send"),
    (_socket, "getaddrinfo"),
    (subprocess.Popen, "__init__"),
]


def now():
    return [vars(owner).get(name) for owner, name in PLACES] + sys.meta_path


WERE = now()


def name():
    connection = http.client.HTTPSConnection("app.xtrakit.com")
    connection.request("GET", "/api/v1/customers/1", headers={"Authorization": "Bearer REAL"})
    answer = json.load(connection.getresponse())
    connection.close()
    return answer["data"]["customer"]["customer_name"]


def elsewhere():
    names = []
    thread = threading.Thread(target=lambda: names.append(name()))
    thread.start()
    thread.join()
    return names[0]


with fakekit.FakeServer() as one, fakekit.FakeServer() as two:
    one.change("customers", 1, customer_name="one")
    two.change("customers", 1, customer_name="two")
    with leading(one.origin, one.api_key):
        print(name(), elsewhere())
        with leading(two.origin, two.api_key):
            print(name(), elsewhere())
        print(name(), elsewhere())
    print(now() == WERE)

    first, second = leading(one.origin, one.api_key), leading(two.origin, two.api_key)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    print(name(), now() == WERE)
    second.__exit__(None, None, None)
    print(now() == WERE)

    try:
        with leading(one.origin, one.api_key):
            raise KeyError
    except KeyError:
        print(now() == WERE)

    with mock.patch("socket.getaddrinfo", side_effect=OSError("a patch of the test's")) as patch:
        with leading(one.origin, one.api_key):
            print(name())
        print(socket.getaddrinfo is patch)
    with leading(one.origin, one.api_key):
        with mock.patch("socket.getaddrinfo", side_effect=OSError("a patch of the test's")):
            try:
                name()
            except OSError as error:
                print(error)
        print(name())
    print(now() == WERE)

from fakekit.intercept.policy import Policy
from fakekit.intercept.patches import PATCHES

done, failed = threading.Event(), []


def connect():
    with socket.create_server(("127.0.0.1", 0), backlog=9) as listener:
        while not done.is_set():
            try:
                socket.create_connection(listener.getsockname()).close()
                listener.accept()[0].close()
            except Exception as error:
                failed.append(error)


threads = [threading.Thread(target=connect) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(300):
    with PATCHES.installed(Policy()), PATCHES.installed(Policy()):
        pass
done.set()
for thread in threads:
    thread.join()
print(failed, now() == WERE)
for thread in set(threading.enumerate()) - BEFORE[0]:
    thread.join(20)  # that of the log ends a moment after the last line
print(*[after - before for before, after in zip(BEFORE, state())])
