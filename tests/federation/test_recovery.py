"""A node that lost its log, or has an old copy of it, reads it back, and never forks it."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from werkzeug.wrappers import Response

from directory.cli import main
from directory.database import migrate
from directory.notices.sent import send_notice
from directory.records.publishing.recovering import Publications
from directory.records.publishing.service import publish as publish_homes
from federation import (
    Node,
    Recovered,
    audit_logs,
    dispatches,
    publish_log,
    reading,
    recover,
    sequence,
    stage,
    stage_retirement,
    staged_count,
    tables,
    writing,
)
from federation.errors import ForkRefused, MembersWanting, NothingToRecover, RecoveryIncomplete
from federation.tables import Payload
from protocols.charter import charter_digest
from protocols.entries import decode_entry, erase_entry, pack_blobs, unpack_blobs
from tests.federation import deeds
from tests.federation.processes import Doing
from tests.federation.running import hearth
from tests.federation.servers import Change, body, flipped
from tests.federation.worlds import (
    KENT,
    LEEDS,
    NOW,
    WHO,
    World,
    a_home,
    a_notice,
    append_by_hand,
    home_record,
    own_checkpoint,
    own_entries,
    own_records,
    publish,
    records,
    small_records,
    true_time,
    urns,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)

AWAY = Response("nobody is at home", 503)
COPY = "/mirror/kent/log/"


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent, whose log Leeds and Devon follow."""
    return found("kent", "leeds", "devon")


def homes(node: Node, *made: object) -> None:
    """Publish homes as `hearth publish` does."""
    with writing(node.node_db) as connection:
        publish_homes(connection, node, made)  # type: ignore[arg-type]
    sequence(node)


def followed(world: World, *readers: str) -> None:
    for reader in readers or ("leeds", "devon"):
        world.follow(reader, "kent")


def some_history(world: World) -> None:
    """Two homes, a second version of one, and the other retired."""
    kent = world["kent"]
    homes(kent, a_home("U1"), a_home("U2"))
    homes(kent, a_home("U1", places=4))
    with writing(kent.node_db) as connection:
        stage_retirement(connection, kent, ["home/U2"])
    sequence(kent)


def lost_disk(world: World) -> Node:
    """Kent on a new disk: the keys, who it is, and the charter, from the key backup."""
    world["kent"].close()
    folder = world.folder / "kent"
    for path in folder.iterdir():
        if path.name not in ("keys", "member.json", "charter.note"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    world.database.begin(folder)
    migrate(folder)
    return world.open("kent")


def restored(world: World, backup: Path) -> Node:
    """Kent with the databases of a backup, and the keys that it has."""
    world["kent"].close()
    world.database.restore(world.folder / "kent", backup)
    return world.open("kent")


def read_back(world: World, *members: str) -> Recovered:
    peers = [world.peer("kent", name) for name in members or ("leeds", "devon")]
    return recover(world["kent"], peers, Publications())


def current(node: Node) -> dict[str, int]:
    with reading(node.node_db) as connection:
        return {row.reference: row.idx for row in connection.execute(select(tables.current))}


def refused(node: Node, because: str) -> None:
    """Nothing is signed, whatever is staged."""
    before = own_checkpoint(node)
    with writing(node.node_db) as connection:
        stage(connection, node, [("new", b'{"schema":"new/1"}')])
    with pytest.raises(ForkRefused, match=because):
        sequence(node)
    assert own_checkpoint(node) == before


def without(missing: int, width: int) -> Change:
    """A payload bundle in which one is missing."""

    def change(data: bytes) -> bytes:
        given = unpack_blobs(data, width)
        return pack_blobs(b"" if at == missing else blob for at, blob in enumerate(given))

    return body(change)


# --- A lost disk ----------------------------------------------------------------------------------


def test_a_lost_disk_is_read_back_with_payloads_and_what_is_current(world: World) -> None:
    some_history(world)
    followed(world)
    before = world["kent"]
    kept = own_entries(before), own_checkpoint(before), current(before)
    kent = lost_disk(world)
    refused(kent, "holds 0 entries of our log, but 4 were signed.*Run 'hearth recover'")
    done = read_back(world)
    assert (done.before, done.size, done.missing) == (0, 4, ())
    assert (own_entries(kent), own_checkpoint(kent), current(kent)) == kept
    assert records(world["leeds"], "kent") == own_records_held(kent)
    assert sequence(kent) == 1  # what was staged meanwhile
    followed(world)
    assert {one.problem for one in audit_logs(kent)} == {None}


def own_records_held(node: Node) -> list[bytes]:
    with reading(node.node_db) as connection:
        rows = connection.scalars(select(tables.own_entry.c.blob).order_by(tables.own_entry.c.idx))
        return [row[32:] for row in rows if row]


def test_what_was_published_before_is_not_published_again(world: World) -> None:
    some_history(world)
    followed(world)
    kent = lost_disk(world)
    read_back(world)
    homes(kent, a_home("U1", places=4))
    assert len(own_entries(kent)) == 4
    homes(kent, a_home("U1", places=5), a_home("U2"))
    later = [decode_entry(raw, at) for at, raw in enumerate(own_entries(kent))][4:]
    assert [entry.earlier for entry in later] == [(2,), ()]


def test_a_mirror_that_lies_is_named_and_the_log_comes_from_another(world: World) -> None:
    some_history(world)
    followed(world)
    entries = own_entries(world["kent"])
    kent = lost_disk(world)
    world.hostile("leeds").on(COPY + "tile/entries/.*", flipped(8 * 40))
    world.hostile("devon").on(COPY + "payloads/.*", body(lambda _: bytes(16)))
    with pytest.raises(RecoveryIncomplete, match="the copy at leeds"):
        read_back(world, "leeds")
    done = read_back(world)
    assert own_entries(kent) == entries
    assert done.missing == ()


def test_what_nobody_holds_is_told_by_index_and_published_again(world: World) -> None:
    some_history(world)
    world.hostile("kent").on("/log/payloads/.*", without(2, 4))
    with pytest.raises(Exception, match="1 payloads"):
        followed(world, "leeds")
    kent = lost_disk(world)
    assert read_back(world, "leeds").missing == (2,)
    assert current(kent) == {"home/U1": 2}
    homes(kent, a_home("U1", places=4))
    assert decode_entry(own_entries(kent)[4], 4).earlier == (2,)


def test_when_nobody_shows_a_copy_nothing_is_changed(world: World) -> None:
    some_history(world)
    kent = lost_disk(world)
    with pytest.raises(NothingToRecover, match="none of the 2 other members"):
        read_back(world)
    refused(kent, "Run 'hearth recover'")


def test_what_was_erased_is_not_taken_back_in(world: World) -> None:
    homes(world["kent"], a_home("U1", name="Xylophone House"))
    followed(world, "leeds")
    append_by_hand(world["kent"], (erase_entry([0], NOW), None))
    followed(world, "devon")
    kent = lost_disk(world)
    done = read_back(world)  # Leeds is behind, and holds what was erased
    assert (done.size, done.missing) == (2, ())
    assert current(kent) == {}
    assert not world.database.holds(kent.folder, "node", b"ylophone")


# --- An old backup --------------------------------------------------------------------------------


def test_an_old_backup_is_completed_and_keeps_what_exists_nowhere_else(world: World) -> None:
    kent = world["kent"]
    homes(kent, a_home("U1"))
    with writing(kent.node_db) as connection:
        sent = send_notice(connection, kent, WHO, a_notice(), placing=KENT, area=LEEDS)
    backup = world.copy("kent")
    world.open("kent")
    homes(world["kent"], a_home("U1", places=4), a_home("U3"))
    followed(world)
    entries, checkpoint = own_entries(world["kent"]), own_checkpoint(world["kent"])
    kent = restored(world, backup)
    refused(kent, "holds 1 entries of our log, but 3 were signed.*Run 'hearth recover'")
    done = read_back(world)
    assert (done.before, done.size) == (1, 3)
    assert (own_entries(kent), own_checkpoint(kent)) == (entries, checkpoint)
    assert current(kent) == {"home/U1": 1, "home/U3": 2}
    with reading(kent.node_db) as connection:
        assert sent in dispatches(connection)
    assert sequence(kent) == 1
    followed(world)


def test_what_was_staged_in_the_backup_appears_once(world: World) -> None:
    kent = world["kent"]
    homes(kent, a_home("U1"), a_home("U2"))
    with writing(kent.node_db) as connection:
        publish_homes(connection, kent, [a_home("U1", places=4), a_home("U3")])
        stage_retirement(connection, kent, ["home/U2"])
    backup = world.copy("kent")
    kent = world.open("kent")
    assert sequence(kent) == 3
    homes(kent, a_home("U2", places=3))  # and it came back
    followed(world)
    entries = own_entries(kent)
    kent = restored(world, backup)
    homes_staged_later = [a_home("U4")]
    with writing(kent.node_db) as connection:
        publish_homes(connection, kent, homes_staged_later)
    assert read_back(world).staged_already == 3
    with reading(kent.node_db) as connection:
        assert staged_count(connection) == 1
    assert sequence(kent) == 1
    assert own_entries(kent)[:-1] == entries
    followed(world)
    assert urns(world["leeds"]) == ["U1", "U2", "U3", "U4"]


def test_a_payload_that_only_the_backup_still_stages_is_kept(world: World) -> None:
    kent = world["kent"]
    sequence(kent)
    with writing(kent.node_db) as connection:
        publish_homes(connection, kent, [a_home("U1")])
    backup = world.copy("kent")
    sequence(world.open("kent"))
    world.hostile("kent").on("/log/payloads/.*", body(lambda _: bytes(4)))
    with pytest.raises(Exception, match="1 payloads"):
        followed(world, "leeds")
    kent = restored(world, backup)
    assert read_back(world, "leeds").missing == ()
    assert own_records(kent) == [home_record("U1")]


def test_what_was_erased_since_the_backup_leaves_its_bytes(world: World) -> None:
    homes(world["kent"], a_home("U1", name="Xylophone House"), a_home("U2"))
    backup = world.copy("kent")
    world.open("kent")
    append_by_hand(world["kent"], (erase_entry([0], NOW), None))
    followed(world)
    kent = restored(world, backup)
    assert world.database.holds(kent.folder, "node", b"Xylophone")
    read_back(world)
    assert not world.database.holds(kent.folder, "node", b"ylophone")
    with reading(kent.node_db) as connection:
        by_index = select(tables.own_entry.c.payload).order_by(tables.own_entry.c.idx)
        states = connection.scalars(by_index)
        assert [Payload(one) for one in states] == [Payload.ERASED, Payload.HELD, Payload.NONE]


def test_a_backup_that_is_not_behind_is_left_as_it_is(world: World) -> None:
    some_history(world)
    followed(world)
    homes(world["kent"], a_home("U9"))
    before = own_entries(world["kent"]), own_checkpoint(world["kent"]), current(world["kent"])
    assert read_back(world).size == 5
    kent = world["kent"]
    assert (own_entries(kent), own_checkpoint(kent), current(kent)) == before


# --- Never below what was signed ------------------------------------------------------------------


def test_members_that_have_less_than_was_signed_are_not_enough(world: World) -> None:
    some_history(world)
    followed(world, "leeds")
    homes(world["kent"], a_home("U3"))
    followed(world, "devon")
    kent = lost_disk(world)
    world.hostile("devon").on(".*", lambda _: AWAY)
    with pytest.raises(RecoveryIncomplete, match="4 entries of our log are here now, and 5 were"):
        read_back(world)
    refused(kent, "read back|holds 4 entries")
    world.hostile("devon").honest()
    assert read_back(world).size == 5
    assert sequence(kent) == 1


def test_keys_older_than_what_members_hold_sign_nothing(world: World) -> None:
    """Keys and database from one old backup: the mark knows nothing of what came after it."""
    some_history(world)
    backup = world.copy("kent")
    world.open("kent")
    homes(world["kent"], a_home("U3"))
    followed(world)
    world["kent"].close()
    shutil.copy(backup / "keys" / "high-water", world.folder / "kent" / "keys" / "high-water")
    kent = restored(world, backup)
    with writing(kent.node_db) as connection:
        stage(connection, kent, [("new", b"{}")])
    with pytest.raises(ForkRefused, match="holds 4 entries of our log, but 5 were signed"):
        publish_log(kent)
    read_back(world)
    assert publish_log(kent) == 1
    followed(world)


def test_without_a_mark_more_than_half_of_the_members_have_to_show_their_copies(
    world: World,
) -> None:
    some_history(world)
    followed(world)
    (world.folder / "kent" / "keys" / "high-water").unlink()
    kent = lost_disk(world)
    world.hostile("devon").on(".*", lambda _: AWAY)
    with pytest.raises(ForkRefused, match="leeds holds 4 entries of our log, and this database 0"):
        publish_log(kent)
    with pytest.raises(RecoveryIncomplete, match="only 1 of 2 other members"):
        read_back(world)
    world.hostile("devon").honest()
    assert read_back(world).size == 4
    refused_before = kent.keys.high_water()
    assert refused_before is not None
    assert refused_before.size == 4
    assert publish_log(kent) == 0


def test_a_log_that_was_forked_is_found_out_before_the_next_signature(world: World) -> None:
    some_history(world)
    backup = world.copy("kent")
    world.open("kent")
    homes(world["kent"], a_home("U3"))
    followed(world)
    twin = world.another("kent", backup)
    homes(twin, a_home("U4"), a_home("U5"))
    with writing(twin.node_db) as connection:
        stage(connection, twin, [("new", b"{}")])
    size = len(own_entries(twin))
    with pytest.raises(
        ForkRefused, match=r"holds 5 entries of our log.*not those of this database"
    ):
        publish_log(twin)
    assert len(own_entries(twin)) == size


def test_a_member_cannot_make_up_how_far_our_log_is(world: World) -> None:
    some_history(world)
    followed(world)
    kent = world["kent"]
    note = own_checkpoint(kent)
    for change in (note.replace(b"\n4\n", b"\n5\n"), b"", b"\xff", own_checkpoint(world["leeds"])):
        world.hostile("leeds").honest()
        world.hostile("leeds").on(COPY + "checkpoint", body(lambda _, said=change: said))
        with writing(kent.node_db) as connection:
            stage(connection, kent, [("new", b"{}")])
        assert publish_log(kent) == 1


def test_members_that_are_away_keep_nobody_from_signing(world: World) -> None:
    for name in ("leeds", "devon"):
        world.hostile(name).on(".*", lambda _: AWAY)
    with writing(world["kent"].node_db) as connection:
        stage(connection, world["kent"], [("new", b"{}")])
    assert publish_log(world["kent"]) == 1


def away(world: World, *names: str) -> None:
    for name in names:
        world.hostile(name).on(".*", lambda _: AWAY)


def staged(node: Node) -> None:
    with writing(node.node_db) as connection:
        stage(connection, node, [("new", b"{}")])


@pytest.mark.parametrize("set_back", ["1", "no time"])
def test_after_a_start_of_the_machine_half_of_the_members_have_to_answer(
    world: World, set_back: str
) -> None:
    """An old state of database and keys together: only they can tell that it is one."""
    kent, note = world["kent"], world["kent"].folder / "vouched-for"
    some_history(world)
    followed(world)
    note.write_text(set_back)
    away(world, "leeds", "devon")
    staged(kent)
    with pytest.raises(MembersWanting, match=r"only 0 of 2 .* what is staged waits"):
        publish_log(kent)
    assert len(own_entries(kent)) == 4
    assert note.read_text() == set_back
    world.hostile("leeds").honest()
    assert publish_log(kent) == 1
    world.hostile("leeds").on(".*", lambda _: AWAY)
    staged(kent)
    assert publish_log(world.another("kent")) == 1  # the next process of this start


def test_who_holds_none_of_it_has_answered_and_who_talks_nonsense_has_not(world: World) -> None:
    kent = world["kent"]
    publish(kent, b"{}")
    world.follow("leeds", "kent")
    away(world, "devon")
    staged(kent)
    world.hostile("leeds").on(COPY + "checkpoint", body(lambda _: b"nonsense"))
    with pytest.raises(MembersWanting, match="only 0 of 2"):
        publish_log(kent)
    world.hostile("devon").honest()
    assert publish_log(kent) == 1


def test_with_witnesses_their_quorum_is_enough(found: Callable[..., World]) -> None:
    world = found("kent", "leeds", "devon", witnesses=("leeds",), rule="1")
    publish(world["kent"], b"{}")
    (world["kent"].folder / "vouched-for").write_text("1")
    world.hostile("leeds").on("/mirror/.*", lambda _: AWAY)
    away(world, "devon")
    staged(world["kent"])
    assert publish_log(world["kent"]) == 1


def test_nobody_is_asked_where_there_is_nothing_to_sign(world: World) -> None:
    sequence(world["kent"])
    publish_log(world["kent"])
    assert world.hostile("leeds").asked == []


# --- With witnesses -------------------------------------------------------------------------------


def test_a_log_with_witnesses_is_read_back_with_their_cosignatures(
    found: Callable[..., World],
) -> None:
    world = found("kent", "leeds", "devon", witnesses=("leeds", "devon"), rule="2")
    for urn in ("U1", "U2"):
        with writing(world["kent"].node_db) as connection:
            publish_homes(connection, world["kent"], [a_home(urn)])
        publish_log(world["kent"])
    followed(world)
    entries, checkpoint = own_entries(world["kent"]), own_checkpoint(world["kent"])
    kent = lost_disk(world)
    with pytest.raises(ForkRefused, match="hearth recover"):
        publish_log(kent)
    assert read_back(world).size == 2
    assert own_entries(kent) == entries
    assert own_checkpoint(kent).startswith(checkpoint.partition(b"\n\n")[0])
    with writing(kent.node_db) as connection:
        publish_homes(connection, kent, [a_home("U3")])
    assert publish_log(kent) == 1
    followed(world)
    assert urns(world["leeds"]) == ["U1", "U2", "U3"]


def test_what_was_signed_and_seen_by_nobody_comes_of_what_the_backup_stages(world: World) -> None:
    kent = world["kent"]
    homes(kent, a_home("U1"))
    followed(world)
    with writing(kent.node_db) as connection:
        publish_homes(connection, kent, [a_home("U1", places=4), a_home("U2")])
    backup = world.copy("kent")
    kent = world.open("kent")
    sequence(kent)  # and dies before anybody has asked
    entries, mark = own_entries(kent), kent.keys.high_water()
    kent = restored(world, backup)
    with writing(kent.node_db) as connection:
        publish_homes(connection, kent, [a_home("U3")])
    assert read_back(world).size == 3
    assert own_entries(kent) == entries
    assert kent.keys.high_water() == mark
    assert sequence(kent) == 1
    followed(world)
    assert urns(world["leeds"]) == ["U1", "U2", "U3"]


def test_what_is_staged_by_another_is_not_taken_for_what_was_signed(world: World) -> None:
    homes(world["kent"], a_home("U1"))
    followed(world)
    backup = world.copy("kent")
    world.open("kent")
    homes(world["kent"], a_home("U2"))  # and dies before anybody has asked
    kent = restored(world, backup)
    with writing(kent.node_db) as connection:
        publish_homes(connection, kent, [a_home("U2")])
    with pytest.raises(RecoveryIncomplete, match="1 entries of our log are here now, and 2 were"):
        read_back(world)
    assert len(own_entries(kent)) == 1
    with reading(kent.node_db) as connection:
        assert staged_count(connection) == 1


# --- Interrupted ----------------------------------------------------------------------------------


def test_half_a_recovery_signs_nothing_and_is_gone_on_with(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.publish("kent", *small_records(10))
    followed(world)
    kent = lost_disk(world)
    with monkeypatch.context() as broken:
        broken.setattr(
            "federation.recovery.completing.settle_current",
            lambda *_: (_ for _ in ()).throw(OSError("stopped here")),
        )
        with pytest.raises(OSError, match="stopped"):
            read_back(world)
    assert len(own_entries(kent)) == 10
    refused(kent, "being read back.*Run 'hearth recover' again")
    read_back(world)
    assert sequence(kent) == 1


@pytest.mark.parametrize(
    "times", [4, pytest.param(40, marks=pytest.mark.soak)], ids=["a few times", "many times"]
)
def test_killed_while_it_recovers_nothing_is_lost_or_doubled(
    found: Callable[..., World], times: int
) -> None:
    world = found("kent", "leeds", clock=true_time)
    publish(world["kent"], *(home_record(f"U{number:05}") for number in range(2_000)))
    world.follow("leeds", "kent")
    ours, checkpoint = own_entries(world["kent"]), own_checkpoint(world["kent"])
    kent = lost_disk(world)
    with writing(kent.node_db) as connection:
        stage(connection, kent, [("late", b'{"schema":"late/1"}')])
    dice, sizes = random.Random(times), set()
    for _ in range(times):
        with Doing(deeds.recover_log, kent.folder) as doing:
            if not doing.ended_within(dice.uniform(0.1, 1.0)):
                doing.kill()
        sizes.add(len(own_entries(kent)))
        assert own_entries(kent)[: len(ours)] == ours[: len(own_entries(kent))]
    with Doing(deeds.recover_log, kent.folder) as doing:
        doing.ended_well()
    assert own_entries(kent)[: len(ours)] == ours
    assert len(own_entries(kent)) == len(ours) + 1
    assert own_checkpoint(kent) != checkpoint
    assert {one.problem for one in audit_logs(kent)} == {None}
    assert world.follow("leeds", "kent") == 1


def test_a_charter_that_is_lost_comes_from_a_member_by_its_digest(world: World) -> None:
    some_history(world)
    followed(world)
    for name in ("leeds", "devon"):
        publish(world[name])
    kent = lost_disk(world)
    kent.close()
    note = kent.folder / "charter.note"
    held = note.read_bytes()
    note.unlink()
    asked = ["--charter", world.member("leeds").url, "--digest"]
    refused = ["recover", *asked, "A" * 43, "--json", "--data-dir", str(kent.folder)]
    ended = CliRunner().invoke(main, refused)
    assert ended.exit_code == 1
    assert "not the one that was given" in ended.stderr
    assert not note.exists()
    assert hearth(kent, "recover", *asked, charter_digest(held))["size"] == 4
    assert note.read_bytes() == held


def test_the_command_brings_back_log_and_search(world: World) -> None:
    some_history(world)
    world.publish_homes("leeds", a_home("L1", LEEDS))
    world.publish("devon")
    followed(world)
    kent = lost_disk(world)
    said = hearth(kent, "recover")
    assert (said["before"], said["size"], said["missing"]) == (0, 4, [])
    assert {log["node"]: log["trouble"] for log in said["logs"]} == dict.fromkeys(
        ("kent", "leeds", "devon")
    )
    assert urns(kent) == ["L1", "U1"]
    assert hearth(kent, "recover")["size"] == 4
