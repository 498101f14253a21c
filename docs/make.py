"""Writes the pages that are made from tables: ``python docs/make.py``. A test holds them to it."""

from __future__ import annotations

from pathlib import Path

from fakekit.contract.assumptions import Assumption
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.ledger import as_markdown
from fakekit.contract.positions import TABLE as ASSUMPTIONS
from fakekit.resources import ENDPOINTS, RECORDS, RESOURCES
from fakekit.settings.table import APP_SETTINGS, WAIT_SETTINGS, Setting
from fakekit.settings.table import TABLE as SETTINGS

HERE = Path(__file__).parent


def settings_page() -> str:
    """docs/settings.md, from the table of settings."""
    rows = "\n".join(_setting(setting) for setting in SETTINGS)
    return f"""# Settings

<!-- Made by docs/make.py from fakekit/settings/__init__.py. -->

Every option can be said in three places. What wins, first to last:

1. the command line: `fakekit serve --seed 7`
2. an environment variable: `FAKEKIT_SEED=7`
3. a key of `[tool.fakekit]` in the nearest `pyproject.toml`, here or in a folder above: `seed = 7`

and else the default. `create_app()` without settings, as `gunicorn 'fakekit:create_app()'` and
`flask --app fakekit run` call it, reads 2 and 3. `fakekit.Settings.of(seed=7)` reads nothing but what
it is given.

A name that fakekit does not know gets a warning with the nearest one it does; a value it cannot use is
an error, exit code 2, in what reads the setting, unless another value overrides it: `FAKEKIT_PORT=abc` does not
stop `fakekit check`, a pytest run or `fakekit serve --port 0`. What Kubernetes sets in every pod for a Service named
fakekit (`FAKEKIT_PORT=tcp://10.43.0.7:4310`, `FAKEKIT_SERVICE_HOST`, `FAKEKIT_PORT_4310_TCP`, ...) is ignored with one
warning; `enableServiceLinks: false` in the pod's spec keeps it away. Paths in `pyproject.toml` are meant from where that file stands; in
`FAKEKIT_FIXTURES` they are separated as in `PATH`.

{rows}
"""


def _setting(setting: Setting) -> str:
    default = "none" if setting.default in (None, ()) else str(setting.default).lower()
    others = [
        told
        for told, names in (("`create_app`", APP_SETTINGS), ("`fakekit wait`", WAIT_SETTINGS))
        if setting.name in names
    ]
    where = ", ".join(["`fakekit serve`", *others]) if others else "`fakekit serve` only"
    told = f"{setting.help} More: [{setting.page}]({setting.page}.md)." if setting.page else setting.help
    return f"""## {setting.name}

{told}

| | |
| --- | --- |
| option | `{setting.flag}` |
| variable | `{setting.variable}` |
| key | `{setting.name}` |
| value | {setting.value_type.expected} |
| default | {default} |
| read by | {where} |
"""


def fidelity_page() -> str:
    """docs/fidelity.md, from the tables of endpoints, fields and assumptions."""
    endpoints = "\n".join(f"| `{e.method} {e.path}` | {e.truth} |" for e in ENDPOINTS)
    assumptions = "\n".join(_assumption(a) for a in ASSUMPTIONS)
    fields = "\n".join(
        f"| `{resource.name}.{name}` | {field.truth} |"
        for resource in RECORDS.values()
        for name, field in resource.record_schema.record_fields().items()
    )
    return f"""# Fidelity: how sure each answer is

<!-- Made by docs/make.py from the tables in the code. -->

fakekit tells three kinds of truth apart, and every answer of the API says which it is in `Fakekit-Truth`:

- **documented**: a page of the vendor says so;
- **standard**: an RFC says so;
- **assumed**: we chose, under a name. `Fakekit-Assumed` lists the names that shaped the answer. A plain
  documented answer lists none: what it shows (`user_id` and `business_code`, say) a page shows as well.

The values of generated records are made up. What is documented about them is their keys, order, types and
formats.

## Endpoints

| endpoint | source |
| --- | --- |
{endpoints}

## Fields

| field | source |
| --- | --- |
{fields}

## The ledger

Every contradiction and gap that is known of the vendor's documentation, and what fakekit does about it. `fakekit ledger` prints the same.

{as_markdown()}
## Assumptions

Those with a value can be set by who knows better, for all keys of a server: `--assumptions missing.status=400`, `FAKEKIT_ASSUMPTIONS`, or

```toml
[tool.fakekit.assumptions]
"missing.status" = 400
```

`hosts.any`, `limits.none` and `sales.sums` say what is not done, so no answer lists them. An answer that leans on one that was set says so: `Fakekit-Assumed: missing.status=400`.

{assumptions}"""


def _assumption(a: Assumption) -> str:
    value = "" if a.value is None else f"Value: {a.expected}; {str(a.value).lower()} unless set.\n\n"
    return f"### {a.name}\n\n{a.position}\n\nWhy: {a.reason}\n\n{value}"


def http_page() -> str:
    """docs/http.md, from the tables of endpoints, behind what is written by hand."""
    resources = "\n".join(_resource(resource) for resource in RESOURCES.values())
    return (HERE / "http.in.md").read_text("utf-8").replace("{resources}", resources)


def _resource(resource: Resource) -> str:
    told = "\n".join(_endpoint(e) for e in resource.endpoints)
    return f"### {resource.name}\n\n{told}"


def _endpoint(endpoint: Endpoint) -> str:
    lines = [
        f"`{endpoint.method} {endpoint.path}` — {endpoint.envelope.message.replace('{count}', 'N')}; {endpoint.truth}"
    ]
    if endpoint.query.filters:
        lines.append(f"filters {', '.join(f'`{name}`' for name in endpoint.query.filters)}")
    if endpoint.body:
        fields = endpoint.body.schema.fields.items()
        required = ", ".join(f"`{name}`" for name, field in fields if field.required)
        optional = ", ".join(f"`{name}`" for name, field in fields if not field.required)
        lines.append(f"needs {required}" if required else "needs no body")
        lines.append(f"takes {optional}")
    if endpoint.assumes or endpoint.status:
        names = filter(None, (endpoint.status, *endpoint.assumes))
        lines.append("leans on " + ", ".join(f"[{n}](fidelity.md#{n.replace('.', '')})" for n in names))
    return "- " + "  \n  ".join(lines) + "\n"


README_TABLE = "<!-- endpoints -->"


def readme() -> str:
    """README.md, its table of endpoints made anew."""
    text = (HERE.parent / "README.md").read_text("utf-8")
    before, _, after = text.split(README_TABLE)
    rows = "\n".join(_readme_row(resource) for resource in RESOURCES.values())
    return f"{before}{README_TABLE}\n| | documented | assumed |\n| --- | --- | --- |\n{rows}\n{README_TABLE}{after}"


def _readme_row(resource: Resource) -> str:
    cells = {"documented": [], "assumed": []}  # type: dict[str, list[str]]
    for endpoint in resource.endpoints:
        cells[endpoint.truth.kind].append(endpoint.operation.split("_")[0])
    root = min((e.path for e in resource.endpoints), key=len).removeprefix("/api/v1")
    root = root.partition("/{")[0]
    return f"| `{root}` | {', '.join(cells['documented'])} | {', '.join(cells['assumed'])} |"


PAGES = {
    "settings.md": settings_page,
    "fidelity.md": fidelity_page,
    "http.md": http_page,
    "../README.md": readme,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
