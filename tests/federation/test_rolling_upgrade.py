"""Rolling upgrade: the previous release and this one federate, and the one becomes the other.

The previous release is taken out of the repository's history and run as it was, by processes that
import nothing of this one. Where the history is not there, as in a shallow clone, nothing is tried.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol

import pytest

from directory.records.publishing.service import PROFILE_SOURCE
from protocols.kinds import Source
from protocols.profiles import Answer, Profile
from protocols.records import encode_record
from tests.directory.command_line import SECRETS, a_notice, hearth, succeed
from tests.directory.files import PDF
from tests.directory.lists import BANNER, home, write_list
from tests.federation.processes import until
from tests.federation.running import PATIENCE, RunningFolder, software
from tests.federation.servers import HERE, free_ports

PREVIOUS = "0.1.0"
ITS_COMMIT = "61e0b49db7cbdc510b5a54f76d444ead61135d82"
"""The last one before the databases changed again: `node` at 0003, `replica` at 0001."""

REPOSITORY = Path(__file__).parents[2]
LATER = ("Provider level as at 30 September 2025", *BANNER[1:])
CALL = ["--contact", "Dot Duty", "--telephone", "01632 960123"]
STORED = ("stored", True, None)
ANSWERED = ("stored", True, "Dot Duty")
Founder = Literal["previous", "present"]

# Loads the tree's software once, and answers one call a line, as its command line would.
CONSOLE = """
import json, sys
from click.testing import CliRunner
from directory.cli import main

for line in sys.stdin:
    ran = CliRunner().invoke(main, json.loads(line), prog_name="hearth")
    said = [ran.exit_code, ran.stdout, ran.stderr + repr(ran.exception or "")]
    print(json.dumps(said), flush=True)
"""


class Software(Protocol):
    """What answers `hearth … --json`, and where its source is; None is here."""

    tree: Path | None

    def call(self, *arguments: str) -> dict[str, Any]:
        """The answer of a command, which must succeed."""


class Present:
    tree = None

    def call(self, *arguments: str) -> dict[str, Any]:
        return succeed(*arguments)


class Previous(AbstractContextManager["Previous"]):
    """Another release's command line, in a process of its own."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self._process = subprocess.Popen(
            [sys.executable, "-c", CONSOLE],
            cwd=tree,
            env=software(tree),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, *arguments: str) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([*arguments, "--json"]), file=self._process.stdin, flush=True)
        status, out, err = json.loads(self._process.stdout.readline())
        assert status == 0, (arguments, out, err)
        answer: dict[str, Any] = json.loads(out)
        return answer

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()


@dataclass
class Member:
    """A node's folder, and the software that it is run by at the moment."""

    name: str
    folder: Path
    url: str
    software: Software

    def hearth(self, *command: object) -> dict[str, Any]:
        """What a command of its software says."""
        return self.software.call(*map(str, command), "--data-dir", str(self.folder))

    def running(self) -> RunningFolder:
        """Its web server and worker."""
        return RunningFolder(self.folder, self.url, self.software.tree)

    def found(self, *asked: str) -> list[str]:
        """The URN of each home that its search finds, as often as it does."""
        return sorted(one["record"]["urn"] for one in self.hearth("search", *asked)["homes"])

    def describes(self, urn: str) -> None:
        """Publishes the profile of a home."""
        file = self.folder / "profile.json"
        source = Source(PROFILE_SOURCE, date(2026, 11, 20))
        said = Profile(urn, "E08000035", source, answers=(Answer("adhd", "yes"),))
        file.write_bytes(encode_record(said))
        assert self.hearth("publish", "--record", file)["published"] == 1

    def publishes(self, *urns: str, banner: tuple[str, ...] = BANNER) -> None:
        """Its area has these homes, says a list."""
        rows = [home(urn, Local_authority=self.name.title()) for urn in urns]
        listed = write_list(self.folder, *rows, banner=banner)
        self.hearth("import", "ofsted", listed, "--yes")
        self.hearth("publish")

    def notifies(self, other: "Member") -> str:
        """Sends a notice; its id."""
        notice = self.folder.parent / "notice.json"
        notice.write_bytes(a_notice())
        return str(
            self.hearth("notify", notice, "--from", self.name, "--to", other.name)["message"]
        )

    def sent(self) -> dict[str, tuple[str, bool, str | None]]:
        """Of each message: its state, whether its receipt verifies, and who acknowledged it."""
        return {
            one["id"]: (
                one["state"],
                one["receipt_verified"],
                (one["acknowledged_by"] or {}).get("name"),
            )
            for one in self.hearth("outbox")["messages"]
        }

    def acknowledges(self, notice: str) -> str:
        """Answers a notice; the answer's id."""
        return str(self.hearth("inbox", "--acknowledge", notice, *CALL)["message"])

    def came(self) -> list[str]:
        """The id of each notice in its inbox, as often as it is there."""
        return sorted(one["id"] for one in self.hearth("inbox")["notices"])

    def confirmed(self) -> list[str]:
        """Who has confirmed by a signed receipt the one thing that it has erased."""
        [one] = self.hearth("erased")["erasures"]
        return sorted(other["node"] for other in one["members"] if other["confirmation"])

    def sound(self) -> set[tuple[str, int]]:
        """Every log that it holds, and its size, verified from the bytes up."""
        answer = self.hearth("verify")
        assert answer["sound"] is True
        return {(one["node"], one["size"]) for one in answer["logs"]}

    def revision(self) -> str:
        """That of `node.db`."""
        with closing(sqlite3.connect(self.folder / "node.db")) as connection:
            return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of the previous release."""
    if not (git := shutil.which("git")):
        pytest.skip(f"There is no git to take release {PREVIOUS} out of the history with.")
    archive = subprocess.run(
        [git, "archive", "--format=zip", ITS_COMMIT],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    if archive.returncode:
        pytest.skip(f"The history does not hold release {PREVIOUS}: a shallow clone, or none.")
    folder = tmp_path_factory.mktemp("previous")
    with zipfile.ZipFile(BytesIO(archive.stdout)) as packed:
        packed.extractall(folder)
    versions = folder / "directory" / "migrations"
    last = {one.name: max(one.glob("versions/0*.py")).name[:4] for one in versions.glob("[nr]*")}
    assert last == {"node": "0003", "replica": "0001"}
    return folder


@pytest.fixture
def previous(tree: Path) -> Iterator[Previous]:
    with Previous(tree) as release:
        yield release


@pytest.mark.parametrize("founder", ["present", pytest.param("previous", marks=pytest.mark.soak)])
def test_the_previous_release_federates_both_ways_and_is_upgraded_in_place(
    tmp_path: Path, previous: Previous, founder: Founder
) -> None:
    present = Present()
    ports = free_ports(2)
    kent, leeds = (
        Member(name, tmp_path / name, f"http://{HERE}:{port}", release)
        for name, port, release in zip(("kent", "leeds"), ports, (previous, present), strict=True)
    )
    found_by(previous if founder == "previous" else present, kent, leeds)
    kent.publishes("9000001", "9000002")
    leeds.publishes("9100001", "9100002", "9100003")
    with leeds.running() as run_leeds:
        with kent.running() as run_kent:
            until(lambda: run_kent.answers() and run_leeds.answers(), PATIENCE)
            everywhere = ["9000001", "9000002", "9100001", "9100002", "9100003"]
            both(kent, leeds, lambda one: one.found() == everywhere)

            to_leeds, to_kent = kent.notifies(leeds), leeds.notifies(kent)
            until(lambda: kent.came() == [to_kent] and leeds.came() == [to_leeds], PATIENCE)
            of_kent = {to_leeds: ANSWERED, kent.acknowledges(to_kent): STORED}
            of_leeds = {to_kent: ANSWERED, leeds.acknowledges(to_leeds): STORED}
            until(lambda: kent.sent() == of_kent and leeds.sent() == of_leeds, PATIENCE)

            ending = ends_too_early_for_it(leeds, kent, to_kent)

            leeds.describes("9100001")
            kent.publishes("9000001", banner=LATER)
            leeds.hearth("retire", "home/9100002", "--reason", "It has closed.")
            leeds.hearth("erase", "home/9100003", "--reason", "It was a mistake.", "--yes")
            both(kent, leeds, lambda one: one.found() == ["9000001", "9100001"])
            assert run_kent.stop() == 0

        # What the previous release leaves undone, the present one does.
        waits, comes = kent.notifies(leeds), leeds.notifies(kent)
        kent.publishes("9000001", "9000003", banner=LATER)
        assert kent.revision() == "0003"
        kent.software = present
        with kent.running() as run_kent:
            until(run_kent.answers, PATIENCE)
            leeds.hearth("follow-up", to_kent, "--again", ending)
            of_leeds[ending] = STORED
            both(kent, leeds, lambda one: one.found() == ["9000001", "9000003", "9100001"])
            # Its profile was kept unread by the previous release.
            both(kent, leeds, lambda one: one.found("--need", "adhd") == ["9100001"])
            until(lambda: kent.came() == sorted([to_kent, comes]), PATIENCE)
            until(lambda: leeds.came() == sorted([to_leeds, waits]), PATIENCE)
            of_kent |= {waits: ANSWERED, kent.acknowledges(comes): STORED}
            of_leeds |= {comes: ANSWERED, leeds.acknowledges(waits): STORED}
            until(lambda: kent.sent() == of_kent and leeds.sent() == of_leeds, PATIENCE)
            assert [one["kind"] for one in kent.hearth("follow-up", to_kent)["after"]] == [
                "placement-ending/1"
            ]
            shown = kent.hearth("inbox", "--show", to_kent, "--reason", "To see that it is there.")
            assert shown == json.loads(a_notice())
            until(lambda: leeds.confirmed() == ["kent", "leeds"], PATIENCE)
            again = kent.hearth("publish")
            assert (again["homes"], again["providers"], again["retired"]) == (0, 0, 0)
            until(lambda: kent.sound() == leeds.sound(), PATIENCE)
            assert run_kent.stop() == run_leeds.stop() == 0
    assert kent.revision() == leeds.revision() != "0003"
    for member in (kent, leeds):
        said = (member.folder / "run.log").read_text()
        assert not any(secret in said for secret in SECRETS)


def ends_too_early_for_it(sender: Member, old: Member, notice: str) -> str:
    """What follows a notice is refused by a node of the previous release, in words that say what to
    do, and files are not sent to it at all; gives the id of the ending that it refused.
    """
    folder, at = sender.folder.parent, ("--data-dir", sender.folder)
    said, file = folder / "ending.json", folder / "plan.pdf"
    said.write_text(
        '{"ended_on":"2027-01-31","planned":true,"given_by":"court","why":"returned home"}'
    )
    file.write_bytes(PDF)
    ending = str(sender.hearth("follow-up", notice, "--say", "ending", "--file", said)["message"])

    def where() -> tuple[str, str]:
        [one] = sender.hearth("follow-up", notice)["after"]
        return one["dispatch"]["state"], one["dispatch"]["problem"]

    until(lambda: where() == ("refused", "unknown-schema"), PATIENCE)
    words = " ".join(hearth("follow-up", notice, *at).out.split())
    assert f"{old.name.title()}’s node is too old to read this" in words
    assert "by telephone today" in words
    assert "Once their node is upgraded, send it again" in words
    to = ("--from", sender.name, "--to", old.name, "--attach", file)
    attached = hearth("notify", folder / "notice.json", *to, *at)
    assert attached.status == 1
    assert "node takes no files yet" in attached.err
    return ending


def found_by(release: Software, *members: Member) -> None:
    """A consortium whose charter this release makes, and to which each keeps by its own."""
    for one in members:
        one.hearth("init", "--name", one.name, "--url", one.url, "--authority", one.name.title())
    folder = members[0].folder.parent
    note = folder / "charter.note"
    described = [str(one.folder / "member.json") for one in members]
    key = str(folder / "charter-key.json")
    release.call(
        *("charter", "found", *described, "--name", "Two"), *("--out", str(note), "--key-out", key)
    )
    digests = {one.hearth("charter", "adopt", note)["digest"] for one in members}
    assert len(digests) == 1


def both(one: Member, other: Member, come_true: Any) -> None:
    """Wait until something has come true of both."""
    until(lambda: come_true(one) and come_true(other), PATIENCE)
