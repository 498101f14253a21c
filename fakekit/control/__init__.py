"""fakekit's own HTTP paths: health, OpenAPI documents, the control API, and what browsers ask a host for."""

QUICK_PATHS = ("/", "/_fakekit/health")
"""The paths that a server of ours answers at once, also while all of its threads compute long lists."""

PATHS = (*QUICK_PATHS, "/_fakekit/openapi.json", "/_fakekit/openapi-3.0.json", "/_fakekit/control.json")
"""The paths of pages and documents, which any web page may read. They hold nothing of an account."""

BROWSER_PATHS = (
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/apple-touch-icon-precomposed.png",
    "/.well-known/appspecific/com.chrome.devtools.json",
)
"""What browsers request of every host by themselves: icons, and the project of the developer tools."""

ROOT = "/_fakekit/accounts"
"""The path below which the control API is."""

HEADER = "Fakekit-Control"
"""The header of every control request: ``1``, or the token of a server that is not on loopback."""

LAST_EVENT_ID = "Last-Event-ID"
"""The header by which a client that lost a stream says where to go on (WHATWG HTML, 9.2)."""

_OWN_PATHS = frozenset((*PATHS, *BROWSER_PATHS, "/_fakekit"))


def is_own_path(path: str) -> bool:
    """Return whether a path is fakekit's own: the vendor has none such, and it need not exist.

    A request for it is in no journal, and in the log only with ``--log-own``.
    """
    return path.startswith("/_fakekit/") or path in _OWN_PATHS
