"""Warehouses: a toy, to see what a declaration brings."""

from typing import Any

from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.envelope import Envelope, Part
from fakekit.contract.fields import Text, Timestamp
from fakekit.contract.numbers import Id
from fakekit.contract.provenance import assumed
from fakekit.contract.requests import Body
from fakekit.contract.schema import RecordSchema
from fakekit.resources.handlers import add_record, fetch_record, list_records
from fakekit.world.history import created_and_updated
from fakekit.world.random_values import RandomSource

TOY = assumed("endpoint.by_analogy")


class WarehouseSchema(RecordSchema):
    id = Id(example=1, truth=TOY)
    warehouse_name = Text(example="Tema", truth=TOY)
    created_at = Timestamp(example="2024-08-04 08:23:45", truth=TOY)
    updated_at = Timestamp(example="2024-08-04 08:23:45", truth=TOY)


def warehouse(random: RandomSource) -> dict[str, Any]:
    created_at, updated_at = created_and_updated(random)
    name = random.pick("name", ("Tema", "Kumasi", "Takoradi"))
    return {"id": random.key, "warehouse_name": name, "created_at": created_at, "updated_at": updated_at}


ONE = {"warehouse": Part(WarehouseSchema)}
RESOURCE = Resource(
    name="warehouses",
    label="Warehouse",
    schema=WarehouseSchema(),
    count=3,
    generate=warehouse,
    endpoints=(
        Endpoint(
            "list_warehouses",
            "GET",
            "warehouses",
            Envelope("Warehouses found: {count}", {"warehouses": Part(WarehouseSchema, many=True)}),
            list_records,
            TOY,
        ),
        Endpoint(
            "fetch_warehouse", "GET", "warehouses/{id}", Envelope("Warehouse found", ONE), fetch_record, TOY
        ),
        Endpoint(
            "add_warehouse",
            "POST",
            "warehouses/add",
            Envelope("Warehouse added successfully", ONE),
            add_record,
            TOY,
            body=Body("AddWarehouse", WarehouseSchema, TOY, ("warehouse_name",)),
        ),
    ),
)
