"""What `deploy/` ships works: nginx in front of nodes, TLS, and nothing passes that should not.

The committed files are run as they are, but for names, ports and paths.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
import requests

from directory.demo.consortium import free_ports, open_all
from directory.demo.notices import fictional_notice
from directory.demo.trial import Outcome, exchange_notice
from directory.homes.service import count_homes
from directory.intake.attachments.choosing import Chosen, enclosures
from directory.notices.sent import send_notice
from directory.records.publishing.service import publish
from directory.records.samples.service import sample_homes
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role, Scope
from directory.security.systems.service import register
from federation import Node, Peer, dispatches, reading, sequence, writing
from federation.errors import PeerUnreachable
from protocols.attachments import MAX_CHUNK
from tests.deploy.private_ca import PrivateAuthority, make_authority
from tests.deploy.site import NGINX, SERVED, Fronted, fronted, nginx, site_conf
from tests.directory.files import PNG
from tests.directory.people import make_person, session_for

pytestmark = pytest.mark.skipif(
    NGINX is None, reason="nginx is not installed (Debian's package nginx-light has it)"
)
PATIENCE_S = 60.0
FULL_TILE = "log/tile/entries/000"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> PrivateAuthority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def nodes(
    tmp_path_factory: pytest.TempPathFactory, authority: PrivateAuthority
) -> Iterator[dict[str, Fronted]]:
    with fronted(tmp_path_factory.mktemp("nodes"), authority) as made:
        yield made


@pytest.fixture(scope="module")
def opened(nodes: dict[str, Fronted]) -> Iterator[Mapping[str, Node]]:
    with ExitStack() as stack:
        yield open_all(stack, [one.site for one in nodes.values()])


@pytest.fixture(scope="module")
def leeds(nodes: dict[str, Fronted], opened: Mapping[str, Node]) -> Fronted:
    """The node of Leeds with a log of a full tile and more, which Devon holds too."""
    publish_homes(opened["leeds"], 300)
    until(lambda: all(homes_at(node) == 300 for node in opened.values()))
    return nodes["leeds"]


@pytest.fixture
def outside(authority: PrivateAuthority) -> Iterator[requests.Session]:
    """A client that trusts the private authority."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(authority.bundle)
        yield session


def publish_homes(node: Node, count: int, seed: int = 1) -> None:
    """Stage sample homes; the node's worker does the rest."""
    with writing(node.node_db) as connection:
        publish(connection, node, sample_homes(SERVED[node.name], seed, count))


def homes_at(node: Node) -> int:
    with reading(node.replica) as connection:
        return count_homes(connection)


def until(come_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not come_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_tile_is_served_and_the_second_time_from_the_cache(
    leeds: Fronted, outside: requests.Session
) -> None:
    first, second = (outside.get(f"{leeds.url}/{FULL_TILE}") for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert second.headers["X-Cache"] == "HIT"
    assert first.content == second.content == requests.get(f"{leeds.direct}/{FULL_TILE}").content


def test_a_question_mark_does_not_get_past_the_cache(
    leeds: Fronted, outside: requests.Session
) -> None:
    outside.get(f"{leeds.url}/{FULL_TILE}")
    assert outside.get(f"{leeds.url}/{FULL_TILE}?x=1").headers["X-Cache"] == "HIT"


def test_a_tile_that_is_not_there_yet_is_not_remembered_as_missing(
    leeds: Fronted, outside: requests.Session
) -> None:
    for path in ("log/tile/0/009", "log/tile/entries/001.p/200", "log/tile/1/000"):
        answer = outside.get(f"{leeds.url}/{path}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert b"log/tile/0/009" not in cached(leeds), "an answer of 404 was kept"


def cached(one: Fronted) -> bytes:
    """All that the cache in front of a node holds, with the names under which it does."""
    files = (one.folder / "nginx" / "cache").rglob("*")
    return b"".join(file.read_bytes() for file in files if file.is_file())


def test_the_checkpoint_is_cached_for_a_second(leeds: Fronted, outside: requests.Session) -> None:
    answer = outside.get(f"{leeds.url}/log/checkpoint")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=1"
    assert answer.text.startswith(f"{leeds.url.removeprefix('https://')}/log\n300\n")


def test_payloads_need_a_token_and_are_not_cached(
    leeds: Fronted, outside: requests.Session
) -> None:
    answer = outside.get(f"{leeds.url}/log/payloads/000")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "X-Cache" not in answer.headers
    assert b"SAMPLE-" not in cached(leeds)


@pytest.mark.usefixtures("leeds")
def test_a_mirror_is_cached_as_the_log_is_and_its_payloads_are_not(
    nodes: dict[str, Fronted], outside: requests.Session
) -> None:
    copy = nodes["devon"].url + "/mirror/leeds"
    until(lambda: outside.get(f"{copy}/{FULL_TILE}").ok)
    assert outside.get(f"{copy}/{FULL_TILE}").headers["X-Cache"] == "HIT"
    payloads = outside.get(f"{copy}/log/payloads/000")
    assert payloads.status_code == 401
    assert "X-Cache" not in payloads.headers


@pytest.mark.parametrize(
    "path",
    [
        *("", "homes", "homes?words=care", "homes/SAMPLE-E08000035-001", "account"),
        *("authorities/E08000035/people", "log", "log/", "log/payload", "nowhere"),
        *("log/tile/../../homes", "log/tile/%2e%2e/%2e%2e/homes", "log/tile/..%2f..%2fhomes"),
    ],
)
def test_no_page_opens_to_who_is_not_signed_in(
    leeds: Fronted, outside: requests.Session, path: str
) -> None:
    request = requests.Request("GET", leeds.url).prepare()
    request.url = f"{leeds.url}/{path}"  # as it stands, dots and all
    answer = outside.send(request, allow_redirects=False)
    assert answer.status_code == 404 or answer.headers["Location"].startswith("/sign-in?next=/")
    assert "Vouched for" not in answer.text


def test_who_is_signed_in_sees_pages_over_tls_with_a_cookie_for_this_host_alone(
    leeds: Fronted, opened: Mapping[str, Node], outside: requests.Session
) -> None:
    given = outside.get(f"{leeds.url}/sign-in").headers["Set-Cookie"]
    assert given.startswith("__Host-hearth-leeds=")
    assert "; Secure; HttpOnly; Path=/; SameSite=Lax" in given
    node = opened["leeds"]
    token = session_for(node, make_person(node, (Role.COMMISSIONER, SERVED["leeds"])))
    answer = outside.get(f"{leeds.url}/homes", headers={"Cookie": f"__Host-hearth-leeds={token}"})
    assert "300 homes" in answer.text
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "X-Cache" not in answer.headers


def test_a_client_cannot_say_where_it_comes_from(leeds: Fronted, outside: requests.Session) -> None:
    for claimed in ({"X-Forwarded-Proto": "http"}, {"X-Forwarded-For": "127.0.0.1, 192.0.2.7"}):
        assert outside.get(f"{leeds.url}/sign-in", headers=claimed).status_code == 200


def test_pages_open_at_no_other_address_than_the_public_one(leeds: Fronted) -> None:
    answer = requests.get(f"{leeds.direct}/sign-in")
    assert answer.status_code == 403
    assert f"pages are at {leeds.url}" in answer.text


def test_whoever_tries_to_sign_in_over_and_over_is_slowed_down(
    nodes: dict[str, Fronted], outside: requests.Session
) -> None:
    url = f"{nodes['devon'].url}/sign-in"
    answered = [outside.post(url, {"email": "x"}).status_code for _ in range(60)]
    assert answered[:5] == [400] * 5
    assert 429 in answered


def test_an_nginx_that_is_told_nothing_and_passes_all_on_shows_no_page(
    leeds: Fronted, tmp_path: Path
) -> None:
    """It says nothing of itself, and asks for pages under this machine's own name."""
    (port,) = free_ports(1)
    passing = f"location / {{ proxy_pass {leeds.direct}; }}"
    site = f"server {{ listen 127.0.0.1:{port}; {passing} }}"
    with nginx(tmp_path / "nginx", site), requests.Session() as session:
        address = f"http://127.0.0.1:{port}"
        until(lambda: answers(session, f"{address}/log/checkpoint"))
        answer = session.get(f"{address}/homes")
        assert answer.status_code == 403
        assert "SAMPLE" not in answer.text


def answers(session: requests.Session, url: str) -> bool:
    try:
        return session.get(url).ok
    except requests.ConnectionError:
        return False


def test_plain_http_leads_nowhere(
    leeds: Fronted, authority: PrivateAuthority, tmp_path: Path
) -> None:
    tls, plain = free_ports(2)
    conf = site_conf(tmp_path / "nginx", authority, tls, plain, leeds.site.port)
    with nginx(tmp_path / "nginx", conf), requests.Session() as session:
        until(lambda: session_status(session, f"http://127.0.0.1:{plain}/") == 404)
        for path in ("log/checkpoint", "homes", "token"):
            assert session_status(session, f"http://127.0.0.1:{plain}/{path}") == 404


def session_status(session: requests.Session, url: str) -> int:
    try:
        return session.get(url, allow_redirects=False).status_code
    except requests.ConnectionError:
        return 0


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("inbox/E08000035", 1024 * 1024),
        ("token", 16 * 1024),
        ("ping", 1024),
        ("api/v1/token", 16 * 1024),
    ],
)
def test_a_body_of_the_greatest_length_passes_and_a_longer_one_does_not(
    leeds: Fronted, outside: requests.Session, path: str, size: int
) -> None:
    longest, longer = (outside.post(f"{leeds.url}/{path}", b"x" * (size + n)) for n in (0, 1))
    assert longest.status_code in (400, 401)
    assert longer.status_code == 413


def test_whoever_tries_keys_is_slowed_down(
    nodes: dict[str, Fronted], outside: requests.Session
) -> None:
    url = f"{nodes['devon'].url}/token"
    answered = [outside.post(url, {"grant_type": "password"}).status_code for _ in range(40)]
    assert answered[:5] == [400] * 5 or answered[:5] == [401] * 5
    assert 429 in answered


def test_a_system_uses_the_api_through_nginx(
    leeds: Fronted, opened: Mapping[str, Node], outside: requests.Session
) -> None:
    node = opened["leeds"]
    with writing(node.node_db) as connection:
        system = register(
            connection,
            node,
            operator("root"),
            authority=leeds.site.authorities[0].gss,
            name="Case system",
            scopes=[Scope.HOMES_READ],
        )
    api = f"{leeds.url}/api/v1"
    assert outside.get(f"{api}/homes").status_code == 401
    form = {"grant_type": "client_credentials"}
    token = outside.post(f"{api}/token", form, auth=system).json()["access_token"]
    found = outside.get(f"{api}/homes", headers={"Authorization": f"Bearer {token}"})
    assert (found.status_code, found.json()["page"]) == (200, 1)


def test_a_node_syncs_through_nginx_over_tls(
    leeds: Fronted, nodes: dict[str, Fronted], authority: PrivateAuthority
) -> None:
    devon = nodes["devon"].site.folder
    done = subprocess.run(
        [sys.executable, "-m", "directory.cli", "sync", "--json", "--data-dir", str(devon)],
        env={**os.environ, "HEARTH_CA_BUNDLE": str(authority.bundle)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    answer = msgspec.json.decode(done.stdout)
    assert {log["node"]: log["trouble"] for log in answer["logs"]} == {"devon": None, "leeds": None}
    assert answer["requests"] > 0


def test_a_node_that_does_not_know_the_authority_says_so(
    leeds: Fronted, opened: Mapping[str, Node]
) -> None:
    devon = opened["devon"]  # opened without HEARTH_CA_BUNDLE
    (member,) = devon.others()
    peer = Peer(devon, member)
    with pytest.raises(PeerUnreachable, match="certificate is not accepted here"):
        peer.checkpoint()
    peer.close()


def test_what_a_cached_checkpoint_hides_does_not_wait_for_the_next_poll(
    leeds: Fronted, opened: Mapping[str, Node], outside: requests.Session
) -> None:
    """The nodes of these tests poll once an hour, and a checkpoint is cached for a second."""
    checkpoint = f"{leeds.url}/log/checkpoint"
    until(lambda: outside.get(checkpoint).headers["X-Cache"] in ("MISS", "EXPIRED"))
    before = homes_at(opened["devon"])
    publish_homes(opened["leeds"], 301)
    sequence(opened["leeds"])
    assert outside.get(checkpoint).headers["X-Cache"] == "HIT", "this test is about nothing"
    until(lambda: homes_at(opened["devon"]) == before + 1)


def test_a_chunk_of_the_greatest_length_passes_and_a_longer_one_does_not(
    leeds: Fronted, outside: requests.Session
) -> None:
    url = f"{leeds.url}/chunks/{'x' * 43}"
    longest, longer = (outside.put(url, b"x" * (MAX_CHUNK + n)) for n in (0, 1))
    assert longest.status_code == 401
    assert longer.status_code == 413


def test_an_attachment_goes_through_nginx(leeds: Fronted, opened: Mapping[str, Node]) -> None:
    content = PNG + bytes(2 * MAX_CHUNK)
    node, other = opened["leeds"], opened["devon"]
    placing, area = (next(iter(one.member.area)) for one in (node, other))
    with writing(node.node_db) as connection:
        message = send_notice(
            connection,
            node,
            operator("tests"),
            fictional_notice(),
            placing=placing,
            area=area,
            files=enclosures([Chosen("a.png", BytesIO(content))]),
        )

    def is_stored() -> bool:
        with reading(node.node_db) as connection:
            return dispatches(connection)[message].state == "stored"

    until(is_stored)


def test_a_notice_goes_there_and_back_through_nginx(
    leeds: Fronted, nodes: dict[str, Fronted], opened: Mapping[str, Node]
) -> None:
    outcome = Outcome(nodes=2)
    exchange_notice(opened, [one.site for one in nodes.values()], outcome)
    assert outcome.notice_acknowledged
    assert outcome.receipt_verified
