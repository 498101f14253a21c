import asyncio, contextlib, http.client, socket, ssl, subprocess, sys, threading, urllib.request
import aiohttp, httpx, pytest, requests, trap, urllib3

URL = "https://app.xtrakit.com/api/v1/customers/1"
PLAIN = "http://app.xtrakit.com/api/v1/customers/1"
PROXY = f"http://127.0.0.1:{trap.PORT}"
KEY = {"Authorization": "Bearer REAL"}
session, client, pool = requests.Session(), httpx.Client(), urllib3.PoolManager()
swallowed = contextlib.suppress(Exception)


def by_http_client():
    connection = http.client.HTTPSConnection("api.xtrakit.com")
    connection.request("GET", "/", headers=KEY)


def by_httpx_async(**options):
    async def get():
        async with httpx.AsyncClient(**options) as client:
            await client.get(URL, headers=KEY)

    asyncio.run(get())


def by_aiohttp(url, **options):
    async def get():
        async with aiohttp.ClientSession() as client:
            await client.get(url, headers=KEY, **options)

    asyncio.run(get())


def by_connect(method):
    with socket.socket() as sock:
        getattr(sock, method)(("app.xtrakit.com", 80))


def by_datagram():
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.sendto(b"REAL", ("app.xtrakit.com", 53))


def by_thread():
    threading.excepthook = lambda *args: None
    thread = threading.Thread(target=requests.get, args=(URL,), kwargs={"headers": KEY}, name="worker")
    thread.start(), thread.join()


def by_urllib(url):
    handler = urllib.request.ProxyHandler({"http": PROXY, "https": PROXY})
    urllib.request.build_opener(handler).open(urllib.request.Request(url, headers=KEY))


def by_httpx(url):
    with httpx.Client(proxy=PROXY) as client:
        client.get(url, headers=KEY)


def by_plain_tunnel():
    connection = http.client.HTTPConnection("127.0.0.1", trap.PORT)
    connection.set_tunnel("app.xtrakit.com", 80)
    connection.request("GET", "/plain", headers=KEY)


def by_tls(address):
    with socket.create_connection(address) as sock:
        ssl.create_default_context().wrap_socket(sock, server_hostname="app.xtrakit.com")
