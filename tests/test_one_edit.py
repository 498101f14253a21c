"""What changes together is declared once: a copy of the project is changed in one place, and its tests pass."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.project import ROOT
from tests.helpers.project_copy import PYTEST, Project
from tests.helpers.raw_http import ask


def texts(tree: ast.Module) -> Iterator[str]:
    """The strings of a module's code, without its docstrings."""
    said = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def test_the_base_path_is_spelled_in_one_file() -> None:
    files = (ROOT / "fakekit").rglob("*.py")
    spelled = [f.name for f in files for text in texts(ast.parse(f.read_text("utf-8"))) if "api/v1" in text]
    assert spelled == []  # vendor.py makes it of the root and the version


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


AN_OPTION = """
    greeting: str | None = setting(choice("hello", "hi"), None, "A word for those who come.")
"""


@pytest.mark.slow
def test_an_option_of_serve_is_one_declaration(project: Project) -> None:
    project.insert("fakekit/settings/table.py", "    exit_with_parent: bool", AN_OPTION[1:])
    project.check("tests/test_settings.py")
    assert "--greeting hello|hi" in project.run("-m", "fakekit", "serve", "--help")
    assert "| variable | `FAKEKIT_GREETING` |" in project.read("docs/settings.md")
    program = """
import os, pathlib, fakekit
pathlib.Path("pyproject.toml").write_text("[tool.fakekit]\\ngreeting = 'hello'\\n")
print(fakekit.Settings.of(greeting="hello").greeting)
print(fakekit.Settings.read({}, {"FAKEKIT_GREETING": "hi"}, pathlib.Path.cwd()).greeting)
print(fakekit.Settings.read({}, {}, pathlib.Path.cwd()).greeting)
"""
    assert project.run("-c", program) == "hello\nhi\nhello\n"


A_FAULT = '''
@dataclass(frozen=True)
class Shout(BodyFault):
    """A text is in capitals."""

    kind = "shout"
    main_setting = "field"

    field: str = setting(FIELD_NAME, "message", "the field that has the text; `message` by default")

    def alter(self, body: Any) -> Any:
        """Return the body with a text in capitals."""
        return {**body, self.field: body[self.field].upper()}


'''
ITS_PAGE = """### shout

A text is in capitals.

| setting | |
| --- | --- |
| `field` | the field that has the text; `message` by default |

"""


@pytest.mark.slow
def test_a_kind_of_fault_is_one_class_and_a_heading(project: Project) -> None:
    project.insert("fakekit/faults/altering.py", "def _changed(", A_FAULT)
    project.insert("docs/faults.md", "`drop`, `null`, `mistype` and `content-type` count", ITS_PAGE)
    project.check("tests/faults/test_fault_sources.py")
    with project.serving("--fault", "shout=message,times=1") as running:
        keys = (b"Bearer fk_x", b"Bearer fk_x", b"Bearer fk_x~shout")
        answers = [ask(running.port, "/api/v1/customers/1", key).body for key in keys]
    assert [b"CUSTOMER FOUND" in answer for answer in answers] == [True, False, True]


A_SETTING_OF_ACCOUNTS = """
    season: int = setting(whole_number(1, 12), 1, "The month it is.", scope=Scope.ACCOUNT)
"""


@pytest.mark.slow
def test_a_setting_of_accounts_tells_two_worlds_apart(project: Project) -> None:
    project.insert("fakekit/settings/table.py", "    exit_with_parent: bool", A_SETTING_OF_ACCOUNTS[1:])
    program = """
import fakekit
from fakekit.accounts.from_settings import Baselines
settings = fakekit.Settings.of()
baselines = Baselines(settings)
summer = baselines.for_account({"season": 7})
print(summer is baselines.for_account({"season": 8}), summer is baselines.for_account({"season": 7}))
"""
    assert project.run("-c", program) == "False True\n"
    suite = """
import pytest

@pytest.mark.fakekit(season=7)
def test_it(xtrakit):
    assert xtrakit.customer(1)["customer_name"] == "Jane Doe"
"""
    (project.folder / "test_season.py").write_text(suite)
    for server in ("thread", "process"):
        project.run(*PYTEST, f"--fakekit-server={server}", "test_season.py")


A_FIELD = """    loyalty = Text(
        example="gold",
        truth=_PAGE,
        default="gold",
        generate=lambda random: random.pick("loyalty", ("gold", "silver")),
    )
"""
PICTURE = '"customer_profile": "https://example.com/profiles/customer123.jpg",'


@pytest.mark.slow
def test_a_field_of_customers_is_one_declaration_beside_the_sample_that_has_it(project: Project) -> None:
    project.insert("fakekit/resources/customers/schema.py", "    created_by = Text", A_FIELD)
    samples = project.folder / "tests" / "helpers" / "samples.py"
    samples.write_text(samples.read_text("utf-8").replace(PICTURE, f'{PICTURE} "loyalty": "gold",'), "utf-8")
    project.check(
        "tests/test_resources.py",
        "tests/test_contract.py",
        "tests/test_sample_contract.py",
        "tests/test_conformance.py",
        "tests/test_openapi.py",
        names="customer or sample or what_it_says",
    )
    assert "| `customers.loyalty` | documented (fetch-customer) |" in project.read("docs/fidelity.md")
    program = """
import fakekit
with fakekit.FakeServer() as fake:
    print([fake.customer(key)["loyalty"] for key in (1, 3, 7, 8, 42)])
"""
    assert project.run("-c", program) == "['gold', 'silver', 'silver', 'silver', 'gold']\n"


@pytest.mark.slow
def test_a_field_that_nothing_generates_is_an_error_at_import(project: Project) -> None:
    field = '    loyalty = Text(example="gold", truth=_PAGE, optional=True)\n'
    project.insert("fakekit/resources/customers/schema.py", "    created_by = Text", field)
    message = (
        "TypeError: customers.loyalty has no value in generated records: "
        "declare it with generate=, or return it from generate_customer"
    )
    assert project.fail("-c", "import fakekit.resources").splitlines()[-1] == message


AN_OPERATION = """    Operation("spell", "GET", "/{key}/spell"),
"""
ITS_METHOD = '''    @takes(case=SettingField(choice("upper", "lower"), note="`lower` by default"))
    def spell(self, case: str = "lower") -> dict[str, list[str]]:
        """Return the letters of the account's key, in capitals if asked for."""
        return {"letters": list(self._account.key.upper() if case == "upper" else self._account.key)}

'''


@pytest.mark.slow
def test_an_operation_of_the_control_api_is_a_row_and_its_method(project: Project) -> None:
    project.insert("fakekit/control/operations.py", '    Operation("clock", "GET"', AN_OPERATION)
    project.insert("fakekit/control/controls.py", "    def faults(self)", ITS_METHOD)
    project.insert("docs/control.md", "| `GET /{key}/clock` |", "| `GET /{key}/spell` | spells its key |\n")
    project.insert(
        "tests/control/test_modes.py",
        '    ("forget_requests",',
        '    ("spell", {"key": KEY, "case": "upper"}),\n',
    )
    row = '    ("GET", "/_fakekit/accounts/{key}/spell"),\n'
    project.insert(
        "tests/control/test_control_document.py", '    ("GET", "/_fakekit/accounts/{key}/clock"),', row
    )
    project.check(
        "tests/control/test_modes.py",
        "tests/control/test_control_document.py",
        names="each_operation or results or document or page_lists",
    )
    program = """
import fakekit
fake = fakekit.FakeServer()
fake.start()
print("".join(fake.do("spell", key="fk_a", case="upper")["letters"]))
try:
    fake.do("spell", key="fk_a", case="middle")
except fakekit.ControlError as error:
    print(error)
fake.stop()
"""
    assert project.run("-c", program) == "FK_A\ncase: must be one of upper, lower\n"


@pytest.mark.slow
def test_a_base_path_a_text_of_a_404_and_a_header_are_one_edit_each(project: Project) -> None:
    project.insert("fakekit/vendor.py", ')\n"""What stands before every path', ' "/v2",')
    text = (
        '    missing_record=Refusal(assumed("missing.status"), "no such customer", error="Nobody is here"),\n'
    )
    imports = (
        "from fakekit.contract.provenance import assumed\nfrom fakekit.contract.refusals import Refusal\n"
    )
    project.insert("fakekit/resources/customers/__init__.py", "    endpoints=ENDPOINTS,", text)
    project.insert(
        "fakekit/resources/customers/__init__.py", "from fakekit.resources.customers.endpoints", imports
    )
    project.insert("fakekit/api/response.py", '("Fakekit-Truth", self.truth)]', '("Shop", "open"), ')
    with project.serving() as running:
        answers = [
            ask(running.port, path)
            for path in (
                "/v2/customers/1",
                "/v2/customers",
                "/v2/customers/51",
                "/v2/expenses/51",
                "/v3/customers",
            )
        ]
        _, log = running.end()
    assert [answer.status for answer in answers] == [200, 200, 404, 404, 404]
    assert [answer.headers.get("shop") for answer in answers] == ["open"] * 5
    errors = [answer.json()["error"] for answer in answers if answer.status == 404]  # type: ignore[index]
    assert errors == ["Nobody is here", "Expense not found", "Not Found"]
    assert log.splitlines()[0].startswith("#1 GET /api/v1/customers/1 200 ")
