"""`fakekit drift` on a terminal: what it asks, what it shows, and that a key is not echoed."""

from __future__ import annotations

import os
import pty
import select
import time
from collections.abc import Sequence

import pytest

import fakekit
from tests.helpers.drift import findings_in
from tests.helpers.processes import FAKEKIT, PATIENCE, clean_environment, started

pytestmark = pytest.mark.slow
KEY = "fk_typed_in_the_dark"


def on_terminal(arguments: Sequence[str], typed: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """The exit code and all that the terminal shows. typed: what is typed, each behind a text that it waits for."""
    ours, theirs = pty.openpty()
    shown, waiting = "", list(typed)
    with started(
        [*FAKEKIT, "drift", *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=clean_environment()
    ) as process:
        os.close(theirs)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not select.select([ours], [], [], 0.1)[0]:
                continue
            try:
                shown += os.read(ours, 65536).decode()
            except OSError:  # the command has ended, and with it the terminal
                break
            if waiting and waiting[0][0] in shown:
                os.write(ours, waiting.pop(0)[1].encode() + b"\n")
    os.close(ours)
    return process.returncode, shown


def test_a_key_is_asked_for_without_an_echo_and_a_bar_shows_how_far_it_is(fake: fakekit.FakeServer) -> None:
    code, shown = on_terminal(
        [fake.account(KEY).base_url, "--rate", "1000"],
        [("API key", KEY)],
    )
    assert code == 0
    assert KEY not in shown
    assert "100%" in shown
    assert findings_in(shown.replace("\r", "")).endswith("127.0.0.1: 39 requests, no finding\n")


@pytest.mark.parametrize("answer", ["n", ""])
def test_without_consent_nothing_is_sent(answer: str) -> None:
    code, shown = on_terminal(["https://xtrakit.example"], [("Go on? [y/N]: ", answer)])
    assert code == 1
    assert shown.replace("\r", "").endswith("error: nothing was sent\n")
    assert "API key" not in shown
