import asyncio, pycurl, pytest, ssl, trap, uvloop


def test_pycurl():
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, f"http://app.xtrakit.com:{trap.PORT}/pycurl")
    curl.setopt(pycurl.RESOLVE, [f"app.xtrakit.com:{trap.PORT}:127.0.0.1"])
    curl.setopt(pycurl.WRITEFUNCTION, lambda data: None)
    curl.perform()
    curl.close()


def by_uvloop(port=trap.PORT, **options):
    async def get():
        reader, writer = await asyncio.open_connection("127.0.0.1", port, **options)
        writer.write(b"GET /uvloop HTTP/1.1\r\n\r\n")
        await reader.read(10)
        writer.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(get())


def test_uvloop():
    by_uvloop()


@pytest.mark.fakekit(intercept=True)
def test_uvloop_is_not_led(xtrakit):
    from fakekit.server.authority import Authority
    from fakekit.intercept.gateway import Gateway

    tls = Authority().server_context("app.xtrakit.com")
    somebody_elses = Gateway(xtrakit.origin, tls, lambda key: key)
    somebody_elses.start()
    with pytest.raises(ssl.SSLCertVerificationError):
        by_uvloop(somebody_elses.port, ssl=True, server_hostname="app.xtrakit.com")
    somebody_elses.stop()


def test_uvloop_with_tls():
    with pytest.raises(OSError, match="fakekit stopped"):
        by_uvloop(ssl=True, server_hostname="app.xtrakit.com")
