"""Names of children are planted, everything is run over real processes, and every byte is searched.

Two nodes by `hearth run`, with all logging on: a notice goes out by form, API and command with its
files, is received, opened, acknowledged, exported, held and reported on, and goes wrong in many
ways. Then the names are looked for, in many spellings, in every file that anything wrote (both
databases with their write-ahead logs, logs, keys, temporary files, names of files), in the name
under which any download is saved, in every mail,
whether it left by a mail server (Kent) or by GOV.UK Notify (Leeds), in every address that was asked
for between nodes or led to, and in what machines are told.
"""

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import msgspec
import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from directory.hosting.partners.sending import TellPartners
from directory.node.running.emailing import REMINDERS
from directory.notices.reminding.mailing import Remind
from directory.placing.register.service import add_child, add_placement
from directory.placing.register.values import ChildFacts, Course, PlacementFacts, Recipient
from directory.placing.telling.links import MailLetters, queue_link
from directory.placing.telling.service import open_placement
from directory.security.mail.notify import NotifyMailer
from directory.security.rights.roles import Role, Scope
from directory.security.systems.service import register
from federation import Node, writing
from protocols.notices import Child, Contact
from tests.directory.correspondence import ANSWERS
from tests.directory.files import PDF
from tests.directory.notify_service import NotifyService, notify_service
from tests.directory.people import make_person, session_for
from tests.encoded import in_base64
from tests.federation.forms import send_every_form
from tests.federation.planted_screens import (
    Planted,
    answer_census,
    keep_partner,
    open_as_partner,
    run_home,
    tell_of_resident,
)
from tests.federation.processes import until
from tests.federation.running import Running, hearth
from tests.federation.servers import free_ports
from tests.federation.worlds import KENT, LEEDS, WHO, World, a_notice, true_time

PATIENCE = 60.0
GIVEN = ("Zebedée", "Σταυρούλα", "Nguyễn-Ánh", "Xiomára")
FAMILY = ("Quîllfeather", "Παπαδοπούλου", "Łukasiewiczówna", "李小龍的孩子")
STREET = "17 Crookèd Billet"
PLANTED = (*GIVEN, *FAMILY, STREET, "KID-90210-Q", "afraid of gëese")
REASON = f"{GIVEN[0]} {FAMILY[1]} has gone missing"


def spellings(name: str) -> set[bytes]:
    """A name as it could stand in a file, in any of the ways in which software writes text."""
    found: set[bytes] = set()
    for form in ("NFC", "NFD"):
        for text in {one := unicodedata.normalize(form, name), one.lower(), one.upper()}:
            for encoding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1"):
                raw = text.encode(encoding, "replace")
                if b"?" in raw and "?" not in text:
                    continue
                found |= {raw, raw.hex().encode(), *in_base64(raw)}
            found |= {
                quote(text).encode(),
                quote_plus(text).encode(),
                json.dumps(text)[1:-1].encode(),
                repr(text.encode())[2:-1].encode(),
                html.escape(text).encode(),
                text.encode("ascii", "xmlcharrefreplace"),
            }
    return {one for one in found if len(one) >= 6}


SPELT = {one: name for name in PLANTED for one in spellings(name)}
_ANY = re.compile(b"|".join(re.escape(one) for one in sorted(SPELT, key=len, reverse=True)))


def named_in(data: bytes) -> set[str]:
    """Which planted names stand in some bytes."""
    return {SPELT[one] for one in _ANY.findall(data)}


def bare(text: str) -> set[str]:
    """The words of a text without accents, as a header says them that takes none."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return {one for one in re.findall("[a-z]+", plain) if len(one) > 4}


BARE = bare(" ".join((*GIVEN, *FAMILY)))


class Postbox:
    """Keeps every mail as it came, and as it reads once it is decoded."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        parts = [one.get_payload(decode=True) for one in message_from_bytes(content).walk()]
        decoded = [one for one in parts if isinstance(one, bytes)]
        self.mails.append(b"\n".join([content, *decoded, str(envelope.rcpt_tos).encode()]))
        return "250 kept"


class Browser:
    """A person's browser at a node that runs, over HTTP; what every answer told beside its body."""

    def __init__(self, world: World, name: str, role: Role, authority: str) -> None:
        node = world[name]
        self.url, self.told = node.member.url, b""
        self.saved_as: list[str] = []
        self._session = requests.Session()
        if role is not Role.NOBODY:
            who = make_person(node, (role, authority))
            self._session.cookies.set(f"hearth-{name}", session_for(node, who))
        self._session.trust_env = False

    def get(self, path: str, **how: Any) -> requests.Response:
        return self._heard(self._session.get(self.url + path, timeout=30, **how))

    def post(
        self, path: str, form: dict[str, Any], at: str | None = "", **how: Any
    ) -> requests.Response:
        """Send a form with the token of the page on which it stands; `at` is None where it is in
        the form.
        """
        data = dict(form)
        if at is not None:
            token = self.get(at or path).text.partition('name="csrf_token" value="')[2]
            data["csrf_token"] = token.partition('"')[0]
        address = self.url + path
        answer = self._session.post(address, data=data, timeout=30, allow_redirects=False, **how)
        return self._heard(answer)

    def _heard(self, answer: requests.Response) -> requests.Response:
        title = answer.text.partition("<title>")[2].partition("</title>")[0]
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        if saved := answer.headers.get("Content-Disposition"):
            saved = saved.encode("latin-1").decode()  # as requests has read it
            self.saved_as.append(saved)
            assert not bare(unquote(saved)) & BARE, saved
        self.told += f"{answer.url}\n{title}\n".encode() + headers.encode("latin-1")
        assert answer.status_code < 500, answer.text[:500]
        return answer


TYPED = Planted(GIVEN[1], FAMILY[0], list(PLANTED), named_in)


def children() -> Iterator[Child]:
    for number, (given, family) in enumerate(zip(GIVEN, FAMILY, strict=True)):
        yield Child(f"KID-90210-Q{number}", given, family, date(2012, 5, 17))


def a_case(child: Child) -> bytes:
    notice = a_notice(child=child, care_plan="Is afraid of gëese no longer.")
    placed = msgspec.structs.replace(notice.placement, address=STREET)
    return msgspec.json.encode(msgspec.structs.replace(notice, placement=placed))


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    box = Postbox()
    server = Controller(
        box, hostname="127.0.0.1", port=free_ports(1)[0], server_hostname="localhost"
    )
    server.start()
    yield box, server.port
    server.stop()


@pytest.mark.soak
def test_no_name_of_a_child_is_told_or_left_anywhere(
    found: Callable[..., World],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    postbox: tuple[Postbox, int],
) -> None:
    box, port = postbox
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    for name, value in {
        "HEARTH_LOG_LEVEL": "debug",
        "HEARTH_SMTP_HOST": "127.0.0.1",
        "HEARTH_SMTP_PORT": str(port),
        "HEARTH_RETENTION": "destroy",
        "TMPDIR": str(scratch),
    }.items():
        monkeypatch.setenv(name, value)
    ports = free_ports(2)
    urls = {n: f"http://127.0.0.1:{p}" for n, p in zip(("kent", "leeds"), ports, strict=True)}
    world = found("kent", "leeds", urls=urls, clock=true_time)
    run_home(world)
    with (
        notify_service(tmp_path) as (service, mailer),
        Running(world["kent"]) as kent,
        by_notify(monkeypatch, mailer),
        Running(world["leeds"]) as leeds,
    ):
        until(lambda: kent.answers() and leeds.answers(), PATIENCE)
        code = keep_partner(world["leeds"])
        told = [
            *place(world, tmp_path),
            *tell_partner(world, service, code),
            *provide(world),
            *host(world),
            *(ask_machines(url) for url in urls.values()),
        ]
        govern(world)
        invite(world, "kent", KENT)
        write_letter(world["kent"])
        write_all(world, mailer)
        written = [path for path in tmp_path.rglob("*") if path.is_file()]
        leaked = {
            str(path.relative_to(tmp_path)): names
            for path in written
            if path.suffix != ".given"
            and (names := named_in(path.read_bytes()) | named_in(str(path).encode()))
        }
    assert leaked == {}
    assert {"node.db", "node.db-wal", "replica.db", "run.log"} <= {path.name for path in written}
    assert named_in(b"\n".join(told)) == set()
    assert box.mails, "an email was sent"
    assert named_in(b"\n".join(box.mails)) == set()
    given = [*service.received, *(one.encode() for mail in service.came.queue for one in mail)]
    assert named_in(b"\n".join(given)) == set()
    for kind in (b"Your account", b"A notice for you", b"not acknowledged in time"):
        assert kind in b"\n".join(given), "by Notify"
    assert b"A letter from Kent" in b"\n".join([*given, *box.mails]), "whichever worker is first"
    logged = b"".join((world[name].folder / "run.log").read_bytes() for name in urls)
    assert b"Traceback" not in logged


def place(world: World, tmp_path: Path) -> list[bytes]:
    """Kent sends notices by form, API and command, and gets much wrong on the way."""
    node, new = world["kent"], f"/authorities/{KENT}/notices/new"
    browser = Browser(world, "kent", Role.COMMISSIONER, KENT)
    first, second, third, _ = children()
    form = ANSWERS | {
        "identifier": first.identifier,
        "given_name": first.given_name,
        "family_name": first.family_name,
        "address": STREET,
        "urn": "",
        "care_plan": "Is afraid of gëese no longer.",
        "form": browser.get(new).text.partition('name="form" value="')[2].partition('"')[0],
    }
    wrong: tuple[dict[str, str], ...] = (
        {"born_on-year": GIVEN[0]},
        {"area": FAMILY[0]},
        {"urn": STREET},
    )
    for change in wrong:
        assert browser.post(new, {**form, **change, "step": "check"}, new).status_code == 400
    for content in (b"MZ no document", b"PK\x03\x04 cut off"):
        browser.post(
            *(new, {**form, "step": "send"}, new),
            files={"attachments": (f"{FAMILY[1]}.exe", content)},
        )
    stranger = requests.post(browser.url + new, {**form, "csrf_token": GIVEN[1]}, timeout=30)
    assert stranger.status_code < 500
    answer = browser.post(
        *(new, {**form, "step": "send"}, new),
        files={"attachments": (f"{GIVEN[0]} {FAMILY[0]}.pdf", PDF)},
    )
    assert answer.status_code == 303, re.sub("<[^>]*>|\n", "", answer.text)[:3000]
    with writing(node.node_db) as connection:
        scopes = {Scope.NOTICES_SEND, Scope.NOTICES_READ}
        system = register(connection, node, WHO, authority=KENT, name="Case system", scopes=scopes)
        facts = ChildFacts(first.identifier, first.given_name, first.family_name, first.born_on)
        add_child(connection, node, WHO, KENT, facts)
    told = use_api(browser.url, system, a_case(second))
    given = tmp_path / "case.given"
    given.write_bytes(a_case(third))
    hearth(node, "notify", str(given), "--from", "Kent", "--to", "Leeds")
    until(lambda: {"stored"} == states(world), PATIENCE)
    of_kent = f"/authorities/{KENT}"
    below = ["placements", "notices/sent", "telling", "placements-asked", "breaches"]
    assert fill_in(browser, [f"{of_kent}/{one}" for one in below]) > 5
    return [browser.told, *told]


def states(world: World) -> set[str]:
    sent = hearth(world["kent"], "outbox")["messages"]
    return {one["state"] for one in sent} if len(sent) == 3 else set()


def use_api(url: str, system: tuple[str, str], case: bytes) -> list[bytes]:
    """A notice by a system, and requests that are refused: what each answer says beside the body
    of what may be read, errors whole."""
    api, told = f"{url}/api/v1", []
    token = requests.post(
        f"{api}/token", data={"grant_type": "client_credentials"}, auth=system, timeout=30
    ).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    notices = f"{api}/authorities/{KENT}/notices/sent"
    body = {"area_authority": LEEDS, "notice": json.loads(case)}
    bad = [
        {**body, "area_authority": GIVEN[2]},
        {**body, "notice": {**body["notice"], "legal_status": FAMILY[2]}},
        {**body, FAMILY[2]: 1},
    ]
    for key, one in enumerate([*bad, body]):
        answer = requests.post(
            notices,
            json=one,
            headers=headers | {"Idempotency-Key": f"a-key-of-its-own-{key}"},
            timeout=30,
        )
        assert (answer.status_code < 300) is (one is body), answer.text
        told.append(answer.content + str(answer.headers).encode())
    broken = requests.post(
        notices, data=case[:-20], headers=headers | {"Content-Type": "application/json"}, timeout=30
    )
    assert 400 <= broken.status_code < 500
    return [*told, broken.content]


def tell_partner(world: World, service: NotifyService, code: str) -> list[bytes]:
    """A school opens by link and code what Leeds has told it."""

    def links() -> list[str]:
        return re.findall(r"/told/[\w-]{43}", "".join(body for *_, body in service.came.queue))

    until(lambda: len(links()) == 3, PATIENCE)
    browser = Browser(world, "leeds", Role.NOBODY, LEEDS)
    open_as_partner(browser.get, browser.post, links()[0], code, TYPED)
    return [browser.told]


def provide(world: World) -> list[bytes]:
    """Acorn's staff tell of a child in their home, and answer a census."""
    own = Browser(world, "kent", Role.PROVIDER, KENT)
    duty = Browser(world, "leeds", Role.DUTY_OFFICER, LEEDS)
    tell_of_resident(world, own.get, own.post, TYPED)
    answer_census(world, (duty.get, duty.post), (own.get, own.post), TYPED)
    assert any("census.csv" in one for one in duty.saved_as)
    return [own.told, duty.told]


def host(world: World) -> list[bytes]:
    """Leeds looks, opens, acknowledges and exports."""
    inbox = f"/authorities/{LEEDS}/notices/received"
    browser = Browser(world, "leeds", Role.DUTY_OFFICER, LEEDS)
    ids = sorted(set(re.findall("/notices/received/([0-9a-f]{32})", browser.get(inbox).text)))
    assert len(ids) == 3
    why = {"reason": "other", "reason_other": REASON}
    opened = [browser.post(f"{inbox}/{one}", why) for one in ids]
    assert all(named_in(html.unescape(one.text).encode()) for one in opened), "they can be read"
    files = re.findall('action="([^"]+/attachments/[0-9]+)"', "".join(one.text for one in opened))
    saved = [browser.post(one, why, f"{inbox}/{ids[0]}") for one in files]
    assert [one.content for one in saved] == [PDF]
    assert len(browser.saved_as) == 1
    browser.post(f"{inbox}/{ids[0]}", {"reason": GIVEN[3]})
    call = {"name": "Dana Duty", "role": "Duty", "telephone": "0113 496 0000"}
    there = f"{inbox}/{ids[0]}/acknowledge"
    browser.post(there, {**call, "telephone": FAMILY[3]})
    assert browser.post(there, call).status_code == 303
    of_leeds = f"/authorities/{LEEDS}"
    below = ["notices/received", "notices/entered", "home-notices", "breaches", "census"]
    assert fill_in(browser, [f"{of_leeds}/{one}" for one in below]) > 5
    return [browser.told]


def fill_in(browser: Browser, start: list[str]) -> int:
    """Send every form below these pages, with planted names in each field that takes words."""
    list_of_children = f"CHILD,DECOM\r\nKID-90210-Q7,{FAMILY[2]}\r\n".encode()
    file = (f"{GIVEN[2]} {FAMILY[2]}.csv", list_of_children)
    return send_every_form(browser.get, browser.post, start, list(PLANTED), file, most=50)


def ask_machines(url: str) -> bytes:
    """What machines are told: metrics, health, and errors for whoever asks for nonsense."""
    told = b""
    for path in ("/metrics", "/healthz", "/readyz", "/log/checkpoint"):
        told += requests.get(url + path, timeout=30).content
    return told


def govern(world: World) -> None:
    """A governance officer answers a request, holds, reads the audit; somebody is invited."""
    browser = Browser(world, "leeds", Role.GOVERNANCE_OFFICER, LEEDS)
    here = f"/authorities/{LEEDS}"
    sought = {"given_name": GIVEN[0], "family_name": FAMILY[0], "reason": REASON}
    born = {"born_on-day": "9", "born_on-month": "4", "born_on-year": "2012"}
    found = browser.post(f"{here}/subject-access", sought | born)
    records = re.findall('value="(notice/[0-9a-f]{32})"', found.text)
    assert records
    export = {"record": records, "reason": REASON}
    answer = browser.post(f"{here}/subject-access/export", export, f"{here}/subject-access")
    assert answer.headers["Content-Type"] == "application/zip"
    browser.post(f"{here}/subject-access", sought)
    hold = {"record": records[0], "reason": REASON}
    assert browser.post(f"{here}/retention/holds", hold, f"{here}/retention").status_code == 303
    browser.post(f"{here}/retention/holds", hold | {"record": GIVEN[0]}, f"{here}/retention")
    browser.get(f"{here}/audit")
    browser.get(f"{here}/audit.csv")
    assert named_in(browser.told) == set()
    hearth(world["leeds"], "retention", "--authority", "Leeds")
    hearth(world["leeds"], "hold", "list", "--authority", "Leeds")
    invite(world, "leeds", LEEDS)


def invite(world: World, name: str, authority: str) -> None:
    """Somebody gets a link by email."""
    administrator = Browser(world, name, Role.AUTHORITY_ADMINISTRATOR, authority)
    invited = {"email": "new@officer.example", "name": "New Officer", "role": "duty officer"}
    administrator.post(f"/authorities/{authority}/people/invite", invited)


@contextmanager
def by_notify(monkeypatch: pytest.MonkeyPatch, mailer: NotifyMailer) -> Iterator[None]:
    """Whoever starts meanwhile sends its emails by Notify."""
    with monkeypatch.context() as setting:
        setting.setenv("HEARTH_NOTIFY_KEY_FILE", str(mailer.key_file))
        setting.setenv("HEARTH_NOTIFY_TEMPLATE", mailer.template)
        setting.setenv("HEARTH_NOTIFY_URL", mailer.url)
        yield


def write_letter(node: Node) -> None:
    """Kent has a link sent to the surgery of a child that it places."""
    *_, child = children()
    surgery = Recipient("gp", "Dr Bones", email="bones@surgery.example")
    facts = ChildFacts(
        child.identifier, child.given_name, child.family_name, child.born_on, recipients=(surgery,)
    )
    placed = PlacementFacts(
        "children's home", STREET, social_worker=Contact("Wendy", "Social worker", "01632 960101")
    )
    course = Course(date(2026, 11, 17), "live", LEEDS, "out of area", emergency=True)
    with writing(node.node_db) as connection:
        of = add_child(connection, node, WHO, KENT, facts)
        made = add_placement(connection, node, WHO, KENT, of, course, placed)
        to_tell = open_placement(connection, node, WHO, KENT, made, "To tell the surgery")
        (doctor,) = [one.id for one in to_tell.everyone if one.rule.code == "gp"]
        queue_link(connection, node, WHO, KENT, to_tell, doctor)


def write_all(world: World, mailer: NotifyMailer) -> None:
    """What the workers would write by and by, by Notify, a month from now too."""
    kent, leeds = world["kent"], world["leeds"]
    TellPartners(mailer, leeds.member.url)(leeds)
    MailLetters(mailer, kent.member.url)(kent)
    for node in (kent, leeds):
        then = node.now() + timedelta(days=30)
        Remind(mailer, node.member.url, REMINDERS)(replace(node, now=lambda then=then: then))
