import ast
import http.client
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

THREADS = 30


def ask_at_once(origin, paths, faults=""):
    port, barrier = int(origin.rpartition(":")[2]), threading.Barrier(THREADS)

    def ask(number):
        headers = {"Authorization": f"Bearer fk_{number}{faults}", "Fakekit-Control": "1"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        barrier.wait()
        connection.request("GET", paths[number % len(paths)], headers=headers)
        status = connection.getresponse().status
        connection.close()
        return status

    with ThreadPoolExecutor(THREADS, "client") as pool:
        return set(pool.map(ask, range(THREADS)))


def is_server(thread):
    return thread is not threading.main_thread() and not thread.name.startswith("client")


class Recorder:
    def __init__(self):
        self.imported = []

    def find_spec(self, name, path=None, target=None):
        if is_server(threading.current_thread()):
            self.imported.append(name)


def recorded(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(sys, "meta_path", [recorder, *sys.meta_path])
    return recorder.imported
