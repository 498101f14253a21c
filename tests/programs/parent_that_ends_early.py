"""Starts a server that ends with this program, and ends before the server has made its app."""

import os
import subprocess
import sys
import time


def serve():
    import fakekit.app
    from fakekit.cli import main

    parent, make_app = os.getppid(), fakekit.app.create_app

    def create_app(settings):
        while os.getppid() == parent:
            time.sleep(0.01)
        return make_app(settings)

    fakekit.app.create_app = create_app
    open("started", "w").close()
    main(["serve", "--port", "0", "--exit-with-parent", "--ready-file", "ready.json"])


if sys.argv[1:]:
    serve()
else:
    subprocess.Popen([sys.executable, __file__, "serve"])
    while not os.path.exists("started"):
        time.sleep(0.01)
