"""The command line as a newcomer and a script use it: what it says when all goes well."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import psutil
import pytest
import requests

from directory.cli import main
from directory.cli.common import print_safely
from directory.demo.consortium import free_ports
from tests.directory.command_line import (
    SECRETS,
    Ran,
    a_notice,
    at,
    deliver,
    hearth,
    make_consortium,
    succeed,
)
from tests.directory.files import PDF

WHY = ("--reason", "To place the child in a school")


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Each command that does something, by its full name."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", one) for sub, one in command.commands.items())
        else:
            yield name, command


COMMANDS = dict(every_command())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A consortium in which each test may publish and send, and relies on no other's doing so."""
    made = tmp_path_factory.mktemp("command-line")
    make_consortium(made)
    return made


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_a_data_directory_and_answers_in_json(name: str) -> None:
    options = {option for one in COMMANDS[name].params for option in one.opts}
    assert {"--data-dir", "--json", "--verbose"} <= options


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_in_one_line_what_a_command_is_for_and_explains_its_options(name: str) -> None:
    command = COMMANDS[name]
    assert "..." not in command.get_short_help_str(limit=66), "cut off in the list of commands"
    shown = hearth(*name.split(), "--help")
    assert (shown.status, shown.err) == (0, "")
    unexplained = [
        one.name
        for one in command.params
        if isinstance(one, click.Option) and not (one.help or one.show_default)
    ]
    assert unexplained == []


def test_help_lists_the_commands_in_the_order_in_which_they_are_needed() -> None:
    shown = hearth("--help").out.partition("Commands:")[2]
    places = [shown.index(f"\n  {name} ") for name in ("demo", "init", "charter", "import")]
    assert places == sorted(places)
    assert "..." not in shown


def test_a_newcomer_s_path_from_nothing_to_a_search(tmp_path: Path) -> None:
    make_consortium(tmp_path)
    synced = hearth("sync", "--json", at(tmp_path, "leeds"))
    own, other = synced.answer["logs"]
    assert (own["node"], own["applied"], own["trouble"]) == ("leeds", 3, None)
    assert other["node"] == "kent"
    found = succeed("search", "wren", at(tmp_path, "leeds"))
    assert found["total"] == 2
    assert {one["record"]["name"] for one in found["homes"]} == {"Wren House"}
    assert {one["authority_name"] for one in found["homes"]} == {"Leeds"}


@pytest.mark.parametrize("step", ["init", "adopt", "import", "publish", "notify", "acknowledge"])
def test_each_step_says_what_comes_next(folder: Path, tmp_path: Path, step: str) -> None:
    match step:
        case "init":
            said = hearth(
                *("init", "--name", "devon", "--url", "https://hearth.devon.example"),
                *("--authority", "Devon", at(tmp_path, "devon")),
            )
        case "adopt":
            said = hearth("charter", "adopt", folder / "charter.note", at(folder, "leeds"))
        case "import":
            said = hearth("import", "ofsted", folder / "list.csv", at(folder, "leeds"))
        case "publish":
            said = hearth("publish", at(folder, "leeds"))
        case "notify":
            said = send(folder)
        case _:
            said = acknowledge(folder, send_and_deliver(folder))
    assert said.status == 0
    assert said.out.splitlines()[-1].startswith("Next: ")


def test_publishing_nothing_says_where_homes_come_from(folder: Path) -> None:
    said = hearth("publish", at(folder, "kent"))
    assert said.status == 0
    assert "import ofsted" in said.out


def test_publishing_again_publishes_nothing(folder: Path) -> None:
    again = succeed("publish", at(folder, "leeds"))
    assert (again["homes"], again["providers"], again["unchanged"]) == (0, 0, 3)
    assert (again["entries"], again["log_size"]) == (0, 3)


def test_log_info_gives_what_any_client_of_the_log_needs(folder: Path) -> None:
    logs = {log["node"]: log for log in succeed("log-info", at(folder, "kent"))["logs"]}
    assert logs.keys() == {"leeds", "kent"}
    assert logs["leeds"]["prefix"].endswith("/log")
    assert all(vkey.startswith(logs["leeds"]["origin"]) for vkey in logs["leeds"]["vkeys"])
    shown = hearth("log-info", at(folder, "kent")).out
    assert logs["leeds"]["vkeys"][0] in shown


def test_an_authority_is_known_by_any_of_its_names(tmp_path: Path) -> None:
    for number, name in enumerate(("E08000035", "leeds city council", "LEEDS")):
        url = f"http://127.0.0.1/{number}"
        made = succeed(
            *("init", "--name", "one", "--url", url, "--authority", name),
            at(tmp_path, str(number)),
        )
        assert made["authorities"] == ["E08000035"]


# --- About a child --------------------------------------------------------------------------------


def send(folder: Path, *more: str) -> Ran:
    return hearth(
        *("notify", "-", "--from", "Leeds", "--to", "Kent", at(folder, "leeds"), *more),
        stdin=a_notice(),
    )


def send_and_deliver(folder: Path) -> str:
    message = send(folder, "--json").answer["message"]
    deliver(folder, "leeds", "kent")
    return str(message)


def acknowledge(folder: Path, notice: str, *more: str) -> Ran:
    who = ("--contact", "D. Officer", "--telephone", "01622 1")
    return hearth("inbox", "--acknowledge", notice, *who, at(folder, "kent"), *more)


def test_a_notice_is_sent_received_shown_and_acknowledged(folder: Path) -> None:
    notice = send_and_deliver(folder)
    (mine,) = [one for one in inbox(folder) if one["id"] == notice]
    assert (mine["placing_authority"], mine["acknowledged_at"]) == ("E08000035", None)
    whole = succeed("inbox", "--show", notice, *WHY, at(folder, "kent"))
    assert whole == msgspec.json.decode(a_notice())
    assert acknowledge(folder, notice).status == 0
    deliver(folder, "kent", "leeds")
    (sent,) = [
        one for one in succeed("outbox", at(folder, "leeds"))["messages"] if one["id"] == notice
    ]
    assert (sent["state"], sent["receipt_verified"]) == ("stored", True)
    assert mine["received_at"] > sent["queued_at"], "when it came, and not when it was written"
    assert sent["acknowledged_by"]["name"] == "D. Officer"
    line = next(
        line for line in hearth("outbox", at(folder, "leeds")).out.splitlines() if notice in line
    )
    assert "Leeds to Kent" in line
    assert "acknowledged by D. Officer" in line


def inbox(folder: Path) -> list[dict[str, object]]:
    return list(succeed("inbox", at(folder, "kent"))["notices"])


def test_files_go_with_a_notice_and_are_saved_for_a_reason(folder: Path, tmp_path: Path) -> None:
    plan, program = tmp_path / "Zebedee – plan.pdf", tmp_path / "macros.docx"
    plan.write_bytes(PDF)
    program.write_bytes(b"MZ")
    sending = ["notify", "-", "--from", "Leeds", "--to", "Kent", at(folder, "leeds")]
    refused = hearth(*sending, "--attach", program, "--json", stdin=a_notice())
    assert "macros.docx is a program" in refused.error
    message = succeed(*sending, "--attach", plan, stdin=a_notice())["message"]
    waits = {one["id"]: one for one in succeed("outbox", at(folder, "leeds"))["messages"]}
    assert waits[message]["chunks"] == {"held": 0, "chunks": 1}
    deliver(folder, "leeds", "kent")
    there = [at(folder, "kent"), "--reason", "To compare it."]
    shown = succeed("inbox", "--show", message, *there)
    assert shown.pop("attachments") == [
        {"name": plan.name, "type": "application/pdf", "size": len(PDF)}
    ]
    assert shown == msgspec.json.decode(a_notice())
    into = tmp_path / "saved"
    into.mkdir()
    assert succeed("inbox", "--save", message, "--into", into, *there) == {"saved": 1}
    assert (into / plan.name).read_bytes() == PDF
    assert (into / plan.name).stat().st_mode & 0o777 == 0o600
    again = hearth("inbox", "--save", message, "--into", into, *there, "--json")
    assert "is not overwritten" in again.error


def test_what_follows_a_notice_is_said_asked_and_read(folder: Path, tmp_path: Path) -> None:
    notice = send_and_deliver(folder)
    plan = tmp_path / "New plan.pdf"
    plan.write_bytes(PDF)
    leeds, kent = at(folder, "leeds"), at(folder, "kent")
    saying = ["follow-up", notice, leeds, "--file", "-", "--say"]
    change = b'{"kind":"change","since":"2026-12-05","care_plan":"See the file."}'
    assert succeed(*saying, "change", "--attach", plan, stdin=change)["state"] == "waiting"
    wrong = hearth(*saying, "ending", "--json", stdin=b'{"ended_on":"2026-12-05"}')
    assert "Nothing was sent" in wrong.error
    assert hearth(*saying, "question", stdin=b"{}").status == 2, "it is for who received it"
    deliver(folder, "leeds", "kent")
    call = '{"name":"Dot","role":"Duty","telephone":"01632 960123"}'
    question = f'{{"text":"Which school?","contact":{call}}}'.encode()
    asking = ["follow-up", notice, kent]
    asked = succeed(*asking, "--say", "question", "--file", "-", stdin=question)["message"]
    deliver(folder, "kent", "leeds")
    reply = question.replace(b"Which school?", b"The one by the park.")
    succeed(*saying, "answer", "--question", asked, stdin=reply)
    deliver(folder, "leeds", "kent")
    listed = hearth(*asking).out
    assert [word in listed for word in ("Change", "Question", "Answer", "park")] == [
        *(True, True, True),
        False,
    ]
    now = succeed(*asking, "--show", "--reason", "To compare it.")
    assert now["says"]["care_plan"] == "See the file."
    assert now["asked"][0]["answers"][0]["text"] == "The one by the park."
    into = tmp_path / "of changes"
    into.mkdir()
    succeed("inbox", "--save", notice, "--into", into, "--reason", "To compare it.", kent)
    assert [one.read_bytes() for one in into.iterdir()] == [PDF]


def test_nothing_about_the_child_is_printed_unless_asked_for(folder: Path) -> None:
    notice = send_and_deliver(folder)
    shown = [send(folder, *more) for more in ((), ("--json",), ("--verbose",))]
    for more in ((), ("--json",), ("--verbose",)):
        shown.append(hearth("outbox", at(folder, "leeds"), *more))
        shown.append(hearth("inbox", at(folder, "kent"), *more))
        shown.append(acknowledge(folder, notice, *more))
        shown.append(hearth("inbox", at(folder, "kent"), *more))
    for one in shown:
        said = one.out + one.err
        assert [secret for secret in SECRETS if secret in said] == []
    whole = hearth("inbox", "--show", notice, *WHY, at(folder, "kent")).out
    assert [secret for secret in SECRETS if secret not in whole] == []


# --- What a terminal and a script may rely on -----------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["caf\N{NO-BREAK SPACE}e", "soft\N{SOFT HYPHEN}hyphen", "\x1b]0;title\x07", "\x85", "😀"],
)
def test_what_is_printed_cannot_steer_a_terminal_and_stays_json(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_safely(msgspec.json.encode({"said": text}).decode())
    printed = capsys.readouterr().out
    assert msgspec.json.decode(printed) == {"said": text}
    print_safely(text)
    assert not any(c in capsys.readouterr().out for c in "\x1b\x07\x85\N{SOFT HYPHEN}")


def test_run_says_where_it_is_in_one_object_and_stops_when_told_to(folder: Path) -> None:
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "directory.cli", "run", "--json", "--port", str(port)]
    node = subprocess.Popen(
        [*command, at(folder, "leeds")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "HEARTH_LOG_LEVEL": "error"},
        text=True,
    )
    assert node.stdout
    try:
        answer = msgspec.json.decode(node.stdout.readline())
        assert answer == {"node": "leeds", "url": f"http://127.0.0.1:{port}", "only": None}
        while not _is_served(port):
            time.sleep(0.02)
            assert node.poll() is None, node.communicate()
        taken = hearth("run", "--json", "--port", port, at(folder, "kent"))
        assert f"127.0.0.1:{port}" in taken.error
    finally:
        node.send_signal(signal.SIGTERM)
        rest, _ = node.communicate(timeout=60)
    assert (node.returncode, rest) == (0, "")


def test_a_node_that_is_told_to_stop_while_it_starts_leaves_nothing_behind(folder: Path) -> None:
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "directory.cli", "run", "--port", str(port)]
    node = subprocess.Popen([*command, at(folder, "leeds")], stderr=subprocess.DEVNULL)
    try:
        family: list[psutil.Process] = []
        while len(family) < 2:  # granian, and its own process, which loads the application
            assert node.poll() is None
            time.sleep(0.02)
            family = psutil.Process(node.pid).children(recursive=True)
    finally:
        node.send_signal(signal.SIGTERM)
        node.wait(timeout=60)
    assert node.returncode == 0
    assert psutil.wait_procs(family, timeout=60)[1] == []


def _is_served(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/log/checkpoint", timeout=5).ok
    except requests.ConnectionError:
        return False
