import asyncio, contextlib
import aiohttp, pytest, requests, trap
from fakekit.server.authority import Authority
from fakekit.intercept.gateway import Gateway

URL = "https://app.xtrakit.com/api/v1/customers/1"
KEY = {"Authorization": "Bearer fk_kept"}
session, runner, clients = requests.Session(), asyncio.Runner(), []
session.trust_env = False


def by_requests():
    return session.get(URL, headers=KEY).json()


def by_aiohttp():
    async def get():
        async with clients[0].get(URL, headers=KEY) as answer:
            return await answer.json()

    return runner.run(get())


@pytest.fixture(scope="module")
def real():
    authority = Authority()
    tls = authority.server_context("app.xtrakit.com", "api.xtrakit.com")
    service = Gateway(f"http://127.0.0.1:{trap.PORT}", tls, lambda key: key)
    service.start()
    trap.answer_with(service.port)
    yield authority.certificate
    service.stop()
    session.close()
    runner.run(clients[0].close())
    runner.close()


@pytest.mark.fakekit(allow_real=True)
def test_allowed(real, tmp_path):
    import ssl

    session.verify = str(tmp_path / "trusted.pem")
    (tmp_path / "trusted.pem").write_bytes(real)

    async def make():
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cadata=real.decode()))
        clients.append(aiohttp.ClientSession(connector=connector))

    runner.run(make())
    assert by_requests() == by_aiohttp() == by_requests() == {}


@pytest.mark.parametrize("way", [by_requests, by_aiohttp])
def test_after_it(real, way):
    with contextlib.suppress(Exception):
        way()
