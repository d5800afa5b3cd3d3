"""`hearth conformance`: the published suite against a node, clause by clause."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.progress import Progress as Bar

from directory.cli.common import Hearth, command
from directory.cli.trust import charter_option, key_option, read_charters
from directory.settings import read_settings
from federation import (
    Clause,
    Finding,
    Kept,
    Membership,
    NoSuchMember,
    Outcome,
    Visit,
    membership,
    of_sections,
    try_node,
)
from protocols.charter import check_expiry
from protocols.keys import Purpose
from protocols.note import NoteVerifier


@click.command()
@click.argument("url")
@key_option
@charter_option
@click.option(
    "--as",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Ask as the member whose data directory this is; its keys are all that is read.",
)
@click.option(
    "--section", "sections", multiple=True, metavar="NUMBER", help="Only clauses of this section."
)
@command
def conformance(
    hearth: Hearth,
    url: str,
    keys: tuple[str, ...],
    charter_file: Path | None,
    folder: Path | None,
    sections: tuple[str, ...],
) -> None:
    """Ask the node at URL for all that the protocol says.

    The suite goes through protocols/README.md clause by clause, see its section 17.

    With --key or --charter it is asked what anybody may ask; with --charter and --as, what members
    may, too. What was not asked is never said to hold. As a member it stores notices about nobody
    at the node that is tried: never do so at one that is in use. A charter for trials, with that
    node and one of your own, is made with 'hearth charter found'.
    """
    clauses = of_sections(sections)
    if not clauses:
        raise click.UsageError(f"No clause is of section {', '.join(sections)}.")
    visit = _visit(url.rstrip("/"), keys, charter_file, folder)
    try:
        with Bar(console=hearth.err, transient=True) as bar:
            task = bar.add_task(visit.url, total=len(clauses))

            def report(clause: Clause) -> None:
                bar.update(task, advance=1, description=clause.id)

            findings = try_node(visit, clauses, report)
    finally:
        visit.close()
    counts = Counter(one.outcome for one in findings)
    result = {
        "url": visit.url,
        "conforms": not counts[Outcome.FAILS],
        "counts": {str(outcome): counts[outcome] for outcome in Outcome},
        "clauses": findings,
    }
    if broken := [one.id for one in findings if one.outcome is Outcome.FAILS]:
        hearth.fail(result, _table(findings), f"{visit.url} does not conform: {', '.join(broken)}.")
    hearth.answer(result, _table(findings))


def _visit(
    url: str, keys: tuple[str, ...], charter_file: Path | None, folder: Path | None
) -> Visit:
    verifiers = [NoteVerifier.from_vkey(key, Purpose.LOG) for key in keys]
    charters: tuple[Kept, ...] = ()
    member: Membership | None = None
    if charter_file:
        charters = read_charters(charter_file)
        charter = charters[-1].charter
        check_expiry(charter, datetime.now(UTC))
        tried = next((one for one in charter.members if one.url == url), None)
        if tried is None:
            raise NoSuchMember(f"The charter names no member at {url}.")
        verifiers += tried.log_verifiers
        member = membership(folder, charter, tried) if folder else None
    elif folder:
        raise click.UsageError("--as needs the --charter of which it is a member.")
    if not verifiers:
        raise click.UsageError("Say which key signs the node's log: give --key or --charter.")
    return Visit(url, verifiers, charters, member, read_settings().ca_bundle)


def _table(findings: list[Finding]) -> str:
    wide = max(len(one.id) for one in findings)
    lines = [
        f"{one.outcome:9}  {one.id:{wide}}  {one.says}"
        + (f"\n{'':{wide + 13}}{one.why}" if one.why else "")
        for one in findings
    ]
    counts = Counter(one.outcome for one in findings)
    lines.append(", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome) + ".")
    return "\n".join(lines)
