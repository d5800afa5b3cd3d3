"""Attachments between nodes: sealed chunks first, then the message; and nothing of it by halves."""

import itertools
import socket
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, update
from werkzeug.wrappers import Response

from directory.intake.attachments.choosing import Chosen, enclosures
from directory.notices.erasing import erase_notice
from directory.notices.received import read_attachment, read_received, received
from directory.notices.sent import send_again, send_notice
from federation import (
    ChunksHeld,
    Dispatch,
    Node,
    attach,
    chunks_held,
    deliver_due,
    dispatches,
    reading,
    tables,
    writing,
)
from federation.chunks import incoming, outgoing
from federation.chunks.tables import arrived_chunk, outgoing_chunk
from federation.errors import ChunksMissing, PeerRefused
from federation.peers import OwnInbox
from protocols.attachments import MAX_ATTACHED, MAX_CHUNK, Attachment, chunk_digest
from protocols.keys import Purpose
from protocols.messages import seal, sealed_digest, sign_message, signed_digest
from protocols.receipts import open_receipt
from tests.directory.files import DOCX, PDF, PNG
from tests.federation.deeds import deliver_all, serve
from tests.federation.processes import Doing, until
from tests.federation.servers import HERE
from tests.federation.test_inbox import a_message
from tests.federation.worlds import KENT, LEEDS, WHO, World, a_notice, true_time

pytestmark = pytest.mark.both_databases(second_is_soak=True)

LONGEST = PNG + b"\x5a" * (MAX_ATTACHED - len(PNG))
BIG = LONGEST[: 3 * MAX_CHUNK]
WHY = "To test it."


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine, too, all chunks go in one turn."""
    monkeypatch.setattr(outgoing, "TURN_S", 600.0)


def send(world: World, *files: tuple[str, bytes]) -> str:
    kent = world["kent"]
    chosen = enclosures([Chosen(name, BytesIO(content)) for name, content in files])
    with writing(kent.node_db) as connection:
        return send_notice(
            connection, kent, WHO, a_notice(), placing=KENT, area=LEEDS, files=chosen
        )


def deliver(world: World) -> int:
    return deliver_due(world["kent"], world.peer("kent", "leeds"))


def where(world: World, message: str) -> Dispatch:
    with reading(world["kent"].node_db) as connection:
        return dispatches(connection)[message]


def held(world: World, message: str) -> ChunksHeld | None:
    with reading(world["kent"].node_db) as connection:
        return chunks_held(connection, [message]).get(message)


def came(node: Node) -> list[str]:
    with reading(node.node_db) as connection:
        return [one.id for one in received(connection, WHO, LEEDS)]


def files_of(node: Node, message: str) -> list[tuple[str, bytes]]:
    """The names and contents of the files that came with a notice."""
    how: dict[str, Any] = {"area": LEEDS, "notice": message, "reason": WHY}
    with writing(node.node_db) as connection:
        count = len(read_received(connection, node, WHO, **how).attachments)
    found = []
    for number in range(count):
        with writing(node.node_db) as connection:
            one, content = read_attachment(connection, node, WHO, number=number, **how)
        found.append((one.name, b"".join(content)))
    return found


def rows(node: Node, table: Any = arrived_chunk, **are: Any) -> int:
    with reading(node.node_db) as connection:
        wanted = select(func.count()).select_from(table)
        return connection.scalar(wanted.filter_by(**are)) or 0


def asked(world: World) -> list[str]:
    """What was asked of Leeds since the last time, but for tokens: `chunks` for each chunk."""
    every = world.hostile("leeds").asked
    found = [path.split("/")[1] for path in every if path != "/token"]
    every.clear()
    return found


# --- Delivered ------------------------------------------------------------------------------------


def test_files_of_25_megabytes_arrive_with_their_notice(world: World) -> None:
    files = [("Photograph.png", LONGEST[: MAX_ATTACHED - len(PDF)]), ("Care plan.pdf", PDF)]
    message = send(world, *files)
    assert held(world, message) == ChunksHeld(0, 27)
    assert deliver(world) == 1
    assert where(world, message).state == "stored"
    assert files_of(world["leeds"], message) == files
    assert asked(world) == [*["chunks"] * 27, "inbox"]
    assert held(world, message) is None
    assert rows(world["kent"], outgoing_chunk) == 0


def test_two_authorities_of_one_node_send_each_other_files(found: Callable[..., World]) -> None:
    world = found("kent", served={"kent": (KENT, LEEDS)})
    message = send(world, ("a.docx", DOCX))
    assert deliver_due(world["kent"], OwnInbox(world["kent"])) == 1
    assert files_of(world["kent"], message) == [("a.docx", DOCX)]


def test_others_have_their_turn_while_chunks_are_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "TURN_S", -1.0)
    message = send(world, ("a.png", BIG))
    small = send(world)
    assert deliver(world) == 1
    assert came(world["leeds"]) == [small]
    # One in each turn: one before the notice was there, and one after.
    assert held(world, message) == ChunksHeld(2, 4)
    assert (where(world, message).state, where(world, message).attempts) == ("waiting", 0)
    while not came(world["leeds"])[1:]:
        deliver(world)
    assert files_of(world["leeds"], message) == [("a.png", BIG)]


# --- Broken off -----------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_transfer_goes_on_where_it_stopped(world: World) -> None:
    message = send(world, ("a.png", BIG))
    answers = itertools.count()

    def third_fails(answer: Response) -> Response | None:
        return Response(status=503) if next(answers) == 2 else None

    world.hostile("leeds").on("/chunks/.*", third_fails)
    assert deliver(world) == 0
    assert held(world, message) == ChunksHeld(2, 4)
    assert "503" in (where(world, message).problem or "")
    asked(world)
    world.turn.forward(minutes=1)
    assert deliver(world) == 1
    # The third was stored, and only its answer lost: it comes again, and is not stored twice.
    assert asked(world) == ["chunks", "chunks", "inbox"]
    assert files_of(world["leeds"], message) == [("a.png", BIG)]
    assert rows(world["leeds"]) == 4


def test_killed_on_both_sides_a_transfer_goes_on_and_the_message_is_there_once(
    found: Callable[..., World],
) -> None:
    world = found("kent", "leeds", clock=true_time)
    kent, leeds = world["kent"], world["leeds"]
    content = LONGEST[: 7 * MAX_CHUNK]
    message = send(world, ("a.png", content))
    world.sites["leeds"].stop()
    port, arrived = world.sites["leeds"].port, 0
    for sender_first in (True, False):
        with Doing(serve, leeds.folder, port) as serving, Doing(deliver_all, kent.folder) as giving:
            until(lambda before=arrived: rows(leeds) > before)
            for one in (giving, serving) if sender_first else (serving, giving):
                one.kill()
        progress = held(world, message)
        assert progress is not None
        assert arrived < rows(leeds) < 8
        # What is marked is there, and at most one that is there is not marked.
        assert 0 <= rows(leeds) - progress.held <= 1
        assert came(leeds) == []
        arrived = rows(leeds)
    with Doing(serve, leeds.folder, port) as serving:
        with Doing(deliver_all, kent.folder) as giving:
            giving.ended_well()
        serving.kill()
    assert came(leeds) == [message]
    assert (rows(leeds), rows(kent, outgoing_chunk)) == (8, 0)
    assert where(world, message).state == "stored"
    assert files_of(leeds, message) == [("a.png", content)]


def test_chunks_that_the_recipient_lost_are_sent_again_and_no_others(world: World) -> None:
    message = send(world, ("a.png", BIG))
    assert outgoing.send_chunks(world["kent"], message, world.peer("kent", "leeds"))
    assert held(world, message) == ChunksHeld(4, 4)
    with writing(world["leeds"].node_db) as connection:
        some = select(outgoing_chunk.c.digest).where(outgoing_chunk.c.number.in_([0, 2]))
        with reading(world["kent"].node_db) as kents:
            lost = kents.scalars(some).all()
        connection.execute(arrived_chunk.delete().where(arrived_chunk.c.digest.in_(lost)))
    assert deliver(world) == 0
    assert "2 chunks" in (where(world, message).problem or "")
    assert held(world, message) == ChunksHeld(2, 4)
    asked(world)
    world.turn.forward(minutes=1)
    assert deliver(world) == 1
    assert asked(world) == ["chunks", "chunks", "inbox"]
    assert files_of(world["leeds"], message) == [("a.png", BIG)]


def test_a_node_that_takes_no_attachments_is_named_and_tried_again(world: World) -> None:
    message = send(world, ("a.pdf", PDF))
    world.hostile("leeds").on("/chunks/.*", lambda _: Response(status=404))
    assert deliver(world) == 0
    where_it_is = where(world, message)
    assert where_it_is.state == "waiting"
    assert "leeds takes no attachments yet" in (where_it_is.problem or "")
    assert "inbox" not in asked(world)
    world.hostile("leeds").honest()
    world.turn.forward(minutes=1)
    assert deliver(world) == 1


def test_a_refused_message_is_sent_again_with_its_files(world: World) -> None:
    kent = world["kent"]
    message = send(world, ("a.pdf", PDF))
    with writing(kent.node_db) as connection:
        connection.execute(update(tables.outbox).values(state="refused", sealed=b""))
    with writing(kent.node_db) as connection:
        send_again(connection, kent, WHO, placing=KENT, notice=message)
    assert deliver(world) == 1
    assert files_of(world["leeds"], message) == [("a.pdf", PDF)]


# --- Receipts -------------------------------------------------------------------------------------


def test_there_is_no_receipt_before_every_chunk_is_stored(world: World) -> None:
    one, chunks, sealed, signed = by_hand(world, BIG, name="a.png", type="image/png")
    peer = world.peer("kent", "leeds")
    order = [2, 0, 3, 1]
    for stored, number in enumerate(order):
        with pytest.raises(ChunksMissing) as raised:
            peer.deliver(LEEDS, sealed)
        assert set(raised.value.digests) == {one.chunks[at] for at in order[stored:]}
        assert came(world["leeds"]) == []
        peer.store_chunk(one.chunks[number], chunks[number])
    answer = peer.deliver(LEEDS, sealed)
    assert outcome(world, answer, sealed, signed) == ("stored", None)
    assert rows(world["leeds"], message=None) == 0
    assert peer.deliver(LEEDS, sealed) == answer


# --- Attacks --------------------------------------------------------------------------------------


def test_chunks_of_one_message_are_not_taken_for_anothers(world: World) -> None:
    """Whoever signs may name what it likes; what it names has to open where it stands."""
    one, chunks, sealed, signed = by_hand(world, PDF)
    two, other, _, _ = by_hand(world, PDF + b" ", number=1)
    peer = world.peer("kent", "leeds")
    for each, digests in ((chunks, one.chunks), (other, two.chunks)):
        peer.store_chunk(digests[0], each[0])
    swapped = msgspec.structs.replace(one, chunks=two.chunks)
    elsewhere = a_message(id="0" * 31 + "2", attachments=(one,))
    for message in (a_message(attachments=(swapped,)), elsewhere):
        text = sign_message(message, world["kent"].signing_key(KENT))
        wrong = seal(text, sealing(world))
        assert outcome(world, peer.deliver(LEEDS, wrong), wrong, text) == ("refused", "malformed")
    assert came(world["leeds"]) == []
    assert outcome(world, peer.deliver(LEEDS, sealed), sealed, signed) == ("stored", None)


def test_a_file_of_another_kind_than_is_said_is_refused(world: World) -> None:
    for content in (b"MZ not a picture", DOCX):
        one, chunks, sealed, signed = by_hand(world, content, type="image/png", name="a.png")
        peer = world.peer("kent", "leeds")
        peer.store_chunk(one.chunks[0], chunks[0])
        answer = peer.deliver(LEEDS, sealed)
        assert outcome(world, answer, sealed, signed) == ("refused", "malformed")


def test_a_chunk_with_wrong_bytes_is_refused(world: World) -> None:
    peer = world.peer("kent", "leeds")
    for chunk in (b"other bytes", b"", b"x" * MAX_CHUNK):
        with pytest.raises(PeerRefused) as raised:
            peer.store_chunk(chunk_digest(b"bytes"), chunk)
        assert raised.value.status == 400
    assert rows(world["leeds"]) == 0


def test_a_chunk_that_is_too_long_or_has_no_end_is_refused(world: World) -> None:
    chunk = b"x" * (MAX_CHUNK + 1)
    with suppress(PeerRefused):
        world.peer("kent", "leeds").store_chunk(chunk_digest(chunk), chunk)
    peer = world.peer("kent", "leeds")
    token = peer._current_token()
    for headers, status in (
        ({"Content-Length": str(10**12)}, 413),
        ({"Content-Length": str(MAX_CHUNK + 1)}, 413),
        ({"Transfer-Encoding": "chunked"}, 411),
        ({}, 411),
    ):
        assert put(world, token, headers, b"1\r\nx\r\n" * 100) == status
    assert rows(world["leeds"]) == 0


def put(world: World, token: str, headers: dict[str, str], begun: bytes) -> int:
    """Begin to send a chunk, and say what is answered before it ends."""
    every = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    head = [f"PUT /chunks/{'x' * 43} HTTP/1.1", "Host: leeds"]
    head += [f"{name}: {value}" for name, value in (every | headers).items()]
    with socket.create_connection((HERE, world.sites["leeds"].port), timeout=30) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + begun)
        return int(connection.recv(100).split()[1])


def test_nobody_but_an_active_member_delivers_chunks(world: World) -> None:
    kent = msgspec.structs.replace(world.member("kent"), status="suspended", reason="It was said.")
    peer = world.peer("kent", "leeds")
    peer.store_chunk(chunk_digest(b"x"), b"x")
    world.adopt(world.successor(kent), "leeds")
    with pytest.raises(PeerRefused, match=r"kent is suspended .*It was said"):
        peer.store_chunk(chunk_digest(b"y"), b"y")
    assert put(world, "nonsense", {"Content-Length": "1"}, b"x") == 401


def test_no_member_fills_the_disk_and_none_uses_up_what_another_may(
    found: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "MOST_UNUSED", 3)
    monkeypatch.setattr(incoming, "MOST_A_DAY", 5)
    world = found("kent", "leeds", "devon")
    peer, devon = world.peer("kent", "leeds"), world.peer("devon", "leeds")

    def store(by: Any, *numbers: int) -> None:
        for number in numbers:
            by.store_chunk(chunk_digest(b"%d" % number), b"%d" % number)

    store(peer, 0, 1, 2, 0, 1, 2)
    with pytest.raises(PeerRefused) as raised:
        store(peer, 3)
    assert raised.value.status == 429
    store(devon, 0, 1, 3)
    assert rows(world["leeds"]) == 6
    world.turn.forward(days=6)
    incoming.drop_unused(world["leeds"])
    assert rows(world["leeds"]) == 6
    world.turn.forward(days=2)
    incoming.drop_unused(world["leeds"])
    assert rows(world["leeds"]) == 0
    # What messages have named is kept, and counts for a day.
    for number in range(5):
        store(peer, number)
        with writing(world["leeds"].node_db) as connection:
            connection.execute(update(arrived_chunk).values(message="E10000016/named"))
    with pytest.raises(PeerRefused, match="5 came within a day"):
        store(peer, 5)
    world.turn.forward(days=1)
    incoming.drop_unused(world["leeds"])
    store(peer, 5)
    assert rows(world["leeds"]) == 6


def test_what_another_member_delivered_is_not_ones_own(found: Callable[..., World]) -> None:
    world = found("kent", "leeds", "devon")
    one, chunks, sealed, _ = by_hand(world, PDF)
    world.peer("devon", "leeds").store_chunk(one.chunks[0], chunks[0])
    with pytest.raises(ChunksMissing):
        world.peer("kent", "leeds").deliver(LEEDS, sealed)


def test_a_recipient_that_always_misses_chunks_is_not_asked_in_a_loop(world: World) -> None:
    message = send(world, ("a.pdf", PDF))
    said = {"type": "urn:commonhearth:problem:chunks-missing", "missing": ["x" * 43] * 500}
    world.hostile("leeds").on(
        "/inbox/.*", lambda _: Response(msgspec.json.encode(said), status=409)
    )
    assert deliver(world) == 0
    assert asked(world) == ["chunks", "inbox"]
    assert where(world, message).state == "waiting"
    said["missing"] = "all"
    world.turn.forward(minutes=1)
    assert deliver(world) == 0
    assert "409" in (where(world, message).problem or "")


# --- At rest --------------------------------------------------------------------------------------


def test_an_erased_notice_leaves_no_chunk_on_either_side(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    arrived, refused = send(world, ("a.pdf", PDF)), ""
    deliver(world)
    refused = send(world, ("b.pdf", PDF))
    with writing(kent.node_db) as connection:
        dead = update(tables.outbox).where(tables.outbox.c.id == refused)
        connection.execute(dead.values(state="refused", sealed=b""))
    assert (rows(leeds), rows(kent, outgoing_chunk)) == (1, 1)
    with writing(leeds.node_db) as connection:
        erase_notice(connection, leeds, WHO, authority=LEEDS, notice=arrived, reason=WHY)
    with writing(kent.node_db) as connection:
        erase_notice(connection, kent, WHO, authority=KENT, notice=refused, reason=WHY)
    assert (rows(leeds), rows(kent, outgoing_chunk)) == (0, 0)


def test_neither_name_nor_content_stands_in_a_database(world: World) -> None:
    name, words = "Zebedee Quillfeather", b"%PDF-1.7 Crooked Billet is where he lives %%EOF"
    message = send(world, (f"{name}.pdf", words))
    deliver(world)
    assert files_of(world["leeds"], message) == [(f"{name}.pdf", words)]
    for node in ("kent", "leeds"):
        for secret in (name.encode(), words[9:23], b"application/pdf"):
            assert not world.database.holds(world[node].folder, "node", secret)


# --- By hand --------------------------------------------------------------------------------------


def by_hand(
    world: World, content: bytes, number: int = 0, **changes: Any
) -> tuple[Attachment, list[bytes], bytes, str]:
    """A message from Kent with one file: what it says of it, its chunks, and the message, sealed
    and signed. The file is sealed for the place `number`.
    """
    name, kind = changes.get("name", "a.pdf"), changes.get("type", "application/pdf")
    files = [outgoing.Enclosure(name, kind, BytesIO(each)) for each in [b"x"] * number + [content]]
    with suppress(ZeroDivisionError), writing(world["kent"].node_db) as connection:
        one = attach(connection, sender=KENT, message=a_message().id, files=files)[number]
        sealed = select(outgoing_chunk.c.digest, outgoing_chunk.c.sealed)
        chunks = dict(connection.execute(sealed).all())  # type: ignore[arg-type]
        raise ZeroDivisionError  # nothing is queued
    signed = sign_message(a_message(attachments=(one,)), world["kent"].signing_key(KENT))
    return one, [chunks[each] for each in one.chunks], seal(signed, sealing(world)), signed


def sealing(world: World) -> Any:
    return world["leeds"].keys.authority_key(LEEDS, Purpose.SEALING).public


def outcome(world: World, answer: str, sealed: bytes, signed: str) -> tuple[str, str | None]:
    receipt = open_receipt(
        answer,
        by=LEEDS,
        keys=world["kent"].charter.authority_keys(LEEDS, Purpose.SIGNING),
        sealed=sealed_digest(sealed),
        signed=signed_digest(signed),
    )
    return receipt.outcome, receipt.reason
