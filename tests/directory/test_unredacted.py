"""The list that authorities alone receive is kept in the node, and nothing of it goes out."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from directory.cli import main
from directory.database import node_metadata
from directory.nodes import opened
from directory.records.ofsted.errors import UnreadableList
from directory.records.ofsted.reading import Reading, read_list
from directory.records.unredacted.errors import NotOnTheList
from directory.records.unredacted.service import keep_unredacted, read_unredacted, unredacted_facts
from directory.security.rights.principal import operator
from federation import Node, reading, sequence, writing
from federation.recovery.vouched import note_vouched_for
from tests.databases import Databases
from tests.directory.lists import home, write_list
from tests.directory.workbooks import Cell, write_ods, write_xlsx
from tests.directory.worlds import KENT, NOW, consortium

pytestmark = pytest.mark.both_databases

WHO = operator("tests")
FAKE = Path(__file__).parents[3] / "shared/data/ssda903/scp_ch_2025_fake.xlsx"
HEADINGS = (
    *("Local authority", "URN", "Provider type", "Provider subtype", "Sector", "Provider name"),
    *("Registration date", "Registration status", "Placement code", "Provider address line 1"),
    *("Provider town", "Provider postcode", "Provider telephone number", "Owner name"),
    *("Overall effectiveness", "Number of registered places", "Conditions"),
)
SECRETS = ("Hidden Larch House", "7 Nowhere Lane", "Zedtown", "ZZ9 9ZZ", "01632 960555", "No dogs")


def a_row(urn: Cell = 9000001, **changes: Cell) -> list[Cell]:
    name, lane, town, code, telephone, conditions = SECRETS
    values = {
        "Local authority": "Kent",
        "URN": urn,
        "Provider type": "Children's Homes",
        "Sector": "Private",
        "Provider name": name,
        "Provider address line 1": lane,
        "Provider town": town,
        "Provider postcode": code,
        "Provider telephone number": telephone,
        "Number of registered places": 4,
        "Conditions": conditions,
    } | {key.replace("_", " "): value for key, value in changes.items()}
    return [values.get(heading) for heading in HEADINGS]


@pytest.fixture
def node(tmp_path: Path, database: Databases) -> Iterator[Node]:
    with consortium(tmp_path / "nodes", {}, database) as made:
        yield made.reader


def keep(node: Node, folder: Path, *rows: list[Cell]) -> dict[str, int]:
    path = write_xlsx(folder / "list.xlsx", {"Providers": [list(HEADINGS), *rows]})
    with writing(node.node_db) as connection:
        done = keep_unredacted(connection, node, WHO, read_unredacted(Reading(path)), NOW)
    return {
        "usable": done.usable,
        "joined": done.joined,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "left": done.left,
    }


def look(node: Node, urn: str) -> dict[str, str]:
    with writing(node.node_db) as connection:
        return unredacted_facts(connection, node, WHO, urn, authority=KENT, reason="To visit it")


def test_what_it_says_of_a_home_can_be_looked_up_by_its_headings(
    node: Node, tmp_path: Path
) -> None:
    keep(node, tmp_path, a_row(), a_row("SC900002", Provider_town="Elsewhere"))
    facts = look(node, "9000001")
    with pytest.raises(NotOnTheList, match="9000009"):
        look(node, "9000009")
    assert (facts["Provider postcode"], facts["Number of registered places"]) == ("ZZ9 9ZZ", "4")


def test_the_newest_takes_the_place_of_the_one_before(node: Node, tmp_path: Path) -> None:
    keep(node, tmp_path, a_row(9000001), a_row(9000002), a_row(9000003))
    after = [a_row(9000001), a_row(9000002, Conditions="Two dogs"), a_row(9000004)]
    assert keep(node, tmp_path, *after) == {
        "usable": 3,
        "joined": 1,
        "changed": 1,
        "unchanged": 1,
        "left": 1,
    }


def test_rows_that_cannot_be_used_are_left_out_and_a_list_of_them_is_refused(
    node: Node, tmp_path: Path
) -> None:
    assert keep(node, tmp_path, a_row(), a_row("?"), a_row(), a_row(9000002))["usable"] == 2
    with pytest.raises(UnreadableList, match="no row of it can be used"):
        keep(node, tmp_path, a_row("?"))
    assert look(node, "9000001")


def test_it_is_never_read_as_the_list_that_is_published(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "list.ods", {"Providers": [list(HEADINGS), a_row()]})
    assert Reading(path).is_unredacted
    assert not Reading(write_list(tmp_path, home())).is_unredacted
    with pytest.raises(UnreadableList, match="keeps it in this node alone"):
        read_list(path)


def test_nothing_of_it_is_published_or_stands_in_any_other_table(
    tmp_path: Path,
    database: Databases,
) -> None:
    folder = tmp_path / "nodes"
    with consortium(folder, {}, database) as made:
        data = folder / made.reader.name
        note_vouched_for(made.reader)  # the others are not running
    listed = write_xlsx(tmp_path / "list.xlsx", {"Providers": [list(HEADINGS), a_row()]})
    public = write_list(tmp_path, home("9000001"))
    for call in (["import", "ofsted", str(public)], ["import", "ofsted", str(listed)], ["publish"]):
        said = CliRunner().invoke(main, [*call, f"--data-dir={data}", "--json"])
        assert said.exit_code == 0, said.output
        assert not any(secret in said.output for secret in SECRETS)
    assert json.loads(said.stdout)["homes"] == 1
    with opened(data) as node:
        sequence(node)
        with reading(node.node_db) as connection:
            tables = [one for one in node_metadata.sorted_tables if one.name != "unredacted"]
            held = "".join(str(connection.execute(select(one)).all()) for one in tables)
            blobs = connection.exec_driver_sql("SELECT raw, blob FROM entry").all()
    for secret in SECRETS:
        assert secret not in held
        assert not any(secret.encode() in (part or b"") for row in blobs for part in row)


SETTINGS = (
    *("Provider local authority", "Setting Local Authority", "URN", "Provider type", "Sector"),
    *("Provider name", "Registration date", "Placement code", "Capacity"),
    *("Setting address line 1", "Setting address postcode", "Provider telephone number"),
)


def a_setting(urn: Cell, lane: str, *, authority: str = "Kent") -> list[Cell]:
    kind = "Supported Accommodation"
    sector, name, code = "Private", "Invented Larch Living", "H5"
    telephone = "01632 960555"
    return [
        *("Leeds", authority, urn, kind, sector, name, None, code, 3, lane, "ZZ9 9ZZ", telephone)
    ]


def test_the_second_sheet_with_settings_of_supported_accommodation_is_kept_too(
    node: Node, tmp_path: Path
) -> None:
    sheets = {
        "Providers": [list(HEADINGS), a_row(9000001)],
        "SA Providers": [
            list(SETTINGS),
            a_setting(9000002, "1 Larch Row"),
            a_setting(9000002, "2 Larch Row"),
            a_setting("none", "3 Larch Row"),
        ],
    }
    path = write_xlsx(tmp_path / "list.xlsx", sheets)
    read = read_unredacted(Reading(path))
    assert read.read == 4
    assert [one.column for one in read.problems] == ["SA Providers: URN"]
    assert read.homes["9000002"].authority_gss == KENT
    with writing(node.node_db) as connection:
        done = keep_unredacted(connection, node, WHO, read, NOW)
    assert {kind: one.joined for kind, one in done.by_provision_type.items()} == {
        "Children's Homes": 1,
        "Supported Accommodation": 1,
    }
    facts = look(node, "9000002")
    assert facts["Setting address line 1"] == "1 Larch Row"
    assert facts["Setting address line 1 (2)"] == "2 Larch Row"
    assert "Provider name (2)" not in facts


@pytest.mark.skipif(not FAKE.exists(), reason="the example of the layout is not on this machine")
def test_the_layout_in_which_ofsted_sends_it_is_recognised(node: Node) -> None:
    listed = Reading(FAKE)
    assert listed.is_unredacted
    with writing(node.node_db) as connection:
        done = keep_unredacted(connection, node, WHO, read_unredacted(listed), NOW)
        assert done.usable == 2
    assert look(node, "1")["Provider postcode"] == "RT1 4RT"
    assert look(node, "2")["Setting address postcode"] == "P05 7OD"
