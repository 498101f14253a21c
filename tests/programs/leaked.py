import os, threading


def pytest_sessionstart(session):
    session.before = (set(threading.enumerate()), set(os.listdir("/proc/self/fd")))


def pytest_unconfigure(config):
    for thread in set(threading.enumerate()) - config.before[0]:
        thread.join(20)  # that of the log ends a moment after the last line
    threads = set(threading.enumerate()) - config.before[0]
    files = set(os.listdir("/proc/self/fd")) - config.before[1]
    print("LEAKED", threads, files, flush=True)


def pytest_sessionfinish(session):
    session.config.before = session.before
