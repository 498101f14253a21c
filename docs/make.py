"""Writes the pages that are made from tables: ``python docs/make.py``. A test holds them to it."""

from __future__ import annotations

from pathlib import Path

from fakekit.contract.positions import TABLE as ASSUMPTIONS
from fakekit.resources import ENDPOINTS, RECORDS
from fakekit.settings import TABLE as SETTINGS
from fakekit.settings import Setting

HERE = Path(__file__).parent


def settings_page() -> str:
    """docs/settings.md, from the table of settings."""
    rows = "\n".join(_setting(setting) for setting in SETTINGS)
    return f"""# Settings

<!-- Made by docs/make.py from fakekit/settings.py. -->

Every option can be said in three places. What wins, first to last:

1. the command line: `fakekit serve --seed 7`
2. an environment variable: `FAKEKIT_SEED=7`
3. a key of `[tool.fakekit]` in the nearest `pyproject.toml`, here or in a folder above: `seed = 7`

and else the default. `create_app()` without settings, as `gunicorn 'fakekit:create_app()'` and
`flask --app fakekit run` call it, reads 2 and 3. `fakekit.Settings.of(seed=7)` reads nothing but what
it is given.

A name that fakekit does not know gets a warning with the nearest one it does; a value it cannot use is
an error, exit code 2. Paths in `pyproject.toml` are meant from where that file stands; in
`FAKEKIT_FIXTURES` they are separated as in `PATH`.

{rows}
"""


def _setting(setting: Setting) -> str:
    default = "none" if setting.default in (None, ()) else str(setting.default).lower()
    where = "`fakekit serve` only" if setting.serving else "`fakekit serve`, `create_app`"
    return f"""## {setting.name}

{setting.help}

| | |
| --- | --- |
| option | `{setting.flag}` |
| variable | `{setting.variable}` |
| key | `{setting.name}` |
| value | {setting.kind.expected} |
| default | {default} |
| read by | {where} |
"""


def fidelity_page() -> str:
    """docs/fidelity.md, from the tables of endpoints, fields and assumptions."""
    endpoints = "\n".join(f"| `{e.method} {e.path}` | {e.truth} |" for e in ENDPOINTS)
    assumptions = "\n".join(f"### {a.name}\n\n{a.position}\n\nWhy: {a.why}\n" for a in ASSUMPTIONS)
    fields = "\n".join(
        f"| `{resource.name}.{name}` | {field.truth} |"
        for resource in RECORDS.values()
        for name, field in resource.shape.contracted().items()
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

## Assumptions

{assumptions}"""


PAGES = {"settings.md": settings_page, "fidelity.md": fidelity_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
