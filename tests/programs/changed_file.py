import pathlib
import pytest, fakekit


@pytest.fixture
def fakekit_settings(request, tmp_path_factory):
    file = pathlib.Path(request.config.rootpath) / "w.yaml"
    file.write_text(f"population: {request.param}\n")
    return fakekit.Settings.of(seed=3, fixtures=[file])


@pytest.mark.parametrize("fakekit_settings", range(10, 22), indirect=True)
def test_sizes(xtrakit, fakekit_settings, request):
    wanted = request.node.callspec.params["fakekit_settings"] + 1
    assert xtrakit.add_customer()["id"] == wanted
    assert not xtrakit.origin.endswith(":4310")
