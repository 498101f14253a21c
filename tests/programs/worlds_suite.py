import pytest


@pytest.mark.fakekit(seed=1)
def test_a_mark_is_more_than_what_the_server_was_started_with(xtrakit):
    assert (xtrakit.about["seed"], xtrakit.customer(8)["customer_name"]) == (1, "Nana Ama O'Brien")


class TestFixture:
    @pytest.fixture
    def fakekit_settings(self):
        return {"seed": 1}

    def test_so_is_a_fixture(self, xtrakit):
        assert xtrakit.about["seed"] == 1


@pytest.mark.fakekit(invoice_prefix="KS/")
def test_a_mark_sets_the_prefix_of_invoice_numbers(xtrakit):
    assert xtrakit.add("sales")["invoice_number"].startswith("KS/")
