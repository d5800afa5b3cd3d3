"""The worker of a node, until it is told to stop."""

import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from directory.compliance.rounds import TellOfQuarters
from directory.homes.reconsidering import Reconsider
from directory.hosting.homes.watching import PairAgain
from directory.hosting.register.growing_up import MarkGrownUp
from directory.hosting.same.finding import FindSame
from directory.node.running.emailing import mail_chores
from directory.nodes import opened
from directory.placing.exporting.files import ExportPlacements
from directory.placing.importing.service import end_drafts
from directory.privacy.retention.destroying import KeepSchedule
from directory.providers.documents.expiring import end_documents
from directory.providers.vacancies.keeping import keep_vacancies
from directory.providers.vouching.following import FollowMergers
from directory.security.audit.anchoring import anchor
from directory.security.mail.setting_up import mailer
from directory.security.unsent.keeping import end_unsent
from directory.settings import read_settings
from federation import Chore, Worker

CHORES: dict[str, Chore] = {
    "anchor": anchor,
    "compliance": TellOfQuarters(),
    "documents": end_documents,
    "grown-up": MarkGrownUp(),
    "imports": end_drafts,
    "mergers": FollowMergers(),
    "pairs": PairAgain(),
    "placements": ExportPlacements(),
    "reconsider": Reconsider(),
    "retention": KeepSchedule(),
    "same": FindSame(),
    "unsent": end_unsent,
    "vacancies": keep_vacancies,
}


def work(data_dir: Path, poll_s: float, beside: Sequence[str] = ()) -> int:
    """Publish, deliver and follow until SIGTERM or SIGINT; what is under way is finished.

    With `beside`, a command that runs as long as the worker does: when one ends, so does the other.
    What it prints goes to standard error.
    Returns the exit status: 1 when that command ended by itself.
    """
    stop, told = threading.Event(), threading.Event()

    def tell(*_: object) -> None:
        told.set()
        # In a thread of its own: at this instant the main one may hold the lock of `stop`.
        threading.Thread(target=stop.set, daemon=True).start()

    signal.signal(signal.SIGTERM, tell)
    signal.signal(signal.SIGINT, tell)
    other = subprocess.Popen(beside, stdout=2) if beside else None
    if other:
        threading.Thread(target=_stop_after, args=(other, stop), daemon=True).start()
    settings = read_settings()
    pages_at = settings.public_url or f"http://{settings.host}:{settings.port}"
    chores = CHORES | mail_chores(mailer(settings), pages_at)
    try:
        with opened(data_dir) as node:
            Worker(node, poll_s=poll_s, chores=chores).run(stop)
    finally:
        if other:
            other.terminate()
            other.wait()
    return 0 if told.is_set() else 1


def _stop_after(process: subprocess.Popen[bytes], stop: threading.Event) -> None:
    process.wait()
    stop.set()
