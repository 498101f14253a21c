"""The JSON Schema of fixture files, made from the marshmallow schemas that read them.

apispec converts them, as it does for OpenAPI; marshmallow-jsonschema, the alternative, has had no release
since 2021.
"""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps, loads

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.endpoint import Resource
from fakekit.documentation import FIXTURE_SCHEMA

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def fixture_schema(resources: Mapping[str, Resource]) -> dict[str, object]:
    """Return a JSON Schema (2020-12) as a dict, with which an editor can check fixture files.

    resources: the resources whose records a fixture file may have, by name.

    Text fields also allow numbers: an editor reads an unquoted 00233 as a number, fakekit as text.
    """
    spec = APISpec("fixtures", "1", "3.1.0", plugins=[MarshmallowPlugin()])
    for resource in resources.values():
        spec.components.schema(resource.name, schema=resource.record_schema)
    # apispec writes references for OpenAPI; a JSON Schema has its definitions under $defs.
    components = dumps(spec.to_dict()["components"]["schemas"])
    records = loads(components.replace("#/components/schemas/", "#/$defs/"))
    for record in records.values():
        for declared in record["properties"].values():
            types = declared["type"] if isinstance(declared["type"], list) else [declared["type"]]
            if "string" in types:
                declared["type"] = [*types, "number"]
    array_by_name = {name: {"type": "array", "items": {"$ref": f"#/$defs/{name}"}} for name in resources}
    ids = {"type": "array", "items": {"type": "integer", "minimum": 1}}
    removed = {"type": "object", "properties": dict.fromkeys(resources, ids), "additionalProperties": False}
    population = {"type": "integer", "minimum": 0, "maximum": LARGEST_POPULATION}
    return {
        "$schema": DIALECT,
        "$id": FIXTURE_SCHEMA,
        "title": "fakekit fixture file",
        "type": "object",
        "properties": {**array_by_name, "population": population, "removed": removed},
        "additionalProperties": False,
        "$defs": records,
    }
