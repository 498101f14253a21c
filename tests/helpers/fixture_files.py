"""Fixture files that tests write, and what fakekit says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.helpers.commands import cli
from tests.helpers.raw_http import ask, port_of

# Every value unquoted, as people write them.
JANE = """\
customers:
  - id: 1
    user_id: f93c5a51-ffa4-4aef-a45b-4cdec1c8cc10
    business_code: 15848484
    customer_group_id: 1
    customer_name: Jane Doe
    customer_email: jane.doe@example.com
    customer_phone: +233244567890
    customer_whatsapp: +233244567890
    customer_country: Ghana
    customer_city: Accra
    customer_state: Greater Accra
    customer_zip: 00233
    address1: 123 Main Street
    address2: Apt 4B, Downtown Complex
    customer_profile: https://example.com/profiles/customer123.jpg
    created_by: Edward
    created_at: 2024-08-04 08:23:45
    updated_at: 2024-08-04 02:00:43
customer_groups:
  - id: 1
    group_name: Premium Customers
    group_description: Customers who have spent over $1000 and have been with the business for over a year.
    created_at: 2024-08-04 08:23:45
    updated_at: 2024-08-04 02:00:43
"""

SHORT = """\
  - id: {id}
    customer_name: {name}
    customer_phone: +233401234567
    customer_country: Ghana
    customer_city: Accra
    customer_state: Greater Accra
    address1: 1 Ring Road
    created_by: Edward
    created_at: 2024-01-01 00:00:00
    updated_at: 2024-01-01 00:00:00
"""


def short(key: object = 7, name: str = "Ama Mensah", *more: str) -> str:
    return SHORT.format(id=key, name=name) + "".join(f"    {line}\n" for line in more)


def write(folder: Path, text: str | bytes, name: str = "world.yaml") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def errors(*arguments: object) -> list[str]:
    """What ``fakekit check`` says of files that cannot be served."""
    done = cli("check", *map(str, arguments))
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


def served(folder: Path, text: str, path: str = "/api/v1/customers/7") -> Any:
    import fakekit

    with fakekit.FakeServer(fixtures=[str(write(folder, text))]) as xtrakit:
        return ask(port_of(xtrakit.origin), path).json()


def _generated(folder: Path) -> str:
    assert cli("generate", "--customers", "9", "-o", str(folder / "nine.json")).returncode == 0
    return "nine.json"


def _told(folder: Path, data: bytes, name: str = "world.yaml") -> None:
    """Loads, or raises the error that the command line words; anything else is a crash."""
    import fakekit

    file = folder / name
    file.write_bytes(data)
    try:
        fakekit.create_app(fakekit.Settings.of(fixtures=[str(file)]))
    except fakekit.FixtureError as error:
        told = str(error)
    else:
        return
    assert told.startswith(str(file))
    assert told.encode()  # it can be printed
