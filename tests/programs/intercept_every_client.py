from intercept_clients import *


@pytest.mark.fakekit(intercept=True)
@pytest.mark.parametrize("turn", ["one", "two"])
@pytest.mark.parametrize("way", WAYS)
def test_way(way, turn, xtrakit):
    xtrakit.change("customers", 1, customer_name=turn)
    assert name(way(URL, KEY)) == turn
    if turn == "two":
        return
    assert name(way(URL, {"Authorization": "Bearer fk_another"})) == turn
    assert name(way(URL.replace("https", "http"), KEY)) == turn
    assert name(way(URL.replace("app.x", "API.X"), KEY)) == turn
    assert name(way(URL, {})) == "Unauthorized: Missing Bearer Token"
    assert name(way(URL, {"Authorization": "Basic UkVBTA=="})) == "Unauthorized: Missing Bearer Token"


@pytest.mark.parametrize("way", WAYS)
def test_kept_connections_lead_nowhere_once_the_test_is_over(way):
    with pytest.raises(Exception):
        way(URL, KEY)


@pytest.mark.fakekit(intercept="strict")
def test_the_key_is_checked_as_it_came(xtrakit):
    xtrakit.change("customers", 1, customer_name="mine")
    assert name(by_requests(URL, KEY)) == "Unauthorized: Invalid API Key"
    assert name(by_requests(URL, {})) == "Unauthorized: Missing Bearer Token"
    assert name(by_requests(URL, {"Authorization": "Bearer fk_another"})) == "Jane Doe"
    assert name(by_requests(URL, xtrakit.headers)) == "mine"
