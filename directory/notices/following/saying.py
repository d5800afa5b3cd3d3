"""The placing authority says what has become of a notice: kept, noted and queued at once.

What goes out says what it is for and on what basis, in the words of the nation's table of rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from secrets import token_hex
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Row, select

from directory.country.rules.purposes import why
from directory.country.rules.table import nation_of
from directory.notices.breaches.service import open_breach
from directory.notices.died import SENTENCE, keep_death, require_past
from directory.notices.errors import (
    AlreadyWithdrawn,
    EndsBeforeStart,
    InAnotherArea,
    NoSuchNotice,
    NothingChanged,
    NotThereYet,
)
from directory.notices.following.files import files_after
from directory.notices.following.keeping import keep
from directory.notices.models import sent_notice
from directory.notices.now import Event, Now, events_of, now_of
from directory.notices.releases import require_takes_files
from directory.notices.sending import home_in_directory, why_elsewhere
from directory.notices.sent import id_for
from directory.privacy.restricting.closing import require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import (
    DEAD,
    Enclosure,
    Node,
    attach,
    dispatches,
    queue,
    queue_again,
    reading,
)
from protocols.notices import Contact
from protocols.placements import (
    BREACHES,
    ChangeKind,
    FromPlacing,
    PlacementBody,
    PlacementChange,
    PlacementEnding,
    Question,
    QuestionAnswer,
    Withdrawal,
    encode_placement_body,
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be said otherwise. `child` and `placement` name only those of their members that
    change; of the others of a notice each is whole.
    """

    kind: ChangeKind
    since: date
    child: Mapping[str, Any]
    placement: Mapping[str, Any]
    others: Mapping[str, Any]
    reason: str | None = None


class Saying:
    """One thing that somebody of a placing authority says of a notice, within one transaction.

    `form` is what a form was given when it was first shown: one that the same person sends again
    gives the same message, and sends none. Everything raises NotAllowed, NoSuchNotice,
    NotThereYet, AlreadyWithdrawn, Restricted, a VaultError, and federation's NoSuchMember.
    """

    def __init__(
        self,
        connection: Connection,
        node: Node,
        who: Principal,
        *,
        placing: str,
        notice: str,
        form: str | None = None,
    ) -> None:
        require(who, Action.CHANGE_NOTICES, placing)
        require_open(connection, who, placing, f"notice/{notice}")
        self._connection, self._node, self._who = connection, node, who
        self._row = _row_of(connection, placing, notice)
        self._message = id_for(form, who, placing) if form else token_hex(16)
        self._events = events_of(connection, node, "sent", [self._row])[placing, notice]
        self._before = any(one.message == self._message for one in self._events)

    def change(self, said: Changes, files: Sequence[Enclosure] = ()) -> str:
        """What has changed, or was wrong; `files` go with it, and may be all that is new. Raises
        NothingChanged, EndsBeforeStart, InAnotherArea, NoFilesThere.
        """
        if self._before:
            return self._message
        now = self._now()
        whole: dict[str, Any] = {
            name: value
            for name, value in said.others.items()
            if value != (now.expected_end if name == "expected_end" else getattr(now.says, name))
        }
        for name, members in (("child", said.child), ("placement", said.placement)):
            old = getattr(now.says, name)
            if (new := structs.replace(old, **members)) != old:
                whole[name] = new
        until = said.others.get("expected_end")
        if said.kind == "extension" and until is None:
            raise NothingChanged("Say until when the placement goes on")
        called_off = said.kind == "extension" and now.ending is not None
        if not (whole or files or called_off):
            raise NothingChanged(
                "The notice says all of this already. Say what is different, or go back"
            )
        if said.kind == "extension":
            whole["expected_end"] = until
        starts = whole.get("placement", now.says.placement).starts_on
        _refuse_before(whole.get("expected_end"), starts)
        if called_off:
            keep_death(self._connection, self._node, "sent", self._row, None)
        self._refuse_elsewhere(said.placement.get("urn"))
        if files:
            require_takes_files(self._node, self._row.area_authority)
        return self._say(
            PlacementChange(
                **self._head("placement-change/1", now.number),
                **whole,
                kind=said.kind,
                since=said.since,
                reason=said.reason,
            ),
            files,
        )

    def end(self, **said: Any) -> str:
        """That it ends, by the members of PlacementEnding; `why` may be "died", on that day. Raises
        EndsBeforeStart, DiesAhead.
        """
        if self._before:
            return self._message
        now = self._now()
        starts = now.says.placement.starts_on
        died_on: date | None = None
        if said["why"] == "died":
            died_on = said["ended_on"]
            require_past(said["ended_on"], now.says.child.born_on, self._node)
            words = f"{SENTENCE} {said['said']}" if said.get("said") else SENTENCE
            said |= {"why": "other", "given_by": "nobody", "planned": False, "said": words}
            said["ended_on"] = max(died_on or starts, starts)
        _refuse_before(said["ended_on"], starts)
        message = self._say(PlacementEnding(**self._head("placement-ending/1", now.number), **said))
        keep_death(self._connection, self._node, "sent", self._row, died_on)
        return message

    def withdraw(self, **said: Any) -> str:
        """That it should not have been sent, by the members of Withdrawal. Where somebody has read
        it who had no need to, a breach is opened here, and there when it arrives.
        """
        if self._before:
            return self._message
        now = self._now()
        body = Withdrawal(**self._head("withdrawal/1", now.number), **said)
        message = self._say(body)
        if body.why in BREACHES:
            open_breach(
                self._connection, self._node, "sent", self._row, withdrawal=message, why=body.why
            )
        return message

    def answer(self, question: str, text: str, answered_by: Contact) -> str:
        """The answer to a question. Raises NoSuchNotice where they did not ask it."""
        if self._before:
            return self._message
        asked = [
            one
            for one in self._events
            if one.message == question and isinstance(one.body, Question)
        ]
        if not asked:
            raise NoSuchNotice(f"nobody has asked {question} about notice {self._row.id}")
        purpose = why("answer/1", nation_of(self._row.placing_authority))
        return self._say(
            QuestionAnswer(
                notice=self._row.id,
                question=question,
                answered_at=self._node.now(),
                answered_by=answered_by,
                text=text,
                purpose=purpose.purpose,
                lawful_basis=purpose.lawful_basis,
            )
        )

    def again(self, message: str) -> None:
        """Send once more what was refused, or what nobody took for 28 days. Raises NoSuchNotice,
        federation's NotDead.
        """
        mine = [one for one in self._events if one.message == message and _is_ours(one)]
        if not mine:
            raise NoSuchNotice(f"nothing was said of notice {self._row.id} by {message}")
        body = encode_placement_body(mine[0].body)
        files = files_after(self._connection, self._node, "sent", self._row).get(message, ())
        queue_again(self._connection, self._node, message, body, files)
        self._note(f"again, to {self._row.area_authority}")

    def _now(self) -> Now:
        now = now_of(self._connection, self._node, "sent", self._row)
        if now.withdrawal:
            raise AlreadyWithdrawn(
                "This notice was withdrawn, so nothing more is said of it. Send a new one if the "
                "child is placed there after all"
            )
        return now

    def _head(self, schema: str, number: int) -> dict[str, Any]:
        said = why(schema, nation_of(self._row.placing_authority))
        return {
            "notice": self._row.id,
            "number": number + 1,
            "said_at": self._node.now(),
            "purpose": said.purpose,
            "lawful_basis": said.lawful_basis,
        }

    def _refuse_elsewhere(self, urn: str | None) -> None:
        """A child who moves to a home in another area: the authority there has to be told."""
        if urn is None:
            return
        with reading(self._node.replica) as connection:
            home = home_in_directory(connection, urn)
        if why_elsewhere(home, self._row.placing_authority, self._row.area_authority):
            raise InAnotherArea(
                "The directory has this home in another area. End the placement here, and send a "
                "notice to the authority of the new area"
            )

    def _say(self, body: PlacementBody, files: Sequence[Enclosure] = ()) -> str:
        row = self._row
        where = dispatches(self._connection, [row.id])[row.id]
        if where.state in DEAD and where.problem != "id-reused":
            raise NotThereYet(
                "The notice itself has not arrived, so nothing can be said of it there. Send it "
                "again first"
            )
        attachments = attach(
            self._connection, sender=row.placing_authority, message=self._message, files=files
        )
        queue(
            self._connection,
            self._node,
            sender=row.placing_authority,
            recipient=row.area_authority,
            body=encode_placement_body(body),
            message=self._message,
            attachments=attachments,
        )
        keep(
            self._connection,
            self._node,
            "sent",
            row,
            body=body,
            message=self._message,
            by=self._who.name,
            attachments=attachments,
        )
        self._note(f"{body.__struct_config__.tag} to {row.area_authority}")
        return self._message

    def _note(self, detail: str) -> None:
        note(
            self._connection,
            self._node,
            self._who,
            Action.CHANGE_NOTICES,
            authority=self._row.placing_authority,
            record=f"notice/{self._row.id}",
            detail=detail,
        )


def _row_of(connection: Connection, placing: str, notice: str) -> Row[tuple[object, ...]]:
    """The notice, which nobody else changes before this transaction is over."""
    mine = (sent_notice.c.id == notice) & (sent_notice.c.placing_authority == placing)
    row = connection.execute(select(sent_notice).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice} by {placing} here")
    return row


def _refuse_before(end: date | None, starts: date) -> None:
    if end is not None and end < starts:
        raise EndsBeforeStart("The end must be on the day on which the placement started, or later")


def _is_ours(event: Event) -> bool:
    return isinstance(event.body, FromPlacing | QuestionAnswer)
