"""What `fakekit serve` leaves out of the libraries that it imports is there once something asks for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "programs" / "partial_imports.py"


def test_a_library_of_which_a_part_was_left_out_is_whole_when_it_is_used() -> None:
    done = subprocess.run([sys.executable, str(PROGRAM)], capture_output=True, text=True, timeout=300)
    assert done.stdout.splitlines() == [
        "('Acheampong', 'Adomah')",
        "False",
        "ama@example.com",
        "Not a valid email address.",
        "Faker",
    ], done.stderr


def test_no_command_imports_the_libraries_before_it_runs() -> (
    None
):  # --help imports all; serve leaves parts out
    code = """
import sys
from fakekit.cli import main
try:
    main(["--help"])
finally:
    print(sorted({"faker", "flask", "marshmallow", "yaml"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
