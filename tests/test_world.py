"""The generated world: the same for everybody, for ever, and people who make sense."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.commands import cli, cli_process
from tests.helpers.processes import Server, serving
from tests.helpers.raw_http import ask
from tests.helpers.samples import OPTIONAL

# `fakekit generate --customers 1000 --seed 1 -o world.json && sha256sum world.json`. It may change only
# together with WORLD_VERSION and a line in CHANGELOG.md.
RECORDED = "580196e8a3ea002d0e89b70b7f88fd29d68af3bfa367df67b9abc57b4c0e2024"


def generate(folder: Path, *options: str) -> Any:
    file = folder / "world.json"
    done = cli("generate", *options, "-o", str(file))
    assert done.returncode == 0, done.stderr
    return json.loads(file.read_text("utf-8"))


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Customers 10 to 1,000: everybody who is not special."""
    world = generate(tmp_path_factory.mktemp("thousand"), "--customers", "1000", "--seed", "1")
    return [customer for customer in world["customers"] if customer["id"] > 9]


def test_the_world_version_is_the_digest_of_a_thousand_customers(tmp_path: Path, server: Server) -> None:
    file = tmp_path / "world.json"
    assert cli_process("generate", "--customers", "1000", "--seed", "1", "-o", str(file)).returncode == 0
    assert hashlib.sha256(file.read_bytes()).hexdigest() == RECORDED
    health = ask(server.port, "/_fakekit/health").json()
    assert isinstance(health, dict)
    assert health["world"] == RECORDED[:12]


def test_neither_size_nor_day_nor_process_changes_anybody(tmp_path: Path) -> None:
    small = generate(tmp_path, "--customers", "40", "--seed", "9")
    large = generate(tmp_path, "--customers", "400", "--seed", "9")
    assert large["customers"][:40] == small["customers"]
    assert large["customer_groups"] == small["customer_groups"]


def test_neither_order_nor_threads_change_anybody(server: Server, tmp_path: Path) -> None:
    world = generate(tmp_path, "--customers", "50")
    keys = [key for key in range(50, 0, -1) for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda key: ask(server.port, f"/api/v1/customers/{key}").json(), keys))
    for key, reply in zip(keys, replies, strict=True):
        assert isinstance(reply, dict)
        assert reply["data"]["customer"] == world["customers"][key - 1]


def test_another_seed_is_another_world(tmp_path: Path) -> None:
    one = generate(tmp_path, "--customers", "300", "--seed", "1")["customers"]
    two = generate(tmp_path, "--customers", "300", "--seed", "2")["customers"]
    assert one[0] == two[0]  # Jane
    names = [{c["customer_name"] for c in world[9:]} for world in (one, two)]
    assert len(names[0] & names[1]) < 20
    shifted = sum(a["customer_name"] == b["customer_name"] for a, b in zip(one[10:], two[9:], strict=False))
    assert shifted < 10


@pytest.mark.slow
def test_a_million_customers_cost_nothing_until_they_are_asked_for(tmp_path: Path) -> None:
    with serving(tmp_path, "--customers", "1000000") as running:
        reply = ask(running.port, "/api/v1/customers/1000000")
        assert reply.status == 200
        assert ask(running.port, "/api/v1/customers/1000001").status == 404


@pytest.mark.parametrize("seed", ["1", "2", "-5", "20261125"])
def test_personas_are_hard_in_the_same_way_in_every_seed(tmp_path: Path, seed: str) -> None:
    people = {c["id"]: c for c in generate(tmp_path, "--customers", "9", "--seed", seed)["customers"]}
    assert people[1]["customer_name"] == "Jane Doe"
    assert people[2]["customer_group_id"] is None
    assert [people[3][name] for name in OPTIONAL] == [None] * 6
    assert "-" in people[4]["customer_name"]
    assert unicodedata.normalize("NFD", people[4]["customer_name"]) != people[4]["customer_name"]
    assert len(people[5]["customer_name"]) > 200
    assert len(people[5]["address1"]) > 400
    assert people[6]["customer_country"] != "Ghana"
    assert people[7]["customer_whatsapp"] is None
    assert people[7]["customer_email"]
    assert "'" in people[8]["customer_name"]
    assert people[9]["customer_name"] == "王秀英"
    assert people[9]["customer_email"].isascii()


def test_personas_are_listed(tmp_path: Path) -> None:
    done = cli("personas")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [tuple(line.split()[:2]) for line in lines[1:]] == [
        *(("customers", str(key)) for key in range(2, 10)),
        *(("sales", str(key)) for key in range(2, 7)),
        *(("items", str(key)) for key in range(2, 5)),
        *(("expenses", str(key)) for key in range(2, 5)),
    ]
    assert "customers  3   every optional field null" in lines
    assert max(map(len, lines)) <= 80


REGIONS = {
    "Ahafo",
    "Ashanti",
    "Bono",
    "Bono East",
    "Central",
    "Eastern",
    "Greater Accra",
    "North East",
    "Northern",
    "Oti",
    "Savannah",
    "Upper East",
    "Upper West",
    "Volta",
    "Western",
    "Western North",
}


def test_five_in_six_live_in_ghana_in_all_sixteen_regions(thousand: list[dict[str, Any]]) -> None:
    ghana = [c for c in thousand if c["customer_country"] == "Ghana"]
    assert 0.80 < len(ghana) / len(thousand) < 0.86
    assert {c["customer_state"] for c in ghana} == REGIONS
    assert {c["customer_country"] for c in thousand} == {"Ghana", "United Kingdom", "United States"}


def test_a_city_lies_in_one_region_only(thousand: list[dict[str, Any]]) -> None:
    regions: dict[str, set[str]] = {}
    for c in thousand:
        regions.setdefault(c["customer_city"], set()).add(c["customer_state"])
    assert all(len(found) == 1 for found in regions.values())
    known = {
        "Accra": "Greater Accra",
        "Kumasi": "Ashanti",
        "Tamale": "Northern",
        "Ho": "Volta",
        "Wa": "Upper West",
    }
    assert {city: regions[city] for city in known} == {city: {state} for city, state in known.items()}


NUMBERS = {
    "Ghana": r"\+23340\d{7}",
    "United Kingdom": r"\+447700900\d{3}",
    "United States": r"\+1[2-9]\d\d55501\d\d",
}


def test_phone_numbers_belong_to_nobody_and_to_the_country(thousand: list[dict[str, Any]]) -> None:
    for c in thousand:
        for number in (c["customer_phone"], c["customer_whatsapp"]):
            assert number is None or re.fullmatch(NUMBERS[c["customer_country"]], number)


def test_mail_addresses_are_under_example_and_nobody_shares_one(thousand: list[dict[str, Any]]) -> None:
    addresses = [c["customer_email"] for c in thousand if c["customer_email"]]
    assert all(re.fullmatch(r"[a-z0-9.]+@example\.(com|org|net)", a) for a in addresses)
    assert len(set(addresses)) == len(addresses)


def test_names_of_people_abroad_are_of_their_country(thousand: list[dict[str, Any]]) -> None:
    from faker import Factory

    person = "faker.providers.person"
    lists = {}
    for country, locale in (("United Kingdom", "en_GB"), ("United States", "en_US")):
        known: Any = Factory.create(locale, providers=[person]).provider(person)
        lists[country] = (set(known.first_names), set(known.last_names))
    for c in thousand:
        if c["customer_country"] == "Ghana" or c["customer_name"].endswith(" Ltd"):
            continue  # the tests of invariants have names in Ghana, and companies
        firsts, lasts = lists[c["customer_country"]]
        words = c["customer_name"].split(" ")
        splits = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
        assert any(first in firsts and last in lasts for first, last in splits), c["customer_name"]
    assert len({c["customer_name"] for c in thousand}) > 900


def test_nothing_was_updated_before_it_was_created(thousand: list[dict[str, Any]]) -> None:
    assert all("2024-08-05" <= c["created_at"] <= c["updated_at"] < "2025-03-03" for c in thousand)
    assert any(c["created_at"] < c["updated_at"] for c in thousand)


def test_nulls_have_modest_shares(thousand: list[dict[str, Any]]) -> None:
    nulls = Counter(name for c in thousand for name, value in c.items() if value is None)
    assert set(nulls) == set(OPTIONAL)
    assert all(0.05 < count / len(thousand) < 0.5 for count in nulls.values())


def test_there_are_four_groups_beside_the_documented_one(tmp_path: Path) -> None:
    groups = generate(tmp_path, "--customers", "10")["customer_groups"]
    assert [group["id"] for group in groups] == [1, 2, 3, 4, 5]
    assert groups[0]["group_name"] == "Premium Customers"
    assert len({group["group_name"] for group in groups}) == 5


@given(st.integers(-(2**63), 2**63 - 1), st.integers(10, 10**6))
def test_whoever_is_derived_passes_the_schema_without_a_warning(seed: int, key: int) -> None:
    from fakekit.resources import RESOURCES
    from fakekit.world.world import World

    found = World(RESOURCES, seed, {"customers": 10**6}, {}).find("customers", key)
    assert found is not None
    assert RESOURCES["customers"].record_schema.read(found) == found
    assert RESOURCES["customers"].record_schema.form_problems(found) == []
