"""The code list, read once from `codes.json` beside this file, and looked up.

A code is unique in the whole list, whatever its group. A profile may carry a code of another
version of the list: it has no label here, and stands for itself.
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources

import msgspec


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group of codes, or who may give a therapy: what it is called and what it means."""

    code: str
    label: str
    definition: str


class Coded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code: what it is called, what it means, and the code of its group."""

    code: str
    label: str
    definition: str
    group: str


class CodeList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole list. `version` counts its editions, `givers` are those who give a therapy."""

    version: int
    groups: tuple[Entry, ...]
    codes: tuple[Coded, ...]
    givers: tuple[Entry, ...]

    def of(self, group: str) -> Sequence[Coded]:
        """The codes of a group, in the order of the list."""
        return [one for one in self.codes if one.group == group]


_CODE_LIST = msgspec.json.Decoder(CodeList)


@cache
def code_list() -> CodeList:
    """The list of this version of the software."""
    data = resources.files("directory.country.codes").joinpath("codes.json").read_bytes()
    return _CODE_LIST.decode(data)


NEED_GROUPS = ("level", "need")
"""What a search calls a need; the other groups are what a home offers."""


@cache
def needs() -> dict[str, str]:
    """The labels of the codes that are needs."""
    return {one.code: one.label for one in code_list().codes if one.group in NEED_GROUPS}


@cache
def offers() -> dict[str, str]:
    """The labels of all other codes."""
    return {one.code: one.label for one in code_list().codes if one.group not in NEED_GROUPS}


@cache
def known() -> dict[str, Coded]:
    """Every code of the list."""
    return {one.code: one for one in code_list().codes}


def label(code: str) -> str:
    """What a code is called; of one that is not in this list, the code itself."""
    return known()[code].label if code in known() else f"{code} (not in this node’s list)"


def group_label(group: str) -> str:
    """What a group is called."""
    return next((one.label for one in code_list().groups if one.code == group), group)


def giver_label(code: str) -> str:
    """Who gives a therapy."""
    return next((one.label for one in code_list().givers if one.code == code), code)
