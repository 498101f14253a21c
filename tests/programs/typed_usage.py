from flask import Flask
import fakekit

settings: fakekit.Settings = fakekit.Settings.of(seed=7)
app: Flask = fakekit.create_app(settings)


def test_x(xtrakit: fakekit.Handle) -> None:
    key: str = xtrakit.api_key
    added: dict[str, object] = xtrakit.add_customer(customer_name="Ama")
    xtrakit.change("customers", 1, customer_name="x")


with fakekit.FakeServer(seed=1) as handle:
    headers: dict[str, str] = handle.headers
server = fakekit.FakeServer(settings, customers=3)
other: fakekit.Handle = server.account("fk_other")
