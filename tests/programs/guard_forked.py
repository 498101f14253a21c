import contextlib, os, socket, time


def call_in_child():
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            socket.getaddrinfo("app.xtrakit.com", 443)
        os._exit(0)
    os.waitpid(child, 0)


def test_in_a_child():
    call_in_child()


def test_another():
    pass


def test_in_two_children_that_closed_every_file():
    for _ in range(2):
        child = os.fork()
        if child == 0:
            os.closerange(3, 100)
            with contextlib.suppress(OSError):
                socket.getaddrinfo("app.xtrakit.com", 443)
            os._exit(0)
        os.waitpid(child, 0)


def test_late():
    if os.fork() == 0:
        while not os.path.exists("go"):
            time.sleep(0.01)
        with contextlib.suppress(OSError):
            socket.getaddrinfo("app.xtrakit.com", 443)
        os._exit(0)


def test_after_that():
    open("go", "w").close()
    os.wait()
