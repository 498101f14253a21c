"""Runs `fakekit serve` with the options given, and deletes a folder when the app is made: its ready file's."""

import os
import sys

import fakekit.app
from fakekit.cli import main

folder, *options = sys.argv[1:]
make_app = fakekit.app.create_app


def create_app(settings):
    os.rmdir(folder)
    return make_app(settings)


fakekit.app.create_app = create_app
main(["serve", *options])
