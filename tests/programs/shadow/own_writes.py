"""Reads what its own writes have done, and cleans up, as a test suite would; the first sale has the code argv[1]."""

import os
import sys

import requests

URL = "https://app.xtrakit.com/api/v1/"
GROUP = {"group_name": "VIP", "group_description": "Very"}
CUSTOMER = {
    "customer_name": "Ama Mensah",
    "customer_phone": "+233201112223",
    "customer_country": "Ghana",
    "customer_city": "Kumasi",
    "customer_state": "Ashanti",
    "address1": "4 Harper Road",
}
ITEM = {
    "category_id": 1,
    "unit": "pcs",
    "unit_cost": 40.5,
    "item_price": 55.0,
    "quantity": "12",
    "online": 1,
    "status": "available",
}
SALE = {
    "invoice_number": "000123",
    "customer_id": 1,
    "sub_total_amount": "10.00",
    "total_amount": "12.50",
    "amount_paid": "12.50",
    "invoice_type": "pos",
    "payment_type": "Cash",
}
session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['XTRAKIT_API_KEY']}"
statuses = []


def ask(method, path, fields=None):
    """The record of a response; None without one."""
    response = session.request(method, URL + path, json=fields, timeout=30)
    statuses.append(response.status_code)
    data = response.json().get("data") if response.content else None
    return next(iter(data.values()), None) if data else None


code = int(sys.argv[1])
for _ in range(2):
    group = ask("POST", "customer-groups/add", GROUP)["id"]
    customer = ask("POST", "customers/add", {**CUSTOMER, "customer_group_id": group})["id"]
    ask("GET", f"customers/{customer}")
    ask("DELETE", f"customer-groups/{group}")
    ask("GET", f"customers/{customer}")
for number, name in enumerate(("items", "sales-item")):
    item = ask("POST", "inventory/items/add", {**ITEM, "item_name": f"Kettle {code} {number}"})
    line = {"item_name": item["item_name"], "unit_price": "5.00", "quantity": "2"}
    ask("GET", "inventory/items")
    sale = {**SALE, "invoice_code": str(code + number), name: [line]}
    ask("POST", "sales/add", sale)
    ask("GET", f"sales/{code + number}")
    ask("GET", f"inventory/items/{item['item_code'].strip()}")
last = {**SALE, "invoice_code": str(code + 2)}
store = ask("POST", "sales/add", last)["id"]
ask("POST", "sales/add", last)
for method in ("GET", "DELETE", "GET"):
    ask(method, f"stores/{store}")
for number in range(3):
    ask("DELETE", f"sales/{code + number}")
print(*statuses)
