import pytest


def test_conftest(xtrakit):
    assert xtrakit.add_customer()["id"] == 8


class TestClass:
    @pytest.fixture
    def fakekit_settings(self):
        return {"customers": 20}

    def test_class(self, xtrakit):
        assert xtrakit.add_customer()["id"] == 21

    @pytest.mark.fakekit(customers=30)
    def test_mark_wins(self, xtrakit):
        assert xtrakit.add_customer()["id"] == 31
