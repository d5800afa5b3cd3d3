"""A children's guide: written in plain words, screened, sealed, and read by a link for a time."""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.providers.guides.errors import UnfitPicture
from directory.providers.guides.links import LASTS
from directory.providers.guides.models import guide_link
from directory.providers.guides.pictures import LARGEST, MOST_PICTURES, redrawn
from directory.providers.vouching.models import provider_home
from directory.records.publishing.withdrawing import erase_record
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from directory.web import error_pages
from federation import Node, reading, writing
from tests.databases import Databases
from tests.directory.people import form_token, signed_in
from tests.directory.providers import claim, number_of, send
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, MEDWAY, a_home, consortium

URN, NEXT = "SC100001", "SC100002"
PAGE = f"/authorities/{KENT}/statements/{URN}/guide"
WHOLE = {
    "welcome": "Hello. Four of us live here, quillfeather.",
    "care": "We cook with you. We listen.",
    "support": "You have a key worker.",
    "complaints": "Tell us. Or call.\n\nNobody will be cross.",
    "advocacy": "An advocate speaks for you.",
    "complaints_name": "The manager",
    "complaints_telephone": "01632 960111",
    "advocacy_name": "Speak Up",
    "advocacy_telephone": "01632 960222",
}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    homes = [a_home(one, name="Rowan House", provider="Acorn Care Ltd") for one in (URN, NEXT)]
    with consortium(tmp_path_factory.mktemp("guides"), {"kent-node": homes}) as one:
        yield one.reader


@pytest.fixture(scope="module")
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture(scope="module")
def officer(app: Flask) -> FlaskClient:
    return signed_in(app, Role.COMMISSIONER)


def write(client: FlaskClient, page: str = PAGE, **fields: str) -> TestResponse:
    data = {"csrf_token": form_token(client, page), **WHOLE, **fields}
    return client.post(page, data=data)


def link(client: FlaskClient, page: str = PAGE) -> str:
    """The path of a new link."""
    answer = client.post(f"{page}/links", data={"csrf_token": form_token(client, page)})
    found = re.search(r"/guides/[A-Za-z0-9_-]{43}", answer.text)
    assert found, words_of(answer)
    return found[0]


def a_photograph(size: tuple[int, int] = (900, 600), kind: str = "JPEG") -> bytes:
    """As a telephone takes it: lying on its side, with where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Quillphone"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (53.8, 1.5, 0.0)
    file = BytesIO()
    Image.new("RGB", size, "teal").save(file, kind, exif=exif, comment=b"Quillphone")
    return file.getvalue()


SEEN = "The kitchen, with a long table"


def add(client: FlaskClient, data: bytes, alt: str = SEEN, inside: str = "yes") -> TestResponse:
    fields = {"csrf_token": form_token(client, PAGE), "alt": alt, "inside": inside}
    return client.post(f"{PAGE}/pictures", data={**fields, "file": (BytesIO(data), "IMG_1.jpg")})


def everything(node: Node) -> bytes:
    return b"".join(path.read_bytes() for path in node.folder.rglob("*") if path.is_file())


# --- Written, and read by a child -----------------------------------------------------------------


def test_a_guide_is_read_by_a_link_without_signing_in_until_it_ends(
    app: Flask, node: Node, officer: FlaskClient, capfd: pytest.CaptureFixture[str]
) -> None:
    assert write(officer).status_code == 303
    assert add(officer, a_photograph()).status_code == 303
    there = link(officer)
    child = app.test_client()
    page = child.get(there)
    shown = words_of(page)
    for words in (
        *("Hello", "How we look after you", "What help you can get", "If something is wrong"),
        *("Somebody on your side", "The manager", "01632 960111", "Speak Up", "01632 960222"),
        *("Childline", "0800 1111", "Help at Hand", "Ofsted"),
    ):
        assert words in shown
    for telling in ("Rowan House", URN, "kent-node", "Kent", "Acorn", "Sign out"):
        assert telling not in page.text
    assert "<script" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in page.headers
    picture = re.search(r'<img src="([^"]+)" alt="The kitchen, with a long table"', page.text)
    assert picture
    assert child.get(picture[1]).mimetype == "image/jpeg"
    later = create_app(replace(node, now=lambda: node.now() + LASTS + timedelta(seconds=1)))
    for path in (there, picture[1]):
        over = later.test_client().get(path)
        assert over.status_code == 404
        assert "This link has come to its end" in words_of(over)
    token = there.rpartition("/")[2]
    assert token.encode() not in everything(node)
    assert token not in "".join(capfd.readouterr())


def test_what_is_written_stands_sealed_and_in_no_log(node: Node, officer: FlaskClient) -> None:
    write(officer)
    assert b"quillfeather" not in everything(node)
    for path in (f"/homes/{URN}", f"/homes/{URN}/history"):
        assert "quillfeather" not in officer.get(path).text


def test_a_guide_that_lacks_what_every_child_is_told_gets_no_link(officer: FlaskClient) -> None:
    write(officer, advocacy="", advocacy_name="", advocacy_telephone="")
    data = {"csrf_token": form_token(officer, PAGE)}
    answer = officer.post(f"{PAGE}/links", data=data)
    assert answer.status_code == 400
    told = "Write first: Somebody on your side; Whom to call for an advocate"
    assert told in words_of(answer)


def test_what_names_a_child_or_leads_to_the_door_is_refused_and_the_rest_stays(
    officer: FlaskClient,
) -> None:
    long = "We are glad that you are here " + "and we will help you " * 4 + "with it."
    answer = write(officer, care="The house is opposite the park.", days=long)
    assert answer.status_code == 400
    assert 'href="#care"' in answer.text
    assert "which leads to the home’s door" in words_of(answer).replace("'", "’")
    assert long in answer.text
    assert write(officer, care="Our boy Zebedee was here.").status_code == 400
    assert "Enter the telephone, too" in words_of(write(officer, complaints_telephone=""))
    write(officer, days=long)
    assert f"A day here: “{long}”" in words_of(officer.get(PAGE))


def test_all_links_end_at_once(app: Flask, node: Node, officer: FlaskClient) -> None:
    write(officer)
    first, second = link(officer), link(officer)
    assert app.test_client().get(first).status_code == 200
    officer.post(f"{PAGE}/links/end", data={"csrf_token": form_token(officer, PAGE)})
    for one in (first, second, f"/guides/{'x' * 43}", "/guides/x", "/guides/..%2f"):
        assert app.test_client().get(one).status_code == 404
    with reading(node.node_db) as connection:
        assert not connection.scalars(select(guide_link.c.digest)).all()


def test_the_provider_s_staff_write_the_same_guide_and_nobody_else_s(
    app: Flask, node: Node, officer: FlaskClient
) -> None:
    staff = signed_in(app, Role.PROVIDER)
    claim(staff, NEXT)
    with reading(node.node_db) as connection:
        mine = connection.scalar(select(provider_home.c.id).where(provider_home.c.urn == NEXT))
    ours = f"/our-homes/{mine}/guide"
    assert staff.get(ours).status_code == 404  # not confirmed
    people = f"/authorities/{KENT}/providers"
    number = number_of(node, "Acorn Care Ltd", NEXT)
    assert send(officer, f"{people}/claims/{number}/confirm", f"{people}/invite").status_code == 303
    assert write(staff, ours).status_code == 303
    theirs = f"/authorities/{KENT}/statements/{NEXT}/guide"
    assert "quillfeather" in officer.get(theirs).text
    assert app.test_client().get(link(staff, ours)).status_code == 200
    assert staff.get(PAGE).status_code == 403
    assert signed_in(app, Role.DUTY_OFFICER).get(PAGE).status_code == 403
    with writing(node.node_db) as connection:
        connection.execute(provider_home.update().values(state="ended"))
    assert staff.get(ours).status_code == 404
    elsewhere = PAGE.replace(KENT, MEDWAY)
    assert officer.get(elsewhere).status_code in (403, 404)


def test_a_link_stands_in_no_log_even_when_its_page_fails(
    node: Node, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = StringIO()
    own = structlog.wrap_logger(structlog.PrintLogger(lines))
    monkeypatch.setattr(error_pages, "_log", own)  # wherever it was bound to before
    broken = create_app(node)
    broken.view_functions["childs_guide.page"] = lambda token: 1 // 0
    assert broken.test_client().get(f"/guides/{'q' * 43}").status_code == 500
    assert "ZeroDivisionError" in lines.getvalue()
    assert "qqqq" not in "".join([lines.getvalue(), *capfd.readouterr()])


@pytest.mark.both_databases(second_is_soak=True)
def test_with_a_home_that_is_erased_go_its_guide_and_its_links(
    tmp_path: Path, database: Databases
) -> None:
    with consortium(tmp_path, {"kent-node": [a_home(URN)]}, database) as one:
        app = create_app(one.reader)
        officer = signed_in(app, Role.COMMISSIONER)
        write(officer)
        add(officer, a_photograph())
        there = link(officer)
        with writing(one.reader.node_db) as connection:
            why = "It was never a home"
            erase_record(connection, one.reader, operator("ada"), f"home/{URN}", why)
        assert app.test_client().get(there).status_code == 404
        page = officer.get(PAGE).text
        assert "quillfeather" not in page
        assert SEEN not in page


# --- Pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_of_a_photograph_nothing_is_left_but_what_is_seen(kind: str) -> None:
    sent = a_photograph((1800, 1200), kind)
    assert Image.open(BytesIO(sent)).getexif()
    drawn = redrawn(sent)
    with Image.open(BytesIO(drawn)) as picture:
        assert picture.format == "JPEG"
        assert picture.size == (853, 1280)  # upright, and no larger than a telephone shows
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Quillphone" not in drawn


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


def a_bomb() -> bytes:
    """A PNG of 50,000 by 50,000 pixels in a few kilobytes."""
    header = (50_000).to_bytes(4) * 2 + b"\x08\x00\x00\x00\x00"
    rows = zlib.compress(bytes(1 << 22), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (a_bomb, "no picture that can be shown|more than 40 million pixels"),
        (lambda: a_photograph((8000, 5500)), "more than 40 million pixels"),
        (lambda: a_photograph((100, 100)), "too small"),
        (lambda: a_photograph()[:800], "no picture"),
        (lambda: b"MZ" + bytes(400), "no picture"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "no picture"),
        (lambda: b"GIF89a" + bytes(400), "no picture"),
        (lambda: b"%PDF-1.7\n", "no picture"),
        (lambda: bytes(LARGEST + 1), "larger than 12 MB"),
    ],
)
def test_what_is_no_picture_is_refused(make: Callable[[], bytes], told: str) -> None:
    with pytest.raises(UnfitPicture, match=told):
        redrawn(make())


def test_a_picture_is_said_in_words_looked_at_and_one_of_a_few(
    app: Flask, node: Node, officer: FlaskClient
) -> None:
    for answer, told in (
        (add(officer, a_photograph(), alt=""), "Say in words what the picture shows"),
        (add(officer, a_photograph(), alt="The red door opposite the church"), "Characters"),
        (add(officer, a_photograph(), inside=""), "Look at the picture"),
        (add(officer, b""), "Choose a picture"),
    ):
        assert answer.status_code == 400
        assert told in words_of(answer)
    while len(pictures := re.findall(r"/pictures/([0-9a-f]{32})\"", officer.get(PAGE).text)) < (
        MOST_PICTURES
    ):
        add(officer, a_photograph((300, 300)))
    assert "as many as a guide may have" in words_of(officer.get(PAGE))
    write(officer)
    other = PAGE.replace(URN, NEXT)
    write(officer, other)
    elsewhere = link(officer, other)
    assert app.test_client().get(f"{elsewhere}/pictures/{pictures[0]}").status_code == 404
    data = {"csrf_token": form_token(officer, PAGE)}
    officer.post(f"{PAGE}/pictures/{pictures[0]}/remove", data=data)
    assert officer.get(f"{PAGE}/pictures/{pictures[0]}").status_code == 404
