"""`hearth recover`: bring back this node's own log from the other members."""

from dataclasses import asdict
from datetime import UTC, datetime

import click
from rich.progress import Progress as Bar

from directory.cli.common import Hearth, command
from directory.cli.following import follow_all, log_line
from directory.records.publishing.recovering import Publications
from directory.security.audit.service import note
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.settings import read_settings
from federation import (
    Peer,
    Progress,
    Recovered,
    Traffic,
    WitnessesWanting,
    adopt_charter,
    fetch_charter,
    publish_log,
    writing,
)
from federation import recover as recover_


@click.command()
@click.option("--charter", "url", metavar="URL", help="Whom to ask for the charter, if it is lost.")
@click.option("--digest", help="With --charter: what the founding charter's digest has to be.")
@command
def recover(hearth: Hearth, url: str | None, digest: str | None) -> None:
    """Bring back this node's own log from the other members.

    Then all that the others publish. For a node whose disk was lost, with the keys, member.json and
    charter.note from its key backup; and for one whose node.db was restored from a backup that is
    older than its keys. Everything is verified; what is in node.db stays; nothing is signed before
    all that was signed once is here again. It may be stopped at any moment, and is then run again.

    Where charter.note is lost as well, any member has it: give its URL, and the digest of the
    founding charter, which other members can tell you.
    """
    require(hearth.who, Action.RUN_NODE)
    if bool(url) != bool(digest):
        raise click.UsageError("--charter and --digest go together.")
    if url and digest:
        chain = fetch_charter(url.rstrip("/"), digest, read_settings().ca_bundle)
        adopt_charter(hearth.data_dir, chain, datetime.now(UTC))
    traffic = Traffic()
    with hearth.node() as node, Bar(console=hearth.err, transient=True) as bar:
        peers = [Peer(node, member, traffic) for member in node.others()]
        task = bar.add_task("our own log", total=None)

        def report(progress: Progress) -> None:
            bar.update(task, completed=progress.size, total=progress.target)

        with writing(node.node_db) as connection:
            note(connection, node, hearth.who, "recover the log")
        done = recover_(node, peers, Publications(), report)
        published, waits = 0, None
        try:
            published = publish_log(node, peers)
        except WitnessesWanting as error:
            waits = str(error)
        logs = follow_all(node, peers, bar)
        for peer in peers:
            peer.close()
    result = asdict(done) | {
        "published": published,
        "waits": waits,
        "logs": logs,
        "requests": traffic.requests,
    }
    hearth.answer(result, "\n".join([*_lines(done, published, waits), *map(log_line, logs)]))


def _lines(done: Recovered, published: int, waits: str | None) -> list[str]:
    lines = [
        f"Our log has {done.size:,} entries; {done.size - done.before:,} were read back, from "
        f"{', '.join(done.copies)}, and all are verified."
    ]
    if done.missing:
        named = ", ".join(map(str, done.missing[:20])) + (" …" if len(done.missing) > 20 else "")
        lines.append(
            f"The payloads of {len(done.missing):,} entries are at no member that answered: "
            f"{named}. Run this again when others answer. What is current of them, 'hearth "
            "publish' publishes again."
        )
    lines += [f"Not taken: {one}" for one in done.refused]
    if published:
        lines.append(f"{published:,} entries that waited were published.")
    lines.append(
        "Next: start the node. What only node.db held (notices, people) is not in the log."
    )
    if waits:
        lines.append(f"Nothing more is published yet: {waits}.")
    return lines
