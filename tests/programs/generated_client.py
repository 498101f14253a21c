import sys
from xtra_kit_api_as_fakekit_answers_it_client import AuthenticatedClient
from xtra_kit_api_as_fakekit_answers_it_client.api.customers import (
    add_customer,
    fetch_customer,
    list_customers,
)
from xtra_kit_api_as_fakekit_answers_it_client.api.sales import fetch_sale
from xtra_kit_api_as_fakekit_answers_it_client.models import AddCustomer

client = AuthenticatedClient(base_url=sys.argv[1], token="fk_generated")
jane = fetch_customer.sync("1", client=client)
print(jane.data.customer.customer_name, jane.data.customer_group[0].group_name)
print(fetch_customer.sync("999", client=client))
print(list_customers.sync(client=client, customer_group_id=1).message)
body = AddCustomer(
    customer_name="Ama",
    customer_phone="+233401234567",
    customer_country="Ghana",
    customer_city="Accra",
    customer_state="Greater Accra",
    address1="12 Market Street",
)
print(add_customer.sync(client=client, body=body).data.customer.id)
sale = fetch_sale.sync("324232", client=client)
print(sale.data.sales.invoice_code, sale.data.sales_item[0].invoice_code)
