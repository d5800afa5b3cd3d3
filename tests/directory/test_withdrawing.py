"""Taking back what was published: retired it stays as history, erased it is nowhere."""

import shutil
from pathlib import Path

import pytest

from directory.nodes import opened
from directory.records.publishing.withdrawing import read_reference
from federation import (
    OwnLog,
    audit_own_log,
    follow,
    own_erasures,
    own_records,
    reading,
    sequence,
    staged_count,
)
from tests.directory.command_line import at, hearth, make_consortium, succeed
from tests.directory.lists import home, write_list

WHY = ("--reason", "Its name leads to the door")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Leeds has published two homes by the name of Wren House, and follows itself."""
    make_consortium(tmp_path)
    follow_leeds(tmp_path)
    return tmp_path


def follow_leeds(folder: Path, reader: str = "leeds") -> None:
    with opened(folder / "leeds") as leeds, opened(folder / reader) as node:
        follow(node, leeds.member, OwnLog(leeds.node_db))


def found(folder: Path, node: str = "leeds") -> list[str]:
    homes = succeed("search", at(folder, node))["homes"]
    return sorted(one["record"]["urn"] for one in homes)


def history(folder: Path, urn: str, node: str = "leeds") -> list[tuple[int, str | None]]:
    versions = succeed("history", urn, at(folder, node))["versions"]
    return [(one["entry"], one["ended_by"]) for one in versions]


def again(folder: Path, *more: object) -> dict[str, object]:
    done = succeed("publish", *more, at(folder, "leeds"))
    follow_leeds(folder)
    return done


def test_a_retired_record_leaves_search_and_stays_as_history(folder: Path) -> None:
    follow_leeds(folder, "kent")
    assert history(folder, "9000001") == [(0, None)]
    succeed("retire", "home/9000001", *WHY, at(folder, "leeds"))
    for reader in ("leeds", "kent"):
        follow_leeds(folder, reader)
        assert found(folder, reader) == ["9000002"]
        (version,) = succeed("history", "home/9000001", at(folder, reader))["versions"]
        assert version["ended_by"] == "retire"
        assert version["origin"].endswith("/log")
        assert version["record"]["name"] == "Wren House"
        assert version["published_at"] <= version["ended_at"]
    said = hearth("history", "9000001", at(folder, "kent")).out
    assert "retired" in said
    assert "entry 0" in said


def test_every_version_of_a_home_is_in_its_history(folder: Path, tmp_path: Path) -> None:
    rows = [
        home("9000001", Local_authority="Leeds", Name="Wren House", Places="9"),
        home("9000002", Local_authority="Leeds", Name="Wren House"),
    ]
    (tmp_path / "later").mkdir()
    listed = write_list(tmp_path / "later", *rows, banner=["Provider level as at 31 March 2026"])
    succeed("import", "ofsted", listed, at(folder, "leeds"))
    again(folder)
    (latest, _), (first, ended) = history(folder, "9000001")
    assert (latest > first, ended) == (True, "publish")


def test_what_was_retired_or_erased_does_not_come_back_with_the_next_list(folder: Path) -> None:
    succeed("retire", "home/9000001", *WHY, at(folder, "leeds"))
    succeed("erase", "home/9000002", "--yes", *WHY, at(folder, "leeds"))
    done = again(folder)
    assert (done["withheld"], done["homes"], found(folder)) == (2, 0, [])
    done = again(folder, "--again", "home/9000001", "--again", "home/9000002")
    assert (done["withheld"], done["homes"], found(folder)) == (0, 2, ["9000001", "9000002"])
    nothing = hearth("publish", "--again", "home/9000001", "--json", at(folder, "leeds"))
    assert "Nobody has retired or erased" in nothing.error


def test_an_erased_record_is_in_no_search_and_no_history(folder: Path) -> None:
    follow_leeds(folder, "kent")
    done = succeed("erase", "home/9000001", "--yes", *WHY, at(folder, "leeds"))
    assert (done["entries"], done["forgotten"], done["published"]) == ([0], True, True)
    assert (found(folder), history(folder, "9000001")) == (["9000002"], [])
    follow_leeds(folder, "kent")
    assert (found(folder, "kent"), history(folder, "9000001", "kent")) == (["9000002"], [])
    (one,) = succeed("erased", at(folder, "leeds"))["erasures"]
    assert one["named"] == [0]
    assert [(member["node"], bool(member["confirmation"])) for member in one["members"]] == [
        ("kent", False),
        ("leeds", False),
    ]
    assert "never been in touch" in hearth("erased", "0", at(folder, "leeds")).out
    assert "erases nothing and is not erased" in (
        hearth("erased", "1", "--json", at(folder, "leeds")).error
    )
    assert succeed("verify", at(folder, "leeds"))["sound"]
    assert succeed("verify", at(folder, "kent"))["sound"]


def test_a_provider_is_erased_by_its_name(folder: Path) -> None:
    with opened(folder / "leeds") as node, reading(node.node_db) as connection:
        providers = own_records(connection, "provider/1")
    (name,) = {data.split(b'"name":"')[1].split(b'"')[0].decode() for data in providers.values()}
    done = succeed("erase", f"provider/{name}", "--yes", *WHY, at(folder, "leeds"))
    assert done["entries"] == list(providers)


def test_what_was_never_published_is_neither_retired_nor_erased(folder: Path) -> None:
    for record, said in (
        ("home/9000009", "not published|no version"),
        ("home/", "is named as"),
        ("anchor/1", "is named as"),
        ("provider/Nobody Ltd", "not published|no version"),
    ):
        for command in (("retire", record), ("erase", record, "--yes")):
            error = hearth(*command, *WHY, "--json", at(folder, "leeds")).error
            assert any(part in error for part in said.split("|"))


def test_both_want_a_reason_and_stand_in_the_audit_with_it(folder: Path) -> None:
    for command in (("retire", "home/9000001"), ("erase", "home/9000002", "--yes")):
        assert "say why" in hearth(*command, "--json", at(folder, "leeds")).error
        assert found(folder) == ["9000001", "9000002"]
    succeed("retire", "home/9000001", *WHY, at(folder, "leeds"))
    succeed("erase", "home/9000002", "--yes", *WHY, at(folder, "leeds"))
    rows = succeed("audit", "list", "--node", at(folder, "leeds"))["rows"]
    noted = [(row["action"], row["record"], row["reason"]) for row in rows]
    assert ("retire a published record", "home/9000001", WHY[1]) in noted
    assert ("destroy a published record everywhere", "home/9000002", WHY[1]) in noted


def test_a_record_is_named_as_people_name_it() -> None:
    assert read_reference("home/sc123456") == "home/SC123456"
    assert read_reference(" provider/Acme Care Ltd ").startswith("provider/")


# --- Backups --------------------------------------------------------------------------------------


def test_a_restored_backup_brings_nothing_back_that_was_erased(folder: Path) -> None:
    backup, leeds = folder / "leeds.backup", folder / "leeds"
    succeed("backup", backup, at(folder, "leeds"))
    succeed("erase", "home/9000001", "--yes", *WHY, at(folder, "leeds"))
    kept = succeed("restore", backup, "--yes", at(folder, "leeds"))["kept"]
    shutil.rmtree(kept)
    with opened(leeds) as node:
        with reading(node.node_db) as connection:
            assert b"9000001" not in b"".join(own_records(connection, "home/1").values())
            assert staged_count(connection) == 1  # the entry was lost as well, and is staged again
            assert any(one.problem for one in audit_own_log(connection, node))
        assert not holds_a_payload(leeds, b"9000001")


def holds_a_payload(folder: Path, urn: bytes) -> bool:
    """Whether a record of a home stands in any file; Ofsted's list is Ofsted's."""
    return any(
        b'"urn":"%s"' % urn in path.read_bytes() for path in folder.rglob("*") if path.is_file()
    )


def test_a_backup_from_after_the_erasure_goes_on_where_the_log_was(folder: Path) -> None:
    backup = folder / "leeds.backup"
    succeed("erase", "home/9000001", "--yes", *WHY, at(folder, "leeds"))
    succeed("backup", backup, at(folder, "leeds"))
    back = succeed("restore", backup, "--yes", at(folder, "leeds"))
    assert back["publishes"]
    with opened(folder / "leeds") as node:
        assert sequence(node) == 0
        with reading(node.node_db) as connection:
            assert [one.named for one in own_erasures(connection)] == [(0,)]


def test_an_erasure_says_what_an_earlier_restore_has_put_aside(folder: Path) -> None:
    backup = folder / "leeds.backup"
    succeed("backup", backup, at(folder, "leeds"))
    kept = Path(succeed("restore", backup, "--yes", at(folder, "leeds"))["kept"]).name
    follow_leeds(folder)
    done = succeed("erase", "home/9000001", "--yes", *WHY, at(folder, "leeds"))
    assert done["put_aside"] == [kept]
