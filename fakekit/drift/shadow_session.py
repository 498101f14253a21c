"""The gateway and the proxy of `fakekit shadow`, and the environment of the command that uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from fakekit.control.results import InterceptPort
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.shadow_gateway import ShadowGateway
from fakekit.intercept.child import child_environment
from fakekit.intercept.replaced import record_replaced
from fakekit.intercept.session import open_session
from fakekit.intercept.wrappers import add_wrappers
from fakekit.server.authority import Authority
from fakekit.vendor import VENDOR_HOSTS


@contextmanager
def open_shadow_session(
    base_url: str, ca_file: str | None, environ: Mapping[str, str], report: Callable[[PassedRequest], None]
) -> Iterator[dict[str, str]]:
    """Run the gateway and the proxy during the block; give the environment variables of the command.

    XTRAKIT_API_KEY stays as it is: the command uses a key of the real service. Raises
    `fakekit.errors.AddressError` when no port is free, OSError when a file cannot be written.

    base_url, ca_file: of the service, see `ShadowGateway`.
    environ: the variables that the command would have otherwise.
    report: called with each request that has passed.
    """
    session = open_session(
        f"https://{VENDOR_HOSTS[0]}",
        None,
        _serve_service(base_url, ca_file, environ, report),
        prefix="fakekit-shadow-",
    )
    with session as (run, _):
        variables = add_wrappers(run.folder, environ, child_environment(run, environ))
        yield record_replaced(environ, variables)


@contextmanager
def _serve_service(
    base_url: str, ca_file: str | None, environ: Mapping[str, str], report: Callable[[PassedRequest], None]
) -> Iterator[InterceptPort]:
    """Serve the vendor's hosts from the real service during the block, and give the port.

    The arguments are those of `open_shadow_session`.
    """
    authority = Authority()
    gateway = ShadowGateway(base_url, authority.server_context(*VENDOR_HOSTS), dict(environ), ca_file, report)
    gateway.start()
    try:
        yield InterceptPort(port=gateway.port, certificate=authority.certificate.decode("ascii"))
    finally:
        gateway.stop()
