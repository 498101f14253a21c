"""Write docs/handle.md and docs/cli.md from the signatures, docstrings and options in the code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator

import click

from docs.tables import table
from fakekit.cli import main
from fakekit.testing.fake_server import FakeServer
from fakekit.testing.handle import Handle
from fakekit.testing.handle_clock import HandleClock
from fakekit.testing.handle_records import RecordsHandle
from fakekit.testing.handle_requests import RequestsHandle
from fakekit.testing.remote import connect

SECTIONS: tuple[tuple[str, str, type], ...] = (
    ("Address, account, faults and snapshots", "xtrakit.", Handle),
    ("Records", "xtrakit.", RecordsHandle),
    ("Requests", "xtrakit.", RequestsHandle),
    ("The clock", "xtrakit.clock.", HandleClock),
    ("FakeServer", "server.", FakeServer),
)
"""The sections of docs/handle.md: heading, what stands in front of a name, and the class of the names."""

INTERNAL = {"control", "do", "fault_location"}
"""Names that docs/handle.md leaves out: they are for the pytest plugin."""


class _Annotation:
    """The annotation of a parameter, which a signature shows without quotes."""

    def __init__(self, text: object) -> None:
        self.text = text

    def __repr__(self) -> str:
        """Return the annotation as the source has it."""
        return str(self.text)


def handle_page() -> str:
    """Return docs/handle.md, from the docstrings of the handle and of the server that is made in Python."""
    sections = "\n".join(
        f"## {heading}\n\n{_text(_paragraphs(owner)[0])}\n\n{''.join(_members(owner, prefix)).rstrip()}\n"
        for heading, prefix, owner in SECTIONS
    )
    return f"""# The handle in Python

<!-- Made by docs/make.py from the docstrings of fakekit/testing/. -->

In pytest, the value of the fixture `xtrakit` is a handle; `fakekit.FakeServer` and `fakekit.connect`
return one without pytest. [A table](pytest.md#the-handle) has the same with what it is for. Over HTTP, the
[control API](control.md) does it. For type hints, the handle is a `fakekit.Handle`.

{sections}
## connect

{_member("fakekit.", "connect", connect).rstrip()}
"""


def _members(owner: type, prefix: str) -> Iterator[str]:
    """Yield the section of each attribute and method of a class, without those of its bases."""
    attributes = [part for part in _paragraphs(owner) if re.match(r"\w+: ", part)]
    for name, text in re.findall(r"^(\w+): (.+?)(?=^\w+: |\Z)", "\n".join(attributes), re.M | re.S):
        if name not in INTERNAL:
            yield f"### {prefix}{name}\n\n{_sentence(text)}\n\n"
    for name, member in vars(owner).items():
        if (
            not name.startswith("_")
            and name not in INTERNAL
            and (callable(member) or isinstance(member, property))
        ):
            yield _member(prefix, name, member)


def _member(prefix: str, name: str, member: object) -> str:
    """Return the heading and the first paragraph of a property or a function; a function has a signature."""
    call = f"```text\n{prefix}{name}{_signature(member)}\n```\n\n" if callable(member) else ""
    return f"### {prefix}{name}\n\n{call}{_text(_paragraphs(member)[0])}\n\n"


def _signature(function: Callable[..., object]) -> str:
    """Return the parameters of a function, as the source has them, without ``self`` and the result's type."""
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(annotation=_Annotation(parameter.annotation))
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    ]
    text = str(signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty))
    return text.replace("Ellipsis", "...")


def _paragraphs(documented: object) -> list[str]:
    """Return the paragraphs of a docstring."""
    return (inspect.getdoc(documented) or "").split("\n\n")


def _text(paragraph: str) -> str:
    """Return a paragraph of a docstring as one of Markdown, on one line."""
    return " ".join(paragraph.split()).replace("``", "`")


def _sentence(text: str) -> str:
    """Return what a docstring says of an attribute, which begins in lower case, as a sentence of Markdown."""
    text = _text(text).rstrip(".")
    return f"{text[0].upper()}{text[1:]}."


def cli_page() -> str:
    """Return docs/cli.md, from the commands and their options."""
    commands = "\n\n".join(_commands(main, click.Context(main, info_name="fakekit")))
    return f"""# The command line

<!-- Made by docs/make.py from the commands in fakekit/cli/. -->

`fakekit COMMAND --help` prints the same. An error is one line on stderr, with exit code 2.
The options that are [settings](settings.md) can also be set by variables and in `pyproject.toml`.

{commands}
"""


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    """Yield the section of each command of a group, and of the commands below it."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            raise LookupError(f"{name} is listed, and not there")
        below = click.Context(command, info_name=name, parent=context)
        yield _command(command, below)
        if isinstance(command, click.Group):
            yield from _commands(command, below)


def _command(command: click.Command, context: click.Context) -> str:
    """Return the section of a command: how it is called, what it does, and a table of its options."""
    usage = " ".join(command.collect_usage_pieces(context))
    records = [
        record
        for parameter in command.params
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context))
    ]
    options = table(("option", "meaning"), [(f"`{option}`", _text(text)) for option, text in records])
    text = _text_of_help(command.help or "")
    return f"## {context.command_path}\n\n```text\n{context.command_path} {usage}\n```\n\n{text}" + (
        f"\n\n{options}" if records else ""
    )


def _text_of_help(text: str) -> str:
    """Return the help of a command, a line for each paragraph; what click does not wrap is a block.

    As in ``--help``, what follows a form feed is left out: it is for who reads the code.
    """
    shown = inspect.cleandoc(text).partition("\f")[0].rstrip("\n")
    paragraphs = [part.strip("\n") for part in shown.split("\n\n")]
    return "\n\n".join(
        f"```text\n{part.removeprefix(chr(8)).strip(chr(10))}\n```" if part.startswith("\b") else _text(part)
        for part in paragraphs
    )
