"""The base class of all faults, with the settings that all have.

A new kind is a subclass of the base class in `fakekit.faults.answering`, `altering` or `sending`, in the same
module, and has a `kind`. `fakekit.faults.registry` finds it there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from json import dumps
from typing import Any, ClassVar

from marshmallow import Schema

from fakekit.contract.pattern import match_path
from fakekit.contract.value_type import ValueType, whole_number
from fakekit.errors import without_secrets
from fakekit.faults.content import RequestContent
from fakekit.faults.settings import METHOD, PATH, SettingField


def setting(
    value_type: ValueType, default: object, note: str, *, required: bool = False, is_secret: bool = False
) -> Any:
    """Declare a setting of a fault as a field of its class; the other parameters are those of `SettingField`.

    default: its value in a fault that does not set it.
    """
    validated_by = SettingField(value_type, required=required, note=note, is_secret=is_secret)
    metadata = {"setting": validated_by, "default": default}
    return field(default_factory=lambda: default, metadata=metadata)


@dataclass(frozen=True)
class Fault:
    """A fault: the base class of every kind, with the settings that all kinds have.

    method, path: the requests to which it applies; empty means any. In a path ``*`` stands for one segment.
    after: the number of these requests that are left alone first; 0 by default.
    every: after those, 1 (the default) applies to each request, 2 to every second one, and so on.
    times: the number of requests to which it applies at most; None, the default, for no limit.
    """

    kind: ClassVar[str]
    """The name of the kind as users write it: ``fail``."""
    main_setting: ClassVar[str] = ""
    """The setting whose value follows the kind in text: ``status`` in ``fail=503``; empty for none."""
    conflict_group: ClassVar[str] = ""
    """Of all faults with the same group, at most one applies to a request; empty for no such limit."""

    method: str = setting(METHOD, "", "the method of the requests to which it applies; any by default")
    path: str = setting(PATH, "", "their path, in which `*` stands for one segment; any by default")
    times: int | None = setting(
        whole_number(1, 1_000_000), None, "to how many requests it applies at most; no limit by default"
    )
    after: int = setting(
        whole_number(0, 1_000_000), 0, "how many of these requests it leaves alone first; 0 by default"
    )
    every: int = setting(
        whole_number(1, 1_000_000), 1, "2 for every second of them, and so on; 1, each, by default"
    )

    @classmethod
    def settings(cls) -> dict[str, SettingField]:
        """Return the fields of the settings of this kind, by name; those that all kinds have come last."""
        declared = [(f.name, f.metadata["setting"]) for f in fields(cls)]
        common = len(fields(Fault))
        return dict(declared[common:] + declared[:common])

    @classmethod
    def schema(cls) -> Schema:
        """Return a new marshmallow schema that validates the settings of this kind and rejects others."""
        return Schema.from_dict(dict(cls.settings()), name=f"{cls.kind.capitalize()}Fault")()

    def matches(self, method: str, path: str) -> bool:
        """Return whether a request has the method and path of this fault; a HEAD counts as a GET.

        Nothing is counted. path: ``/api/v1/customers/1``.
        """
        if self.method and self.method != ("GET" if method == "HEAD" else method):
            return False
        return match_path(self.path, path)

    def matches_content(self, content: RequestContent) -> bool:
        """Return whether a request has the content that this fault asks for: any; a stub may ask for some."""
        return True

    def as_json(self) -> dict[str, Any]:
        """Return the fault as JSON that `registry.read_fault` reads.

        Settings that have their default are left out, except the main one, as the status of ``respond``.
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        changed = {f.name: values[f.name] for f in fields(self) if values[f.name] != f.metadata["default"]}
        main = self.main_setting
        main_value = {main: values[main]} if main and values[main] is not None else {}
        return {"fault": self.kind, **main_value, **changed}

    @property
    def may_block(self) -> bool:
        """Whether a function of a test is called for the response: no event loop may wait for it."""
        return False

    @cached_property
    def json_text(self) -> str:
        """The fault as JSON text, as it is stored."""
        return dumps(self.as_json())

    @property
    def size_in_bytes(self) -> int:
        """About how much memory the fault takes, for the limit of all accounts together."""
        return 500 + len(self.json_text)

    def __str__(self) -> str:
        """Return the fault as text, ``fail=503,times=2``, for headers, the log and the summary.

        What looks like a credential is ``...`` in it: it may have come with a key.
        """
        return without_secrets(self.as_text())

    def as_text(self) -> str:
        """Return the fault as text that `registry.read_fault` reads.

        Settings that have their default, or are lists or objects, are left out.
        """
        document = self.as_json()
        parts = [document.pop("fault")]
        if self.main_setting in document:
            parts[0] += f"={_format_setting(document.pop(self.main_setting))}"
        return ",".join(
            [
                *parts,
                *(
                    f"{n}={_format_setting(v)}"
                    for n, v in document.items()
                    if isinstance(v, str | int | float)
                ),
            ]
        )


def _format_setting(value: object) -> str:
    """Return a value of a fault's setting as text; a float is a number of seconds and becomes ``2s``."""
    return f"{value:g}s" if isinstance(value, float) else str(value)


COMMON: Mapping[str, SettingField] = Fault.settings()
"""The fields of the settings that all kinds have, by name."""
