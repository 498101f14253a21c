from intercept_clients import *

import os, subprocess, sys

WERE = dict(os.environ)
CHILD = """
import json, urllib.request
headers = {"Authorization": "Bearer REAL"}
request = urllib.request.Request("https://app.xtrakit.com/api/v1/customers/1", headers=headers)
print(json.load(urllib.request.urlopen(request))["data"]["customer"]["customer_name"])
"""


def child(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout


@pytest.mark.fakekit(intercept=True)
def test_children_reach_this_tests_account(xtrakit):
    xtrakit.change("customers", 1, customer_name="mine")
    assert child(sys.executable, "-c", CHILD) == "mine\n"
    assert '"customer_name": "mine"' in child("curl", "-s", URL, "-H", "Authorization: Bearer REAL")
    with os.popen(f"curl -s {URL} -H 'Authorization: Bearer REAL'") as pipe:
        assert '"customer_name": "mine"' in pipe.read()
    bare = {"PATH": os.environ["PATH"]}
    told = "import os; print(sorted(name for name in os.environ if name.startswith('XTRAKIT')))"
    assert child(sys.executable, "-c", CHILD + told, env=bare) == "mine\n[]\n"
    assert child(sys.executable, "-c", told) == "['XTRAKIT_API_KEY']\n"

    async def asynchronous():
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, stdout=-1)
        return (await process.communicate())[0]

    assert asyncio.run(asynchronous()) == b"mine\n"


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
    ours = {"PYTEST_CURRENT_TEST": "", "NO_PROXY": "", "no_proxy": ""}  # NO_PROXY names the fake, for the run
    assert dict(os.environ) | ours == WERE | ours
    led = subprocess.run([sys.executable, "-c", "import os; print(os.environ['HTTPS_PROXY'])"], stdout=-1)
    assert led.stdout == b"http://127.0.0.1:1\n"


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
    with httpx.Client(proxy=PROXY) as client, pytest.raises(httpx.TransportError):
        client.get(URL, headers=KEY)

    async def get():
        async with aiohttp.ClientSession() as session:
            await session.get(URL, headers=KEY, proxy=PROXY)

    with pytest.raises(aiohttp.ClientError):
        runner.run(get())
