"""`hearth evidence`: a bundle that proves a notice's delivery offline; and checking one."""

from pathlib import Path

import click

from directory.cli.common import AuthorityName, Hearth, command, served
from directory.cli.trust import FILE, charter_option, policy_option, read_charters
from directory.cli.verify import cosigned_as_json, cosigned_in_words
from directory.country.authorities.service import Authority, authority_name
from directory.notices.evidence.checking import Checked, check_bundle
from directory.notices.evidence.making import make_evidence
from directory.web.wording import counted
from federation import reading, trust_of, write_private, writing
from protocols.encoding import b64
from protocols.policy import parse_policy

_NEW = click.Path(dir_okay=False, path_type=Path)
_NOT_SHOWN = (
    "Not shown: what the messages say, and that nothing else was said. Whoever has one compares "
    "its digest, which stands for its files, too; what kind each is, and of whom, is for the two "
    "authorities to show."
)


@click.command()
@click.argument("notice", required=False)
@click.option("--authority", type=AuthorityName(), help="Whose notice. [default: the only one]")
@click.option("--out", type=_NEW, help="Where to write it. [default: NOTICE.evidence]")
@click.option("--check", type=FILE, help="Check this bundle instead, with no network.")
@charter_option
@policy_option
@command
def evidence(
    hearth: Hearth,
    notice: str | None,
    authority: Authority | None,
    out: Path | None,
    check: Path | None,
    charter_file: Path | None,
    policy: Path | None,
) -> None:
    """Prove offline that a notice arrived, or check a proof.

    The bundle has the digests of the notice and of all that followed it (acknowledgement, changes,
    ending, withdrawal, questions and answers), the receipt that each recipient signed, and the
    proof that an hourly anchor in a log has dated it. Nothing of the child is in it, and nothing of
    any other notice. Whoever checks it needs a charter and nothing else.
    """
    if (notice is None) == (check is None):
        raise click.UsageError("Give the id of a notice, or --check and a bundle.")
    if check:
        _check(hearth, check, charter_file or hearth.data_dir / "charter.note", policy)
        return
    path = out or Path(f"{notice}.evidence")
    if path.exists():
        raise click.UsageError(f"{path} exists, and is not overwritten. Name another file.")
    with (
        hearth.node() as node,
        reading(node.replica) as replica,
        writing(node.node_db) as connection,
    ):
        made = make_evidence(
            connection,
            replica,
            node,
            hearth.who,
            authority=served(node, authority),
            notice=str(notice),
        )
    write_private(path, made.data)
    others = made.parts - 1
    left_out = (
        f"Not in it yet, for want of a dated receipt: {', '.join(made.undated)}. Make it again in "
        "an hour.\n"
        if made.undated
        else ""
    )
    hearth.answer(
        {"evidence": str(path), "notice": notice, "parts": made.parts, "undated": made.undated},
        f"Wrote {path}: that the notice {notice} was stored by its recipient, and "
        f"{counted(others, 'message')} that followed it.\n{left_out}"
        f"Next: whoever has it and the charter checks it, with no network: 'hearth evidence "
        f"--check {path} --charter FILE'.",
    )


def _check(hearth: Hearth, file: Path, charter_file: Path, policy: Path | None) -> None:
    if not charter_file.exists():
        raise click.UsageError("Give the charter whose keys count, with --charter.")
    charters = read_charters(charter_file)
    committee = parse_policy(policy.read_bytes()) if policy else None
    trust = trust_of([], charters[-1].charter, committee)
    checked = check_bundle(file.read_bytes(), charters, trust)
    hearth.answer(
        {
            "sound": True,
            "notice": checked[0].evidence.message,
            "parts": [_as_json(one) for one in checked],
        },
        "\n\n".join((*map(_in_words, checked), _NOT_SHOWN)),
    )


def _as_json(checked: Checked) -> dict[str, object]:
    one, checkpoint = checked.evidence, checked.head.checkpoint
    return {
        "kind": checked.kind,
        "message": one.message,
        "sender": one.sender,
        "recipient": one.recipient,
        "signed": one.signed,
        "stored_at": checked.stored_at.isoformat(),
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": b64(checkpoint.root),
        **cosigned_as_json(checked.head),
    }


def _in_words(checked: Checked) -> str:
    one, checkpoint = checked.evidence, checked.head.checkpoint
    sender, recipient = authority_name(one.sender), authority_name(one.recipient)
    return "\n".join(
        (
            f"{checked.kind}: {recipient} signed that it had stored the message {one.message} of "
            f"{sender}, with the digest {one.signed}.",
            f"By its own clock that was at {checked.stored_at:%d %B %Y %H:%M:%S} UTC. The "
            f"receipt was there before the log {checkpoint.origin} had "
            f"{checkpoint.size:,} entries.",
            cosigned_in_words(checked.head),
        )
    )
