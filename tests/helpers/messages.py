"""What users do wrong and what they are told: the rows that tests try, and docs/troubleshooting.md is made from."""

from __future__ import annotations

import os

IN_PYTHON: tuple[tuple[str, str], ...] = (
    ('xtrakit.create_customer', "a handle has no attribute 'create_customer'; write add_customer(...)"),
    ('xtrakit.get_customer(1)', "a handle has no attribute 'get_customer'; write customer(1)"),
    ('xtrakit.update_customer', 'a handle has no attribute \'update_customer\'; write change("customers", 1, ...)'),
    ('xtrakit.create_sale', 'a handle has no attribute \'create_sale\'; write add("sales", ...)'),
    ('xtrakit.get_group', "a handle has no attribute 'get_group'; write group(1)"),
    ('xtrakit.delete', 'a handle has no attribute \'delete\'; write remove("customers", 1)'),
    ('xtrakit.calls', "a handle has no attribute 'calls'; write requests"),
    ('xtrakit.history', "a handle has no attribute 'history'; write requests"),
    ('xtrakit.stub', 'a handle has no attribute \'stub\'; write respond("GET", "customers/1", json={...})'),
    ('xtrakit.mock', 'a handle has no attribute \'mock\'; write respond("GET", "customers/1", json={...})'),
    ('xtrakit.freeze("now")', "a handle has no attribute 'freeze'; write clock.freeze(...)"),
    ('xtrakit.assert_called', 'a handle has no attribute \'assert_called\'; write assert_requested("GET", "customers/1")'),
    ('xtrakit.assert_not_requested', 'a handle has no attribute \'assert_not_requested\'; write assert_requested("GET", "customers/1", times=0)'),
    ('xtrakit.snapshott', "a handle has no attribute 'snapshott'; write snapshot"),
    ('xtrakit.zzz', "a handle has no attribute 'zzz'"),
    ('xtrakit.assert_requested("GET", "customers/1", count=2)', "assert_requested() has no argument 'count'; write times"),
    ('xtrakit.assert_requested("GET", "customers/1", params={})', "assert_requested() has no argument 'params'; write query"),
    ('xtrakit.wait_for("GET", "customers/1", body={})', "wait_for() has no argument 'body'; write json"),
    ('xtrakit.wait_for("GET", "customers/1", timeout="1")', "timeout: must be a number of seconds; found '1'; write timeout=5"),
    ('xtrakit.fail(status_code=503)', "fail() has no argument 'status_code'; write fail(503)"),
    ('xtrakit.fail(kind="reset", times=2)', "fail() has no argument 'kind'; write fail('reset')"),
    ('xtrakit.fail()', "Handle.fail() missing 1 required positional argument: 'status'"),
    ('xtrakit.fail(503, url="customers/1")', "fault: fail: url: is not a setting of fail; write path"),
    ('xtrakit.delay(ms=200)', "delay() has no argument 'ms'; write seconds"),
    ('xtrakit.record("customers", id=1)', "record() has no argument 'id'; write record('customers', 1)"),
    ('xtrakit.clock.advance(seconds=60)', "advance() has no argument 'seconds'; write advance(60)"),
    ('xtrakit.fail("timeout")', "fail: has no such fault; found 'timeout'; write delay(seconds), up to 60"),
    ('xtrakit.fail("503")', "fail: takes a status as a number; found '503'; write fail(503)"),
    ('xtrakit.fail("unauthorized")', "fail: takes a status as a number; found 'unauthorized'; write fail(401)"),
    ('xtrakit.fail(503, json={})', 'fail: json: is not a setting of a failure; write respond("GET", "customers/1", status=503, json=...)'),
    ('xtrakit.add("sales", total=3)', 'sales.total: is not a field of this record; write total_amount'),
    ('xtrakit.add_customer(customer_zip=233)', 'customers.customer_zip: must be text; found 233; write something like customer_zip="00233"'),
    ('xtrakit.add("sales", customer_id=42)', 'sales.customer_id: must be a whole number in a string; found 42; write something like customer_id="42"'),
    ('xtrakit.add_customer(customer_group_id="2")', "customers.customer_group_id: must be a whole number; found '2'; write customer_group_id=2"),
    ('xtrakit.add("sales", total_amount=3)', 'sales.total_amount: must be an amount in text, such as "10.00"; found 3; write something like total_amount="200.00"'),
    ('xtrakit.add("sales", **{"sales-item": [{"item_name": "Soap", "quantity": 2, "unit_price": "100.00"}]})', 'sales.sales-item[0].quantity: must be text; found 2; write something like "quantity": "2"'),
    ('xtrakit.change("customers", 1, created_at="2024-08-04")', 'customers.created_at: must be a date and time, YYYY-MM-DD HH:MM:SS; found \'2024-08-04\'; write created_at="2024-08-04 00:00:00"'),
    ('xtrakit.add_customer(id=1)', 'customers.id: is the id of a record that exists; found 1; write change("customers", 1, ...)'),
    ('xtrakit.customer(9999)', 'customers 9999: does not exist: the population ends at 50; write add_customer(id=9999), or mark the test @pytest.mark.fakekit(customers=9999)'),
    ('xtrakit.group(99)', 'customer_groups 99: does not exist: the generated customer_groups end at 5; write add_group(id=99)'),
    ('xtrakit.restore(xtrakit.snapshot() and "nope")', 'snapshot: no snapshot has this name; write one of s1'),
    ('fakekit.FakeServer(1)', 'FakeServer: takes a fakekit.Settings, or settings by name; found 1; write FakeServer(seed=1)'),
    ('fakekit.connect(4310)', 'url: must be text; found 4310; write "http://127.0.0.1:4310"'),
)  # fmt: skip
"""A mistake in a test, as a line of Python, and the text of the exception."""

IN_FILES = (
    ("json", '{"population": "7"}', "population: must be a whole number from 0 to 1,000,000; found '7'; write \"population\": 50"),
    ("yaml", "population: many\n", "population: must be a whole number from 0 to 1,000,000; found 'many'; write population: 50"),
    ("json", '{"customers": {"id": 1}}', "customers: must be a list of records; found {\"id\": 1}; write brackets around the records"),
    ("yaml", "customers: {id: 1}", "customers: must be a list of records; found {\"id\": \"1\"}; write a dash in front of each record"),
    ("json", '{"removed": {"customers": 3}}', 'removed: must be a list of ids; found 3; write "removed": {"customers": [3, 4]}'),
)  # fmt: skip
"""The kind of a fixture file, its text, and what `fakekit check` prints behind file and line."""

OVER_HTTP = (
    ("GET", "customers/51", "the population ends at 50; start with --customers 51, or add it to a fixture file"),
    ("GET", "customer-groups/99", "the generated customer_groups end at 5; add one, here or in a fixture file"),
    ("GET", "customers/abc", "an id is a whole number from 1, without sign, leading zero or anything else"),
    ("GET", "customers?page=2", "not read: page; the vendor documents no pagination: every record is already in this answer"),
    ("GET", "suppliers", "fakekit has no such endpoint; /_fakekit/openapi.json lists those that it has"),
    ("GET", "products", "fakekit has no such endpoint; /_fakekit/openapi.json lists those that it has"),
    ("GET", "costumers", "fakekit has no such endpoint (nearest: GET /api/v1/customers)"),
    ("GET", "items", "fakekit has no such endpoint (nearest: GET /api/v1/inventory/items)"),
    ("POST", "customers", "fakekit answers GET here; request POST /api/v1/customers/add"),
    ("POST", "customers/1", "fakekit answers DELETE, GET, PUT here; request POST /api/v1/customers/add"),
    ("PATCH", "customers/1", "fakekit answers DELETE, GET, PUT here; request PUT /api/v1/customers/{id}"),
    ("DELETE", "customers", "fakekit answers GET here; request DELETE /api/v1/customers/{id}"),
    ("POST", "inventory/items", "fakekit answers GET here; request POST /api/v1/inventory/items/add"),
    ("PUT", "sales/324232", "fakekit answers DELETE, GET here; request PUT /api/v1/sales/edit/{invoice_code}"),
    ("GET", "sales/edit/324232", "fakekit answers PUT here; request GET /api/v1/sales/{invoice_code}"),
    ("GET", "sales/1", "sales are requested by invoice_code, not by id; no sale has this invoice_code; the list of sales has them all"),
    ("GET", "inventory/items/1", "items are requested by item_code, not by id; no item has this item_code; the list of items has them all"),
)  # fmt: skip
"""Method and path of a request with a valid key, and the note of its answer."""

AT_THE_COMMAND_LINE: tuple[tuple[tuple[str, ...], dict[str, str], str], ...] = (
    (("generate", "-o", "x.txt"), {}, "error: --output: must end in .yaml, .yml or .json, or have no suffix; found x.txt; write --output x.yaml"),
    (("generate",), {"FAKEKIT_FIXTURES": "a.yaml,b.yaml"}, f"error: FAKEKIT_FIXTURES: has commas between paths; found a.yaml,b.yaml; write a.yaml{os.pathsep}b.yaml"),
    (("generate", "--fixtures", "a.yaml,b.yaml"), {}, "error: --fixtures: has commas between paths; found a.yaml,b.yaml; write --fixtures a.yaml --fixtures b.yaml"),
    (("generate",), {"FAKEKIT_FAULTS": "fail=503,slow=2s"}, "error: FAKEKIT_FAULTS: fail: slow: is a fault of its own; write ~slow for ,slow: several faults have ~ between them"),
    (("generate", "--fault", "timeout"), {}, "error: --fault: is not a kind of fault; found 'timeout'; write slow=30s"),
    (("serve", "--changes", "shop.yaml"), {}, "error: --changes: is gone: the setting state keeps all that the account of every key has; write --state FILE, and --fixtures OLD-FILE for a file that changes wrote"),
    (("serve", "--workers", "4"), {}, "error: --workers: needs a store that all workers share; in memory, each would have accounts of its own; found 4; write --state FILE as well, or --workers 1"),
    (("serve", "--state", "mysql://ama:secret@db/fake"), {}, "error: --state: must be memory, the name of a file, or postgresql://USER@HOST/DATABASE; found mysql://ama:...@db/fake; write postgresql://USER@HOST/DATABASE"),
    (("generate", "--fault", "503"), {}, "error: --fault: is not NAME=VALUE with commas between; write fail=503"),
    (("generate", "--fault", "status=401"), {}, "error: --fault: is not a kind of fault; found 'status'; write fail=401"),
    (("check", "spaces.yaml"), {}, "error: spaces.yaml:2: has a no-break space (U+00A0) at column 8, where YAML reads only spaces; write a space"),
    (("check", "indented.yaml"), {}, "error: indented.yaml:2: has a no-break space (U+00A0) at column 1, where YAML reads only spaces; write a space"),
    (("check", "flow.yaml"), {}, "error: flow.yaml:2: has a no-break space (U+00A0) at column 9, where YAML reads only spaces; write a space"),
    (("check", "behind.yaml"), {}, "error: behind.yaml:5: has a no-break space (U+00A0) at column 1, where YAML reads only spaces; write a space"),
    (("check", "sale.yaml"), {}, "error: sale.yaml:3: sales[0].total: is not a field of this record; write total_amount"),
)  # fmt: skip
"""A command, the variables of its environment, and a line that it prints."""

AUTHORIZATION = (
    ("", "the request has no Authorization header; send Authorization: Bearer fk_demo"),
    ("Bearer API_KEY", "this is the literal API_KEY of the vendor's sample; send a key instead, for example fk_demo"),
    ("Bearer YOUR_API_KEY", "this is a placeholder that was not filled in; send a key instead, for example fk_demo"),
    ("Bearer sk_live_12", "this is not a key of fakekit: fk_ and 1 to 64 of A-Z a-z 0-9 _ -; use fk_demo"),
    ("Bearer fk_my.test", "a character of the key is not one that a key may have; a key is fk_ and 1 to 64 of A-Z a-z 0-9 _ -"),
    ("Bearer fk_test-fail=503", "no ~ stands between the key and its fault; write fk_name~fail=503"),
    ("Token fk_demo", "the scheme is Token, not Bearer; send Authorization: Bearer fk_demo"),
    ("fk_demo", "the key came without a scheme; put Bearer and a space in front of it: send Authorization: Bearer fk_demo"),
    ('Bearer "fk_demo"', "there are quotes around the key; send it without them"),
    ("Bearer fk_demo~fial=503", "the fault in the key: fial is not a kind of fault; found ~fial=503; write ~fail=503"),
    ("Bearer fk_demo~status=401", "the fault in the key: status is not a kind of fault; found ~status=401; write ~fail=401"),
    ("Bearer fk_demo~fail = 503", "the fault in the key: has a space in it, as no key has; found ~fail = 503; write ~fail=503"),
)  # fmt: skip
"""The Authorization header of a request, and the note of the answer 401."""
