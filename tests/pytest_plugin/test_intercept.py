"""Calls for the vendor's hosts that a marked test makes: whose account they reach, by which clients, and for how long."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.processes import FAKEKIT, clean_environment
from tests.helpers.project import ROOT
from tests.helpers.pytest_runs import guarded

CLIENTS = """
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

WAYS = [by_requests, by_requests_anew, by_httpx, by_urllib3, by_urllib, by_http_client, by_httpx_async, by_aiohttp]

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
"""

EVERY_CLIENT = (
    CLIENTS
    + """
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
"""
)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["thread", "process"])
def test_every_client_reaches_this_tests_account_also_one_made_before_it_and_the_code_of_the_docs(
    pytester: pytest.Pytester, where: str
) -> None:
    page = (ROOT / "docs" / "intercept.md").read_text("utf-8")
    (block,) = re.findall(r"^```python\n(import pytest.*?)^```$", page, re.S | re.M)
    (pytester.path / "test_docs.py").write_text(block)
    options = ("-rN", "--show-capture=no", "--tb=short", "--fakekit-server", where)
    result = guarded(pytester, EVERY_CLIENT, *options)
    result.assert_outcomes(passed=18, failed=8)
    failed = [line for line in result.outlines if line.startswith("fakekit: this test called the real")]
    assert len(failed) == 8
    assert "ASKED [] HEARD []" in result.outlines


MARKS = (
    CLIENTS
    + """
@pytest.mark.fakekit(intercept=True, customers=3)
class TestMarks:
    def test_without_the_fixture_and_with_settings(self):
        assert name(by_requests(URL.replace("/1", "/3"), KEY)) != "Customer not found"
        assert name(by_requests(URL.replace("/1", "/4"), KEY)) == "Customer not found"

    @pytest.fixture
    def made(self):
        return by_requests(URL, KEY)

    def test_a_function_scoped_fixture_is_led(self, made):
        assert name(made) == "Jane Doe"

    @pytest.mark.fakekit(intercept=False)
    def test_the_closest_mark_wins(self):
        with pytest.raises(OSError, match="fakekit stopped"):
            by_requests(URL, KEY)

@pytest.fixture(scope="session")
def wide():
    with pytest.raises(OSError, match="fakekit stopped"):
        by_requests(URL, KEY)

@pytest.mark.fakekit(intercept=True)
def test_a_wider_fixture_is_not_led(wide):
    assert name(by_requests(URL, KEY)) == "Jane Doe"

@pytest.mark.fakekit(intercept=True)
def test_threads_are_led(xtrakit):
    from concurrent.futures import ThreadPoolExecutor
    xtrakit.change("customers", 1, customer_name="mine")
    with ThreadPoolExecutor(8) as threads:
        names = threads.map(lambda _: name(by_requests_anew(URL, KEY)), range(8))
    assert set(names) == {"mine"}

@pytest.mark.fakekit(intercept=True)
def test_addresses_of_every_form():
    for family in (socket.AF_INET, socket.AF_INET6):
        (found,) = socket.getaddrinfo("App.xtrakit.com.", "https", family, socket.SOCK_STREAM)
        with socket.socket(family) as sock:
            sock.connect(found[4])
            sock.sendall(b"GET /api/v1/customers/1 HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer REAL\\r\\n\\r\\n")
            assert sock.recv(15) == b"HTTP/1.1 200 OK"
    with socket.socket() as sock:
        assert sock.connect_ex(("app.xtrakit.com", 443)) == 0
    with socket.create_connection((socket.gethostbyname("api.xtrakit.com"), 443)):
        pass
    assert socket.gethostbyaddr("api.xtrakit.com") == ("api.xtrakit.com", [], ["127.88.75.1"])

@pytest.mark.fakekit(intercept=True)
def test_the_callers_context_is_as_it_was():
    context = ssl.create_default_context()
    before = context.get_ca_certs(), context.verify_mode, context.check_hostname
    with httpx.Client(verify=context) as client:
        assert client.get(URL, headers=KEY).status_code == 200
    assert before == (context.get_ca_certs(), context.verify_mode, context.check_hostname)
    with httpx.Client(verify=False) as client:
        assert client.get(URL, headers=KEY).status_code == 200

@pytest.mark.fakekit(intercept=True)
def test_a_certificate_of_this_run_is_for_the_vendors_hosts_only():
    address = ("app.xtrakit.com", 443)
    with socket.create_connection(address) as sock, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(sock, server_hostname="xtrakit.com")

import unittest

@pytest.mark.fakekit(intercept=True)
class Case(unittest.TestCase):
    def test_case(self):
        self.assertEqual(name(by_httpx(URL, KEY)), "Jane Doe")

@pytest.mark.fakekit(intercept=True)
class AsyncCase(unittest.IsolatedAsyncioTestCase):
    async def test_case(self):
        async with httpx.AsyncClient() as client:
            answer = await client.get(URL, headers=KEY)
        self.assertEqual(answer.status_code, 200)
"""
)


@pytest.mark.slow
def test_marks_fixtures_threads_addresses_and_unittest(pytester: pytest.Pytester) -> None:
    result = guarded(pytester, MARKS, "-rN", "--tb=short")
    result.assert_outcomes(passed=8, failed=1, errors=1)
    result.stdout.fnmatch_lines_random(
        ["*ERROR at setup of test_a_wider_fixture_is_not_led*", "*TestMarks.test_the_closest_mark_wins*"]
    )
    assert "ASKED [] HEARD []" in result.outlines


CHILDREN = (
    CLIENTS
    + """
import os, subprocess, sys

WERE = dict(os.environ)
CHILD = '''
import json, urllib.request
headers = {"Authorization": "Bearer REAL"}
request = urllib.request.Request("https://app.xtrakit.com/api/v1/customers/1", headers=headers)
print(json.load(urllib.request.urlopen(request))["data"]["customer"]["customer_name"])
'''

def child(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout

@pytest.mark.fakekit(intercept=True)
def test_children_reach_this_tests_account(xtrakit):
    xtrakit.change("customers", 1, customer_name="mine")
    assert child(sys.executable, "-c", CHILD) == "mine\\n"
    assert '"customer_name": "mine"' in child("curl", "-s", URL, "-H", "Authorization: Bearer REAL")
    with os.popen(f"curl -s {URL} -H 'Authorization: Bearer REAL'") as pipe:
        assert '"customer_name": "mine"' in pipe.read()
    bare = {"PATH": os.environ["PATH"]}
    told = "import os; print(sorted(name for name in os.environ if name.startswith('XTRAKIT')))"
    assert child(sys.executable, "-c", CHILD + told, env=bare) == "mine\\n[]\\n"
    assert child(sys.executable, "-c", told) == "['XTRAKIT_API_KEY']\\n"
    async def asynchronous():
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, stdout=-1)
        return (await process.communicate())[0]
    assert asyncio.run(asynchronous()) == b"mine\\n"

def exec_port(context):
    import multiprocessing
    with multiprocessing.get_context(context).Pool(1) as pool:
        return pool.apply(os.getenv, ("_FAKEKIT_EXEC_PORT",))

@pytest.mark.fakekit(intercept=True)
def test_children_that_are_not_led():
    code = "import os; os._exit('_FAKEKIT_EXEC_PORT' in os.environ)"
    assert subprocess.call([sys.executable, "-c", code]) == 1
    assert os.system(f'{sys.executable} -c "{code}"') == 0
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", code], os.environ)
    assert os.waitpid(pid, 0)[1] == 0
    assert exec_port("spawn") is None

def test_the_environment_is_as_it_was():
    assert dict(os.environ) | {"PYTEST_CURRENT_TEST": ""} == WERE | {"PYTEST_CURRENT_TEST": ""}
    led = subprocess.run([sys.executable, "-c", "import os; print(os.environ['HTTPS_PROXY'])"], stdout=-1)
    assert led.stdout == b"http://127.0.0.1:1\\n"

@pytest.mark.fakekit(intercept=True)
def test_a_proxy_of_the_environments_is_not_asked():
    assert os.environ["HTTPS_PROXY"] == "http://127.0.0.1:1"
    assert name(by_requests(URL, KEY)) == "Jane Doe"
    assert name(by_requests(URL.replace("https", "http"), KEY)) == "Jane Doe"

PROXY = f"http://127.0.0.1:{trap.PORT}"

@pytest.mark.fakekit(intercept=True)
def test_a_proxy_of_the_clients_own_takes_nothing_to_the_real_service():
    for url in (URL, URL.replace("https", "http")):
        with pytest.raises(OSError, match="fakekit stopped a call"):
            requests.get(url, headers=KEY, proxies={"https": PROXY, "http": PROXY})
    with httpx.Client(proxy=PROXY) as client, pytest.raises(httpx.ConnectError, match="through a proxy"):
        client.get(URL, headers=KEY)
    async def get():
        async with aiohttp.ClientSession() as session:
            await session.get(URL, headers=KEY, proxy=PROXY)
    with pytest.raises(aiohttp.ClientError):
        runner.run(get())
"""
)


@pytest.mark.slow
def test_children_inherit_it_and_no_other_proxy_is_given_a_key(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("XTRAKIT_API_KEY", "REAL")
    result = guarded(pytester, CHILDREN, "-rN", "--tb=short")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*test_a_proxy_of_the_clients_own_takes_nothing_to_the_real_service*",
            "  test_it.py:* in test_a_proxy_*: app.xtrakit.com, stopped because it goes through a proxy, which "
            "would pass it on to the real service (2 times)",
            "This test's calls are redirected to the fake. Make them without the proxy.",
        ]
    )
    (line,) = [line for line in result.outlines if line.startswith("ASKED")]
    assert line == (
        "ASKED [] HEARD ['CONNECT app.xtrakit.com:443', 'CONNECT app.xtrakit.com:443', "
        "'CONNECT app.xtrakit.com:443', 'TLS']"
    )


SCRIPT = """
import http.client, json, os, socket, ssl, subprocess, sys, tempfile, threading
from unittest import mock

import fakekit
from fakekit.intercept.leading import leading

def state():
    return set(threading.enumerate()), set(os.listdir("/proc/self/fd")), set(os.listdir(tempfile.gettempdir()))

BEFORE = state()
PLACES = [
    (socket, "getaddrinfo"), (socket, "gethostbyname"), (socket, "gethostbyname_ex"), (socket, "gethostbyaddr"),
    (socket.socket, "connect"), (socket.socket, "connect_ex"), (socket.socket, "sendto"),
    (socket.socket, "sendmsg"), (socket.socket, "bind"),
    (ssl.SSLContext, "wrap_socket"), (ssl.SSLContext, "wrap_bio"), (http.client.HTTPConnection, "putrequest"),
    (subprocess.Popen, "__init__"),
]

def now():
    return [vars(owner).get(name) for owner, name in PLACES] + sys.meta_path

WERE = now()

def name():
    connection = http.client.HTTPSConnection("app.xtrakit.com")
    connection.request("GET", "/api/v1/customers/1", headers={"Authorization": "Bearer REAL"})
    answer = json.load(connection.getresponse())
    connection.close()
    return answer["data"]["customer"]["customer_name"]

def elsewhere():
    names = []
    thread = threading.Thread(target=lambda: names.append(name()))
    thread.start()
    thread.join()
    return names[0]

with fakekit.FakeServer() as one, fakekit.FakeServer() as two:
    one.change("customers", 1, customer_name="one")
    two.change("customers", 1, customer_name="two")
    with leading(one.origin, one.api_key):
        print(name(), elsewhere())
        with leading(two.origin, two.api_key):
            print(name(), elsewhere())
        print(name(), elsewhere())
    print(now() == WERE)

    first, second = leading(one.origin, one.api_key), leading(two.origin, two.api_key)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    print(name(), now() == WERE)
    second.__exit__(None, None, None)
    print(now() == WERE)

    try:
        with leading(one.origin, one.api_key):
            raise KeyError
    except KeyError:
        print(now() == WERE)

    with mock.patch("socket.getaddrinfo", side_effect=OSError("a patch of the test's")) as patch:
        with leading(one.origin, one.api_key):
            print(name())
        print(socket.getaddrinfo is patch)
    with leading(one.origin, one.api_key):
        with mock.patch("socket.getaddrinfo", side_effect=OSError("a patch of the test's")):
            try:
                name()
            except OSError as error:
                print(error)
        print(name())
    print(now() == WERE)

from fakekit.intercept.policy import Policy
from fakekit.intercept.patches import PATCHES

done, failed = threading.Event(), []

def connect():
    with socket.create_server(("127.0.0.1", 0), backlog=9) as listener:
        while not done.is_set():
            try:
                socket.create_connection(listener.getsockname()).close()
                listener.accept()[0].close()
            except Exception as error:
                failed.append(error)

threads = [threading.Thread(target=connect) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(300):
    with PATCHES.installed(Policy()), PATCHES.installed(Policy()):
        pass
done.set()
for thread in threads:
    thread.join()
print(failed, now() == WERE)
print(*[after - before for before, after in zip(BEFORE, state())])
"""


@pytest.mark.slow
def test_the_latest_of_two_wins_in_every_thread_everything_is_put_back_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=clean_environment() | {"TMPDIR": str(tmp_path)},
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.splitlines() == [
        "one one",
        "two two",
        "one one",
        "True",
        "two False",
        "True",
        "True",
        "one",
        "True",
        "a patch of the test's",
        "one",
        "True",
        "[] True",
        "set() set() set()",
    ]


UNDER_EXEC = """
import os, httpx, pytest, requests

URL = "https://app.xtrakit.com/api/v1/customers/1"
KEY = {"Authorization": "Bearer REAL"}

def test_led():
    assert requests.get(URL, headers=KEY).json()["data"]["customer"]["customer_name"] == "Jane Doe"
    with httpx.Client(trust_env=False, verify=os.environ["SSL_CERT_FILE"]) as client:
        assert client.get(URL, headers=KEY).status_code == 200

@pytest.mark.fakekit(intercept=True)
def test_an_account_of_its_own(xtrakit):
    xtrakit.change("customers", 1, customer_name="mine")
    assert requests.get(URL, headers=KEY).json()["data"]["customer"]["customer_name"] == "mine"
"""


@pytest.mark.slow
def test_under_fakekit_exec_calls_are_led_and_not_stopped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(UNDER_EXEC)
    plugin = ["-p", "fakekit.pytest_plugin", "-p", "no:cacheprovider"]
    command = [*FAKEKIT, "exec", "--", sys.executable, "-m", "pytest", *plugin]
    environment = clean_environment() | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=pytester.path, env=environment, check=False
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
