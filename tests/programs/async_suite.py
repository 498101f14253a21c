import asyncio
import httpx, pytest


@pytest.fixture
async def client(xtrakit):
    async with httpx.AsyncClient(base_url=xtrakit.base_url, headers=xtrakit.headers) as client:
        yield client


async def test_many_at_once(xtrakit, client):
    held = xtrakit.delay(50, "GET", "customers/1")
    late = asyncio.create_task(client.get("/customers/1"))
    answers = await asyncio.gather(*(client.get(f"/customers/{n}") for n in range(2, 12)))
    assert {answer.status_code for answer in answers} == {200}
    assert not late.done()
    late.cancel()
    xtrakit.remove_fault(held)
    assert (await client.get("/customers/1")).status_code == 200
    await asyncio.to_thread(xtrakit.wait_for, "GET", "customers/*", times=11)


async def test_a_late_answer_is_a_timeout(xtrakit, client):
    xtrakit.delay(5)
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/customers/1", timeout=httpx.Timeout(20, read=0.1))
