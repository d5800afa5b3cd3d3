"""`hearth` as a person or a script calls it, and a small consortium made with nothing else."""

import json
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from click.testing import CliRunner

from directory.cli import main
from directory.demo.consortium import free_ports
from directory.nodes import opened
from federation import deliver_due
from tests.directory.lists import home, write_list
from tests.directory.post import Door

# What nobody may read who does not ask for the notice itself.
SECRETS = (
    "Zebedee",
    "Quillfeather",
    "LDS-0042",
    "2012-05-17",
    "17 Wren",
    "afraid of",
    "01632 9601",
)


@dataclass(frozen=True)
class Ran:
    """How a call ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The one JSON object on standard output; nothing else may stand there."""
        assert self.out.count("\n") == 1, self.out
        assert self.out.endswith("\n"), self.out
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value

    @property
    def error(self) -> str:
        """Why it failed, in the words that people and scripts read alike."""
        assert self.status != 0
        reason = self.answer["error"]
        assert isinstance(reason, str)
        assert reason.splitlines()[0] in self.err
        return reason


def hearth(*arguments: object, stdin: bytes | None = None, **settings: str) -> Ran:
    """Call `hearth`; a traceback fails the test that does."""
    ran = CliRunner().invoke(
        main, [str(one) for one in arguments], stdin, env=dict(settings), prog_name="hearth"
    )
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return Ran(ran.exit_code, ran.stdout, ran.stderr)


def succeed(*arguments: object, stdin: bytes | None = None) -> dict[str, Any]:
    """Call `hearth` with --json; the answer."""
    ran = hearth(*arguments, "--json", stdin=stdin)
    assert ran.status == 0, (ran.out, ran.err)
    return ran.answer


def make_consortium(folder: Path) -> None:
    """The nodes `leeds` and `kent` in folders of these names, as a newcomer makes them.

    Leeds has published two homes, and knows of a third in Kent. Neither is running.
    """
    for name, port in zip(("leeds", "kent"), free_ports(2), strict=True):
        url = f"http://127.0.0.1:{port}"
        succeed("init", "--name", name, "--url", url, "--authority", name, at(folder, name))
    members = [folder / name / "member.json" for name in ("leeds", "kent")]
    note, key = folder / "charter.note", folder / "charter-key.json"
    succeed("charter", "found", *members, "--name", "Two", "--out", note, "--key-out", key)
    for name in ("leeds", "kent"):
        succeed("charter", "adopt", note, at(folder, name))
    in_leeds = {"Local_authority": "Leeds", "Name": "Wren House"}
    rows = [home("9000001", **in_leeds), home("9000002", **in_leeds), home("9000003")]
    succeed("import", "ofsted", write_list(folder, *rows), at(folder, "leeds"))
    succeed("publish", at(folder, "leeds"))


def at(folder: Path, name: str) -> str:
    """The option that names a node's data directory."""
    return f"--data-dir={folder / name}"


def a_notice() -> bytes:
    """A notice, as a case system writes it; everything about the child is in SECRETS."""
    person = {"name": "A. Worker", "role": "Social worker", "telephone": "01632 960100"}
    return msgspec.json.encode(
        {
            "schema": "notice/1",
            "child": {
                "identifier": "LDS-0042",
                "given_name": "Zebedee",
                "family_name": "Quillfeather",
                "born_on": "2012-05-17",
            },
            "placement": {
                "setting": "children's home",
                "address": "17 Wren Street",
                "starts_on": "2026-01-12",
            },
            "social_worker": person,
            "out_of_hours": person,
            "reviewing_officer": person,
            "legal_status": "section 20",
            "assessment_of_needs": "Zebedee is afraid of geese.",
            "why_most_suitable": "No geese near Zebedee Quillfeather.",
            "care_plan": "Zebedee is afraid of geese no longer.",
        }
    )


def deliver(folder: Path, sender: str, recipient: str) -> None:
    """Carry what is due in one node's outbox to another node, as its worker would."""
    with ExitStack() as stack:
        one, other = (stack.enter_context(opened(folder / name)) for name in (sender, recipient))
        assert deliver_due(one, Door(other, one.member)) > 0


def change(database: Path, statement: str) -> None:
    """Change a database behind the node's back."""
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute(statement).rowcount > 0
