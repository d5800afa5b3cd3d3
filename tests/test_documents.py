"""The documents: their links lead somewhere, and their commands are ones that there are."""

import re
import shlex
from pathlib import Path

import click
import pytest

from directory.cli import main

ROOT = Path(__file__).parent.parent
PLACES = ("*.md", "docs/**/*.md", "deploy/*.md", "protocols/*.md", "directory/*/README.md")
DOCUMENTS = sorted(path for place in PLACES for path in ROOT.glob(place))
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def headings(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one).strip().lower().replace(" ", "-") for one in found}


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    here = (ROOT / name).parent
    for link in re.findall(r"\]\(([^)\s]+)\)", read(name)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = here / path if path else ROOT / name
        assert target.exists(), f"{name}: {link}"
        if anchor:
            assert anchor in headings(target.read_text("utf-8")), f"{name}: {link}"


@pytest.mark.parametrize("name", NAMES)
def test_commands_and_their_options_are_ones_that_there_are(name: str) -> None:
    text = read(name).replace("\\\n", " ")
    for line in re.findall(r"(?:^|`|/)(hearth [a-z][^`\n]*)", text, re.MULTILINE):
        words = [word for word in shlex.split(line, comments=True) if word != "…"][1:]
        command: click.Command = main
        context = click.Context(main)
        while isinstance(command, click.Group):
            assert words, f"{name}: {line}"
            found = command.get_command(context, words.pop(0))
            assert found, f"{name}: {line}"
            command = found
        known = {option for one in command.params for option in one.opts} | {"--help"}
        used = {word for word in words if word.startswith("--")}
        assert used <= known, f"{name}: {line}"


def test_every_decision_is_listed_with_its_title_in_order() -> None:
    listed = re.findall(r"^(\d+)\. \[(.+)\]\((.+)\)$", read("docs/decisions/README.md"), re.M)
    pages = sorted(path.name for path in (ROOT / "docs/decisions").glob("0*.md"))
    assert [page for _, _, page in listed] == pages
    for number, title, page in listed:
        assert read(f"docs/decisions/{page}").startswith(f"# {number}. {title}\n\n**Context.**")
        assert page.startswith(f"{int(number):04}-")


def test_documents_speak_of_nobody_s_machine() -> None:
    for name in NAMES:
        assert not re.search(r"/(?:home|root|work|Users)/", read(name)), name
