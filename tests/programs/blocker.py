"""A plugin as pytest-socket and pytest-recording are: it puts its own `connect` in place for each test."""

import socket

REAL = socket.socket.connect


def block(allowed):
    def guarded_connect(self, address):
        if address[0] not in allowed:
            raise RuntimeError(f"blocked: {address}")
        return REAL(self, address)

    socket.socket.connect = guarded_connect


def unblock():
    socket.socket.connect = REAL
