"""What authorities want: each says so for itself, in words that a second person has released."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from directory.choosing.commissioning.service import Wanted, all_wanted, closing, demand, upcoming
from directory.cli import common
from directory.homes.models import quarantine
from directory.homes.projection import project
from directory.homes.reconsidering import Reconsider
from directory.intake.screening.errors import NotFitToPublish
from directory.nodes import opened
from directory.records.release.errors import NotHandedIn, SamePerson
from directory.records.release.service import HandedIn, hand_in, release
from directory.security.rights.principal import operator
from federation import OwnLog, follow, reading, sequence, writing
from protocols.commissioning import Commissioning, Demand, Framework, NeedTotal, Planned
from protocols.records import decode_record, encode_record
from tests.databases import Kind, databases
from tests.directory.command_line import at, hearth, make_consortium, succeed
from tests.directory.worlds import KENT, LEEDS, LEWISHAM, Consortium, consortium, wants

TODAY = date(2026, 11, 20)
PERIOD = date(2026, 4, 1), date(2027, 3, 31)


def framework(name: str, closes: date | None, **known: object) -> Framework:
    said: dict[str, object] = {"purpose": "Small homes", "joining": "On the portal", **known}
    return Framework(name=name, closes=closes, **said)  # type: ignore[arg-type]


@pytest.fixture
def world(tmp_path: Path, database_kind: Kind) -> Iterator[Consortium]:
    with databases(database_kind) as made, consortium(tmp_path, {}, made) as one:
        yield one


def wanted(world: Consortium) -> list[Wanted]:
    with reading(world.reader.replica) as connection:
        return all_wanted(connection, world.reader)


@pytest.mark.both_databases
def test_the_latest_word_of_the_node_that_serves_an_authority_counts(world: Consortium) -> None:
    world.say("leeds-node", wants(LEEDS))
    world.say("kent-node", wants(KENT))
    world.say("kent-node", wants(KENT, as_at=date(2026, 11, 3)))
    world.say("lewisham-node", wants(KENT, as_at=date(2026, 11, 9)))  # which it does not serve
    assert [(one.authority_name, one.record.as_at.day, one.node) for one in wanted(world)] == [
        ("Kent", 3, "kent-node"),
        ("Leeds", 2, "leeds-node"),
    ]
    with reading(world.reader.replica) as connection:
        (aside,) = connection.execute(quarantine.select()).all()
    assert (aside.reason, KENT in aside.detail) == ("out of area", True)


def test_what_an_older_release_could_not_read_counts_after_the_upgrade(world: Consortium) -> None:
    reader = world.reader

    def as_before(*args: Any) -> None:
        """What a release that does not know the schema makes of it."""
        connection, log, member, entries = args
        unknown = [msgspec.structs.replace(e, record=None, unread=_unknown()) for e in entries]
        project(connection, log, member, unknown)

    object.__setattr__(reader, "project", as_before)
    world.say("leeds-node", wants(LEEDS))
    assert wanted(world) == []
    object.__setattr__(reader, "project", project)
    Reconsider()(reader)
    assert [one.authority_name for one in wanted(world)] == ["Leeds"]
    with reading(reader.replica) as connection:
        assert connection.execute(quarantine.select()).all() == []


def _unknown() -> Exception:
    with pytest.raises(Exception, match="not known") as caught:
        decode_record(b'{"schema":"later/1"}')
    return caught.value


def test_lists_over_all_authorities(world: Consortium) -> None:
    past, soon, later = date(2026, 11, 19), TODAY, date(2027, 1, 31)
    world.say(
        "kent-node",
        wants(
            KENT,
            frameworks=(framework("A", past), framework("B", later), framework("C", None)),
            calendar=(Planned("Meeting", soon), Planned("Tender", past)),
            demand=Demand(*PERIOD, (NeedTotal("autism", 35), NeedTotal("missing"))),
        ),
    )
    world.say(
        "lewisham-node",
        wants(
            LEWISHAM,
            frameworks=(framework("D", soon),),
            demand=Demand(*PERIOD, (NeedTotal("autism", 5), NeedTotal("of-a-later-list", 10))),
        ),
    )
    found = wanted(world)
    assert [(one.framework.name, one.closes) for one in closing(found, TODAY)] == [
        ("D", soon),
        ("B", later),
    ]
    assert [one.planned.what for one in upcoming(found, TODAY)] == ["Meeting"]
    assert [(one.need, one.region, one.children, one.few) for one in demand(found)] == [
        ("autism", "London", 5, 0),
        ("autism", "South East", 35, 0),
        ("missing", "South East", 0, 1),
        ("of-a-later-list", "London", 10, 0),
    ]


# --- Handing in -----------------------------------------------------------------------------------


def hand_in_at(world: Consortium, record: Commissioning, who: str = "ada") -> HandedIn:
    """As somebody at the command line of Leeds."""
    node = world.nodes["leeds-node"]
    with writing(node.node_db) as connection:
        done = hand_in(connection, node, operator(who), [record])
    sequence(node)
    world.follow_all(world.reader, ["leeds-node"])
    return done


def release_at(world: Consortium, number: str, who: str) -> None:
    node = world.nodes["leeds-node"]
    with writing(node.node_db) as connection:
        release(connection, node, operator(who), LEEDS, number)
    sequence(node)
    world.follow_all(world.reader, ["leeds-node"])


def test_new_words_wait_and_days_and_numbers_alone_do_not(world: Consortium) -> None:
    two = framework("Two", None)
    first = wants(LEEDS, frameworks=(framework("One", date(2027, 1, 31)), two))
    (number,) = hand_in_at(world, first).waiting
    with pytest.raises(SamePerson):
        release_at(world, number, "ada")
    assert wanted(world) == []
    release_at(world, number, "bea")
    assert [one.authority_name for one in wanted(world)] == ["Leeds"]
    moved = msgspec.structs.replace(
        first,
        as_at=TODAY,
        frameworks=(framework("One", date(2027, 6, 30)), two),
        demand=Demand(*PERIOD, (NeedTotal("autism", 10),)),
    )
    assert hand_in_at(world, moved) == HandedIn(1, 0, [])
    assert wanted(world)[0].record == moved
    assert hand_in_at(world, moved) == HandedIn(0, 1, [])
    # What is taken away moves the others up, and says nothing new.
    assert hand_in_at(world, wants(LEEDS, frameworks=(two,))).published == 1
    other = framework("Two", None, address="https://a.example/new")
    assert hand_in_at(world, wants(LEEDS, frameworks=(other,))).waiting


def test_words_about_a_child_are_refused_and_places_and_links_are_not(
    world: Consortium,
) -> None:
    for joining, reason in (
        ("Ask for Robin. The child was born in Leeds.", "about one child"),
        ("For the boy of 17/05/2012.", "date of birth"),
    ):
        record = wants(LEEDS, frameworks=(framework("One", None, joining=joining),))
        with pytest.raises(NotFitToPublish, match=rf"Frameworks\.1\.joining, char.*{reason}"):
            hand_in_at(world, record)
    dated = framework(
        "Within 20 miles of Ashford",
        None,
        joining="Register at www.portal.example, or come to County Hall, 1 High Street.",
        address="https://a.example/2026-05-17/lot.pdf",
    )
    assert hand_in_at(world, wants(LEEDS, frameworks=(dated,))).waiting


def test_what_a_node_does_not_serve_is_not_handed_in(world: Consortium) -> None:
    with pytest.raises(NotHandedIn, match="does not serve"):
        hand_in_at(world, wants(KENT))


def test_at_the_command_line_it_is_handed_in_released_listed_and_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_consortium(tmp_path)
    leeds, file = at(tmp_path, "leeds"), tmp_path / "wants.json"
    publish = ("commissioning", "publish", file, leeds)
    for data in (b"", b"{}", b'{"schema":"home/1"}', b"[" * 100, b" " * 70_000):
        file.write_bytes(data)
        assert hearth(*publish, "--json").error
    file.write_bytes(encode_record(wants(LEEDS, frameworks=(framework("One", TODAY),))))
    monkeypatch.setattr(common, "_login", lambda: "ada")
    (number,) = succeed(*publish)["waiting"]
    monkeypatch.setattr(common, "_login", lambda: "bea")
    assert succeed("releases", "--release", number, leeds)["released"] == f"commissioning/{LEEDS}"
    follow_own(tmp_path / "leeds")
    assert [one["node"] for one in succeed("commissioning", "list", leeds)["authorities"]] == [
        "leeds"
    ]
    assert (
        "Placements team, placements@council.example" in hearth("commissioning", "list", leeds).out
    )
    succeed("retire", f"commissioning/{LEEDS}", "--reason", "Out of date", leeds)
    follow_own(tmp_path / "leeds")
    assert succeed("commissioning", "list", leeds)["authorities"] == []
    assert f"retired commissioning/{LEEDS}" in hearth(*publish, "--json").error


def follow_own(folder: Path) -> None:
    with opened(folder) as node:
        follow(node, node.member, OwnLog(node.node_db))
