"""What `fakekit serve` leaves out of the libraries that it imports is there once something asks for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "programs" / "partial_imports.py"


def test_a_library_of_which_a_part_was_left_out_is_whole_when_it_is_used() -> None:
    done = subprocess.run([sys.executable, str(PROGRAM)], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == [
        "('Acheampong', 'Adomah')",
        "False",
        "ama@example.com",
        "Not a valid email address.",
        "Faker",
    ], done.stderr


def test_the_serve_command_is_ready_to_leave_parts_out_because_it_has_not_imported_the_libraries() -> None:
    code = "import sys, fakekit.cli.serve; print(sorted({'faker', 'flask', 'marshmallow', 'yaml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n", done.stderr
