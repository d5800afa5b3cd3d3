"""The drafts for governance officers say what the software does: roles, periods, messages."""

import re
from pathlib import Path

import pytest

from directory.country.rules.table import rules_in
from directory.privacy.retention.schedule import in_words
from directory.security.rights.roles import Role
from directory.security.rights.table import RIGHTS
from protocols.publication import Publication

FOLDER = Path(__file__).parent.parent / "docs" / "information-governance"
DRAFTS = sorted(FOLDER.glob("*.md"))


def read(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table that begins with this heading, row by row."""
    lines = text.split(f"| {heading} |", 1)[1].splitlines()[2:]
    table = lines[: next((n for n, line in enumerate(lines) if not line.startswith("|")), None)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]


@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: path.name)
def test_blanks_are_marked_the_same_way_everywhere(path: Path) -> None:
    text = path.read_text("utf-8")
    blanks = re.findall(r"\[\[fill in: [^\[\]]+\]\]", text)
    assert text.count("[[") == text.count("]]") == len(blanks)
    assert not re.search(r"TODO|TBC|XXX|____|<[a-z ]+>", text)


def test_the_schedule_is_the_one_that_the_software_keeps_to() -> None:
    wanted = [
        [
            f"{one.name}: {one.of}",
            one.says,
            one.source,
            one.ends,
            ", ".join(f"`{table}`" for table in one.tables),
        ]
        for one in in_words("England")
    ]
    assert rows(read("retention-schedule.md"), "what") == wanted


def test_every_message_about_a_child_is_in_the_records_of_processing() -> None:
    rules = rules_in("England")
    wanted = [
        [f"`{schema}`", one.purpose, rules.bases[one.basis]]
        for schema, one in rules.messages.items()
    ]
    assert rows(read("processing.md"), "message") == wanted


def test_every_activity_is_kept_by_a_period_that_there_is() -> None:
    known = {one.name for one in in_words("England")} | {"not kept here"}
    for row in rows(read("processing.md"), "activity"):
        assert set(row[4].split(", ")) <= known, row[0]


def test_every_role_is_listed_and_those_that_open_no_child_s_record_hold_no_such_right() -> None:
    listed = dict(rows(read("dpia.md"), "role"))
    assert set(listed) == {role for role in Role if role is not Role.NOBODY}
    opens = {
        holder
        for row in RIGHTS.values()
        if row.shows is Publication.CHILD and row.audited
        for holder in row.holders
        if isinstance(holder, Role)
    }
    for role, said in listed.items():
        assert (role in opens) is not said.startswith("no"), role
