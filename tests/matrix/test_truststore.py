"""truststore in the place of `ssl.SSLContext`: calls of every client are intercepted."""

from __future__ import annotations

import ssl

import pytest
import truststore
from intercepted import CLIENTS, name_in

from fakekit import Handle


@pytest.mark.parametrize("client", list(CLIENTS))
@pytest.mark.fakekit(intercept=True)
def test_an_intercepted_call_reaches_the_fake(client: str, xtrakit: Handle) -> None:
    assert ssl.SSLContext is truststore.SSLContext
    assert name_in(CLIENTS[client]()) == xtrakit.customer(1)["customer_name"]
    xtrakit.assert_requested("GET", "customers/1", times=1)
