"""What every route between nodes answers: to whom, in which form, for how long."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy import update

from directory.app import create_app
from federation import ROUTES, Access, reading, sequence, stage, tables, writing
from protocols.entries import SALT_SIZE, decode_entry, unpack_blobs
from protocols.tiles import unpack_entries
from tests.federation.worlds import (
    KENT,
    World,
    own_checkpoint,
    own_entries,
    publish,
    small_records,
)

OCTETS = "application/octet-stream"
FOREVER = "public, max-age=31536000, immutable"
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def world(found_once: Callable[..., World]) -> World:
    """Kent, whose log has 700 entries, which it mirrors as any other's, and Leeds, who asks."""
    world = found_once("kent", "leeds")
    world.publish("kent", *small_records(700))
    world.follow("kent", "kent")
    return world


@pytest.fixture
def own_world(found: Callable[..., World]) -> World:
    """The same, for a test that changes it."""
    world = found("kent", "leeds")
    world.publish("kent", *small_records(700))
    return world


Both = pytest.mark.parametrize("whose", ["", "/mirror/kent"], ids=["own", "mirrored"])


def ask(world: World, path: str, method: str = "GET", **how: Any) -> requests.Response:
    """A request whose path is sent as it stands."""
    request = requests.Request(method, world.sites["kent"].url, **how).prepare()
    request.url = f"{world.sites['kent'].url}{path}"
    with requests.Session() as session:
        return session.send(request, timeout=10, allow_redirects=False)


def bearer(world: World) -> dict[str, str]:
    peer = world.peer("leeds", "kent")
    peer.ping()
    return {"Authorization": f"Bearer {peer._token}"}


# --- Form and time of each answer ---------------------------------------------------------------


@Both
@pytest.mark.parametrize(
    ("path", "kind", "caching", "length"),
    [
        ("/log/checkpoint", "text/plain; charset=utf-8", "public, max-age=1", None),
        ("/log/tile/0/000", OCTETS, FOREVER, 256 * 32),
        ("/log/tile/0/002.p/188", OCTETS, FOREVER, 188 * 32),
        ("/log/tile/0/002.p/1", OCTETS, FOREVER, 32),
        ("/log/tile/1/000.p/2", OCTETS, FOREVER, 2 * 32),
        ("/log/tile/1/000.p/1", OCTETS, FOREVER, 32),
        ("/log/tile/entries/000", OCTETS, FOREVER, None),
        ("/log/tile/entries/002.p/188", OCTETS, FOREVER, None),
        ("/log/tile/entries/000.p/7", OCTETS, FOREVER, None),
    ],
)
def test_the_log_is_public_and_says_how_long_it_holds(
    world: World, path: str, kind: str, caching: str, length: int | None, whose: str
) -> None:
    answer = ask(world, whose + path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Cache-Control"] == caching
    assert "Set-Cookie" not in answer.headers
    assert length is None or len(answer.content) == length


@Both
def test_payloads_are_for_members_and_never_kept(world: World, whose: str) -> None:
    answer = ask(world, f"{whose}/log/payloads/002.p/188")
    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] == "no-store"
    answer = ask(world, f"{whose}/log/payloads/002.p/188", headers=bearer(world))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == OCTETS
    assert answer.headers["Cache-Control"] == "no-store"
    records = [blob[SALT_SIZE:] for blob in unpack_blobs(answer.content, 188)]
    assert records == small_records(700)[512:]


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [("/ping", "text/plain; charset=utf-8", 200), (f"/inbox/{KENT}", "application/jose", 200)],
)
def test_what_members_come_for_is_never_kept(
    world: World, path: str, kind: str, status: int
) -> None:
    headers = bearer(world) | {"Content-Type": "application/jose"}
    answer = ask(world, path, "POST", headers=headers)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_checkpoint_is_the_one_that_was_signed_last(world: World) -> None:
    assert ask(world, "/log/checkpoint").content == own_checkpoint(world["kent"])


def test_entries_are_given_as_they_were_hashed_and_tell_no_record(world: World) -> None:
    answer = ask(world, "/log/tile/entries/000.p/3")
    assert unpack_entries(answer.content, 3) == own_entries(world["kent"])[:3]
    entry = decode_entry(own_entries(world["kent"])[0], 0)
    assert (entry.op, entry.size) == ("publish", SALT_SIZE + len(small_records(1)[0]))
    assert b"number" not in answer.content


def test_a_full_tile_stands_where_a_partial_one_was(own_world: World) -> None:
    world = own_world
    before = ask(world, "/log/tile/0/002.p/188").content
    publish(world["kent"], *small_records(300))
    assert ask(world, "/log/tile/0/002.p/188").content == before
    assert ask(world, "/log/tile/0/002").content.startswith(before)


# --- What is not there --------------------------------------------------------------------------


@Both
@pytest.mark.parametrize(
    "path",
    [
        "/log/tile/0/002.p/189",
        "/log/tile/0/002",
        "/log/tile/0/003.p/1",
        "/log/tile/0/999",
        "/log/tile/0/x999/x999/x999/x999/999",
        "/log/tile/0/x999/x999/x999/x999/x999/x999/999",
        "/log/tile/1/000.p/3",
        "/log/tile/1/000",
        "/log/tile/2/000.p/1",
        "/log/tile/63/000.p/1",
        "/log/tile/entries/002.p/189",
        "/log/tile/entries/003",
    ],
)
def test_what_lies_beyond_the_signed_size_is_not_there(world: World, path: str, whose: str) -> None:
    not_there(ask(world, whose + path))


@Both
@pytest.mark.parametrize(
    "path",
    [
        "/log/tile/00/000",
        "/log/tile/0/0",
        "/log/tile/0/00",
        "/log/tile/0/0000",
        "/log/tile/0/x000/000",
        "/log/tile/0/x000/001",
        "/log/tile/0/000.p/0",
        "/log/tile/0/000.p/256",
        "/log/tile/0/000.p/257",
        "/log/tile/0/000.p/01",
        "/log/tile/0/000.p/1000",
        "/log/tile/0/000.p/",
        "/log/tile/0/000.p",
        "/log/tile/0/000.p/-1",
        "/log/tile/0/001/x000",
        "/log/tile/0/-01",
        "/log/tile/0/ 01",
        "/log/tile/0/%D9%A0%D9%A0%D9%A0",
        "/log/tile/0/000/",
        "/log/tile/64/000",
        "/log/tile/064/000",
        "/log/tile/99999999999999999999/000",
        "/log/tile/entries/0",
        "/log/tile/entries/000.p/256",
        "/log/tile/entries/x000/000",
    ],
)
def test_a_path_that_is_not_the_one_spelling_is_not_there(
    world: World, path: str, whose: str
) -> None:
    not_there(ask(world, whose + path))


@Both
@pytest.mark.parametrize("path", ["0", "000.p/256", "x000/000", "003", "002.p/189"])
def test_members_find_no_payloads_by_another_spelling_or_beyond_the_log(
    world: World, path: str, whose: str
) -> None:
    not_there(ask(world, f"{whose}/log/payloads/{path}", headers=bearer(world)))


def not_there(answer: requests.Response) -> None:
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.headers["Cache-Control"] == "no-store"
    problem = answer.json()
    assert problem["type"] == "urn:commonhearth:problem:not-found"
    assert (problem["title"], problem["status"]) == ("There is nothing here", 404)
    assert problem["detail"]


def test_entries_that_are_not_signed_for_yet_are_not_served(own_world: World) -> None:
    world = own_world
    kent = world["kent"]
    signed = own_checkpoint(kent)
    with writing(kent.node_db) as connection:
        stage(connection, kent, [("new", b"{}")])
    sequence(kent)
    assert ask(world, "/log/tile/0/002.p/189").status_code == 200
    with writing(kent.node_db) as connection:
        connection.execute(update(tables.own_log).values(checkpoint=signed))
    for path in ("0", "entries"):
        not_there(ask(world, f"/log/tile/{path}/002.p/189"))
    not_there(ask(world, "/log/payloads/002.p/189", headers=bearer(world)))


def test_a_log_that_was_never_signed_is_not_there(found: Callable[..., World]) -> None:
    world = found("kent")
    not_there(ask(world, "/log/checkpoint"))
    not_there(ask(world, "/log/tile/0/000.p/1"))
    sequence(world["kent"])
    assert ask(world, "/log/checkpoint").status_code == 200
    not_there(ask(world, "/log/tile/0/000.p/1"))


# --- Who may use which route --------------------------------------------------------------------

EXAMPLES = {
    "node.checkpoint": ("GET", "/log/checkpoint"),
    "node.tile": ("GET", "/log/tile/0/000"),
    "node.entries": ("GET", "/log/tile/entries/000"),
    "node.payloads": ("GET", "/log/payloads/000"),
    "node.mirror_checkpoint": ("GET", "/mirror/kent/log/checkpoint"),
    "node.mirror_tile": ("GET", "/mirror/kent/log/tile/0/000"),
    "node.mirror_entries": ("GET", "/mirror/kent/log/tile/entries/000"),
    "node.mirror_payloads": ("GET", "/mirror/kent/log/payloads/000"),
    "node.charter": ("GET", "/charter"),
    "node.charter_version": ("GET", "/charter/1"),
    "node.charter_erased": ("GET", "/charter/1/erased"),
    "node.token": ("POST", "/token"),
    "node.inbox": ("POST", f"/inbox/{KENT}"),
    "node.chunk": ("PUT", f"/chunks/{'x' * 43}"),
    "node.ping": ("POST", "/ping"),
    "node.snapshot": ("GET", "/snapshot"),
    "node.erasures": ("POST", "/erasures"),
    "node.forks": ("POST", "/forks"),
    "node.checkpoints": ("GET", "/checkpoints"),
    "node.add_checkpoint": ("POST", "/add-checkpoint"),
    "node.cosigned": ("GET", f"/{'0' * 64}/checkpoint"),
}
# What they answer to an example that asks for nothing; the node is no witness.
ANSWERS = {"node.token": 400, "node.add_checkpoint": 404, "node.cosigned": 404}


def rules(world: World) -> list[Any]:
    return [
        rule
        for rule in create_app(world["kent"]).url_map.iter_rules()
        if rule.endpoint.startswith("node.")
    ]


def test_every_route_between_nodes_has_its_row_and_every_row_its_route(world: World) -> None:
    assert {rule.endpoint for rule in rules(world)} == set(ROUTES) == set(EXAMPLES)


def test_a_route_without_a_row_is_refused(world: World) -> None:
    app = create_app(world["kent"])
    app.view_functions["node.forgotten"] = lambda: "open to all"
    app.url_map.add(type(rules(world)[0])("/forgotten", endpoint="node.forgotten"))
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert answer.content_type == PROBLEM


@pytest.mark.parametrize("endpoint", list(ROUTES))
def test_a_stranger_gets_what_is_public_and_nothing_else(world: World, endpoint: str) -> None:
    method, path = EXAMPLES[endpoint]
    answer = ask(world, path, method)
    if ROUTES[endpoint] is Access.MEMBER:
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Content-Type"] == PROBLEM
    else:
        assert answer.status_code == ANSWERS.get(endpoint, 200)


LOG = ("checkpoint", "tile", "entries")


def test_what_a_stranger_may_use_is_a_short_list() -> None:
    public = {endpoint for endpoint, access in ROUTES.items() if access is Access.PUBLIC}
    logs = {f"node.{copy}{name}" for copy in ("", "mirror_") for name in LOG}
    witness = {"node.add_checkpoint", "node.cosigned", "node.checkpoints"}
    assert public == logs | witness | {"node.charter", "node.charter_version", "node.token"}


@pytest.mark.parametrize("endpoint", list(ROUTES))
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_no_route_takes_another_method(world: World, endpoint: str, method: str) -> None:
    meant, path = EXAMPLES[endpoint]
    if method != meant:
        answer = ask(world, path, method, headers=bearer(world))
        assert answer.status_code == 405
        assert meant in answer.headers["Allow"]


def test_a_request_for_the_head_alone_gives_no_body(world: World) -> None:
    answer = ask(world, "/log/tile/0/000", "HEAD")
    assert answer.status_code == 200
    assert answer.content == b""
    assert ask(world, "/log/payloads/000", "HEAD").status_code == 401


def test_a_ping_is_noted_once_for_whoever_rings(own_world: World) -> None:
    world = own_world
    peer = world.peer("leeds", "kent")
    for _ in range(3):
        peer.ping()
    with reading(world["kent"].node_db) as connection:
        assert [row.node for row in connection.execute(tables.ping.select())] == ["leeds"]


def test_a_ping_that_brings_something_along_is_not_read(world: World) -> None:
    answer = ask(world, "/ping", "POST", headers=bearer(world), data=b"x" * 100_000)
    assert answer.status_code in (200, 413)


@pytest.mark.parametrize(
    "path",
    [
        "/log",
        "/log/",
        "/log/tile",
        "/log/%2e%2e/log/nothing",
        "/mirror",
        "/mirror/kent",
        "/mirror/leeds/log/checkpoint",
        "/mirror/kent/log",
        "/mirror/kent/inbox/E10000016",
        "/inbox",
        "/token/",
    ],
)
def test_nothing_else_is_served_between_nodes(world: World, path: str) -> None:
    assert ask(world, path).status_code == 404
