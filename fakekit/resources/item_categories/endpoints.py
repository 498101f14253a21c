"""The endpoints of item categories: the list is documented, the rest by analogy."""

from __future__ import annotations

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import Envelope, Part
from fakekit.contract.fields import Text
from fakekit.contract.filters import Filter, Query, match_field
from fakekit.contract.provenance import assumed, documented
from fakekit.contract.requests import Body
from fakekit.contract.schema import Record
from fakekit.resources.handlers import (
    BY_ANALOGY,
    CASCADE,
    add_record,
    created_range,
    delete_endpoint,
    edit_record,
    fetch_record,
    list_records,
)
from fakekit.resources.item_categories.schema import ItemCategorySchema

_NAME = Text(example="Protein", truth=documented("list-item-categories"), note="categories of that name")
_ONE = {"item-category": Part(ItemCategorySchema)}


def _contains_name(record: Record, part: str) -> bool:
    """Return whether the name of a category contains a text in upper or lower case, as by SQL's LIKE."""
    return part.casefold() in record["category_name"].casefold()


ENDPOINTS = (
    Endpoint(
        operation="list_item_categories",
        method="GET",
        route="inventory/categories",
        envelope=Envelope("Item categories found", {"item-categories": Part(ItemCategorySchema, many=True)}),
        handler=list_records,
        truth=documented("list-item-categories"),
        query=Query(
            category_name=Filter(
                _NAME,
                match_field("category_name"),
                assumed("filter.category_name"),
                {"contains": _contains_name},
            ),
            **created_range("list-item-categories"),
        ),
    ),
    Endpoint(
        operation="fetch_item_category",
        method="GET",
        route="inventory/categories/{id}",
        envelope=Envelope("Item category found", _ONE),
        handler=fetch_record,
        truth=BY_ANALOGY,
    ),
    Endpoint(
        operation="add_item_category",
        method="POST",
        route="inventory/categories/add",
        envelope=Envelope("Item category added successfully", _ONE),
        handler=add_record,
        truth=BY_ANALOGY,
        body=Body("AddItemCategory", ItemCategorySchema, BY_ANALOGY, required=("category_name",)),
    ),
    Endpoint(
        operation="edit_item_category",
        method="PUT",
        route="inventory/categories/{id}",
        envelope=Envelope("Item category updated successfully", _ONE),
        handler=edit_record,
        truth=BY_ANALOGY,
        body=Body("EditItemCategory", ItemCategorySchema, BY_ANALOGY, required=("category_name",)),
    ),
    delete_endpoint("delete_item_category", "inventory/categories/{id}", "Item category", CASCADE),
)
