"""Write the pages that are made from tables: ``python -m docs.make``. A test checks that they are current."""

from __future__ import annotations

from json import dumps
from pathlib import Path

from docs.reference import cli_page, handle_page
from docs.troubleshooting import troubleshooting_page
from fakekit.contract import refusals
from fakekit.contract.assumptions import READS, Assumption
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.ledger import as_markdown
from fakekit.contract.positions import DEFAULTS
from fakekit.contract.positions import TABLE as ASSUMPTIONS
from fakekit.contract.refusals import Refusal
from fakekit.resources import ENDPOINTS, RECORDS, RESOURCES
from fakekit.settings.declaration import Setting
from fakekit.settings.table import APP_SETTINGS, CHECK_SETTINGS, INI_SETTINGS, WAIT_SETTINGS
from fakekit.settings.table import TABLE as SETTINGS

HERE = Path(__file__).parent


def settings_page() -> str:
    """Return docs/settings.md, from the table of settings."""
    rows = "\n".join(_setting(setting) for setting in SETTINGS)
    return f"""# Settings

<!-- Made by docs/make.py from fakekit/settings/table.py. -->

Every option can be set in three places. If it is set in several, the first of these counts:

1. the command line: `fakekit serve --seed 7`
2. an environment variable: `FAKEKIT_SEED=7`
3. a key of `[tool.fakekit]` in the nearest `pyproject.toml`, here or in a folder above: `seed = 7`

If it is set nowhere, the default counts. `create_app()` without settings, as `gunicorn 'fakekit:create_app()'` and
`flask --app fakekit run` call it, reads 2 and 3. `fakekit.Settings.of(seed=7)` uses only its arguments and the defaults.

For an unknown name fakekit prints a warning with the most similar known one. A value that it cannot use is
an error, with exit code 2, but only in commands that read the setting, and only if no other value overrides it: `FAKEKIT_PORT=abc` does not
stop `fakekit check`, a pytest run or `fakekit serve --port 0`. The variables that Kubernetes sets in every pod for a Service named
fakekit (`FAKEKIT_PORT=tcp://10.43.0.7:4310`, `FAKEKIT_SERVICE_HOST`, `FAKEKIT_PORT_4310_TCP`, ...) are ignored with one
warning; with `enableServiceLinks: false` in the pod's spec they are not set. Paths in `pyproject.toml` are relative to the file's folder. Paths in
`FAKEKIT_FIXTURES` are separated as in `PATH`.

{rows}
"""


def _setting(setting: Setting) -> str:
    default = "none" if setting.default in (None, ()) else str(setting.default).lower()
    others = [
        reader
        for reader, names in (("`create_app`", APP_SETTINGS), ("`fakekit wait`", WAIT_SETTINGS))
        if setting.name in names
    ]
    where = ", ".join(["`fakekit serve`", *others]) if others else "`fakekit serve` only"
    text = setting.help_text + (f" More: [{setting.page}]({setting.page}.md)." if setting.page else "")
    first = f"option | `{setting.flag}`"
    if setting.name in CHECK_SETTINGS:
        first, where = f"ini value of pytest | `fakekit_{setting.name}`", "the pytest plugin, `FakeServer`"
    elif setting.name in INI_SETTINGS:
        first += f" |\n| ini value of pytest | `fakekit_{setting.name}`"
    return f"""## {setting.name}

{text}

| | |
| --- | --- |
| {first} |
| variable | `{setting.variable}` |
| key | `{setting.name}` |
| value | {setting.value_type.expected} |
| default | {default} |
| read by | {where} |
"""


def fidelity_page() -> str:
    """Return docs/fidelity.md, from the tables of endpoints, fields and assumptions."""
    endpoints = "\n".join(f"| `{e.method} {e.path}` | {e.truth}{_switch(e)} |" for e in ENDPOINTS)
    assumptions = "\n".join(_assumption(a) for a in ASSUMPTIONS)
    fields = "\n".join(
        f"| `{resource.name}.{name}` | {field.truth} |"
        for resource in RECORDS.values()
        for name, field in resource.record_schema.record_fields.items()
    )
    return f"""# Fidelity: how sure each answer is

<!-- Made by docs/make.py from the tables in the code. -->

There are three reasons why fakekit answers as it does, and every answer of the API names its own in `Fakekit-Truth`:

- **documented**: a page of the vendor says so;
- **standard**: an RFC says so;
- **assumed**: no page says anything, so we chose. Each choice is an *assumption* with a name, and `Fakekit-Assumed` lists
  those that the answer relies on. Logs and reports say `assumed (fine)`, since nothing is wrong with it. A documented answer has no such list: a page of the vendor shows all that is in it.

The values of generated records are made up; only their keys, order, types and formats are documented. An answer that shows such a record lists
`values.generated`, and one with a record that was written names the assumptions by which its values were computed.

## Endpoints

| endpoint | source |
| --- | --- |
{endpoints}

## Fields

| field | source |
| --- | --- |
{fields}

## The ledger

These are the known contradictions and gaps in the vendor's documentation, and what fakekit does about each. `fakekit ledger` prints the same list.

{as_markdown()}
## Assumptions

If you know that the real service does something else, you can set the assumptions that have a value, for all keys of a server: `--assumptions missing.status=400`, `FAKEKIT_ASSUMPTIONS`, or

```toml
[tool.fakekit.assumptions]
"missing.status" = 400
```

The table can also say that an assumption was compared with the real service, and when; `fakekit drift --learn` writes it so:

```toml
[tool.fakekit.assumptions]
"missing.status" = {{ value = 404, confirmed = 2026-11-26 }}
cors = {{ confirmed = 2026-11-26 }}
"body.unknown_fields" = {{ refuted = 2026-11-26 }}
```

`refuted` stands where the real service does something that fakekit cannot do; fakekit then still does what is assumed. The header says
`missing.status (confirmed 2026-11-26)`, and so do `fakekit ledger` and the OpenAPI document.

`hosts.any`, `limits.none` and `sales.sums` are about what fakekit does not do, so no answer lists them. An answer that relies on an assumption that you set shows its value: `Fakekit-Assumed: missing.status=400`.

{assumptions}"""


def _switch(endpoint: Endpoint) -> str:
    return f"; only with `{endpoint.switch.source}=true`" if endpoint.switch else ""


def _assumption(a: Assumption) -> str:
    value = "" if a.value is None else f"Value: {a.expected}; {str(a.value).lower()} unless set.\n\n"
    if a.observed_by:
        value += f"A comparison with the real service looks at {READS[a.observed_by]}.\n\n"
    if a.observed_in_writes:
        value += f"[`fakekit shadow`](shadow.md) observes it by {a.observed_in_writes}.\n\n"
    return f"### {a.name}\n\n{a.position}\n\nWhy: {a.reason}\n\n{value}"


def http_page() -> str:
    """Return docs/http.md: docs/http.in.md with the tables of endpoints put into it."""
    resources = "\n".join(_resource(resource) for resource in RESOURCES.values())
    known = [value for value in vars(refusals).values() if isinstance(value, Refusal)]
    rows = sorted(known, key=lambda refusal: refusal.status_under(DEFAULTS))
    page = (HERE / "http.in.md").read_text("utf-8")
    return page.replace("{resources}", resources).replace("{refusals}", "\n".join(map(_refusal, rows)))


def _resource(resource: Resource) -> str:
    endpoints = "\n".join(_endpoint(e) for e in resource.endpoints)
    return f"### {resource.name}\n\n{endpoints}"


def _endpoint(endpoint: Endpoint) -> str:
    lines = [f"{endpoint.envelope.message.replace('{count}', 'N')}; {endpoint.truth}"]
    if endpoint.switch:
        lines.append(f"only with {_link(endpoint.switch.source)}")
    if endpoint.query.filters:
        lines.append(f"filters {', '.join(f'`{name}`' for name in endpoint.query.filters)}")
    if endpoint.body:
        fields = endpoint.body.schema.fields.items()
        required = ", ".join(f"`{name}`" for name, field in fields if field.required)
        optional = ", ".join(f"`{name}`" for name, field in fields if not field.required)
        lines.append(f"required {required}" if required else "requires no body")
        if optional:
            lines.append(f"optional {optional}")
    if endpoint.assumed:
        lines.append("relies on " + ", ".join(_link(truth.source) for truth in endpoint.assumed))
    return (
        f"#### {endpoint.method} {endpoint.path}\n\n"
        + "\n".join(f"- {line}" for line in lines)
        + _bodies(endpoint)
    )


def _bodies(endpoint: Endpoint) -> str:
    """Return an example of a request's body, where the endpoint reads one, and of the response's."""
    status = DEFAULTS[endpoint.status.source] if endpoint.status else 200
    text = ""
    if endpoint.body:
        text += f"\n\nA body:\n\n{_json(endpoint.body.example(DEFAULTS))}"
    if status == 204:
        return f"{text}\n\nThe answer is a 204, without a body.\n"
    body = endpoint.envelope.example((endpoint.under(DEFAULTS) or endpoint).shape)
    return f"{text}\n\nThe answer, {status}:\n\n{_json(body)}\n"


def _json(value: object) -> str:
    return f"```json\n{dumps(value, indent=2, ensure_ascii=False)}\n```"


def _link(assumption: str) -> str:
    return f"[{assumption}](fidelity.md#{assumption.replace('.', '')})"


def _refusal(refusal: Refusal) -> str:
    status = refusal.status_under(DEFAULTS)
    error = refusal.error_under(DEFAULTS, **REFUSAL_VALUES)
    others = f"; on other pages {refusal.by_analogy}" if refusal.by_analogy else ""
    return f"| {status} | {error} | {refusal.when} | {refusal.truth}{others} |"


REFUSAL_VALUES = {"noun": "Customer", "field": "invoice_code", "problems": "group_name is required"}


def readme() -> str:
    """Return README.md with a current table of endpoints."""
    rows = [_readme_row(resource) for resource in RESOURCES.values()]
    return _with_table("../README.md", "<!-- endpoints -->", "| | documented | assumed |", rows)


def shadow_page() -> str:
    """Return docs/shadow.md with a current table of the assumptions that writes show."""
    writes: dict[str, list[str]] = {}
    for each in ASSUMPTIONS:
        writes.setdefault(each.observed_in_writes, []).append(_link(each.name))
    rows = [f"| {', '.join(links)} | {text} |" for text, links in writes.items() if text]
    return _with_table("shadow.md", "<!-- assumptions -->", "| assumption | is observed by |", rows)


def _with_table(name: str, mark: str, head: str, rows: list[str]) -> str:
    """Return a page with another table between its two marks. head: the first row, which has the titles."""
    before, _, after = (HERE / name).read_text("utf-8").split(mark)
    line = "|" + " --- |" * (head.count("|") - 1)
    table = "\n".join([mark, head, line, *rows, mark])
    return f"{before}{table}{after}"


def _readme_row(resource: Resource) -> str:
    cells = {"documented": [], "assumed": []}  # type: dict[str, list[str]]
    for endpoint in (e for e in resource.endpoints if not e.switch):
        cells[endpoint.truth.kind].append(endpoint.operation.split("_")[0])
    root = min((e.route for e in resource.endpoints), key=len).partition("/{")[0]
    return f"| `/{root}` | {', '.join(cells['documented'])} | {', '.join(cells['assumed'])} |"


PAGES = {
    "settings.md": settings_page,
    "fidelity.md": fidelity_page,
    "http.md": http_page,
    "handle.md": handle_page,
    "cli.md": cli_page,
    "shadow.md": shadow_page,
    "troubleshooting.md": troubleshooting_page,
    "../README.md": readme,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
