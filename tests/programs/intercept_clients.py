import asyncio, http.client, socket, ssl, urllib.request
import aiohttp, httpx, pytest, requests, trap, urllib3

URL = "https://app.xtrakit.com/api/v1/customers/1"
KEY = {"Authorization": "Bearer REAL"}
session, client, pool = requests.Session(), httpx.Client(), urllib3.PoolManager()
runner = asyncio.Runner()


def by_requests(url, headers):
    return session.get(url, headers=headers).json()


def by_requests_anew(url, headers):
    return requests.get(url, headers=headers).json()


def by_httpx(url, headers):
    return client.get(url, headers=headers).json()


def by_urllib3(url, headers):
    return pool.request("GET", url, headers=headers).json()


def by_urllib(url, headers):
    import json

    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)


def by_http_client(url, headers):
    import json

    kind = http.client.HTTPSConnection if url.startswith("https") else http.client.HTTPConnection
    connection = kind(url.split("/")[2])
    connection.request("GET", "/" + url.split("/", 3)[3], headers=headers)
    answer = json.load(connection.getresponse())
    connection.close()
    return answer


async def make():
    return httpx.AsyncClient(), aiohttp.ClientSession()


async_client, async_session = runner.run(make())


def by_httpx_async(url, headers):
    async def get():
        return (await async_client.get(url, headers=headers)).json()

    return runner.run(get())


def by_aiohttp(url, headers):
    async def get():
        async with async_session.get(url, headers=headers) as answer:
            return await answer.json()

    return runner.run(get())


WAYS = [
    by_requests,
    by_requests_anew,
    by_httpx,
    by_urllib3,
    by_urllib,
    by_http_client,
    by_httpx_async,
    by_aiohttp,
]


def name(answer):
    return answer["data"]["customer"]["customer_name"] if "data" in answer else answer["error"]


@pytest.fixture(scope="session", autouse=True)
def closed():
    yield
    session.close()
    client.close()
    pool.clear()

    async def close():
        await async_client.aclose()
        await async_session.close()

    runner.run(close())
    runner.close()
