"""All that a node writes by email: what sends it, of what people are reminded, and where it is
noted that an email did not arrive.
"""

from collections.abc import Mapping

from directory.alerts import mailing as alerts
from directory.alerts.mailing import MailAlerts
from directory.hosting.census import mailing
from directory.hosting.census.mailing import MailHomes
from directory.hosting.partners import sending
from directory.hosting.partners.sending import TellPartners
from directory.notices.reminding.late import claim_received, claim_sent
from directory.notices.reminding.mailing import Remind, Reminding
from directory.placing.telling import links
from directory.placing.telling.links import MailLetters
from directory.placing.telling.unopened import claim_unopened
from directory.privacy.emergencies.telling import TellOfEmergencies
from directory.security.mail.emails import Mailer
from directory.security.mail.watching import About, Returned, WatchMail
from directory.security.rights.table import Action
from federation import Chore

REMINDERS = (
    Reminding(
        claim_sent,
        "notice",
        "notices",
        "not acknowledged in time",
        Action.SEND_NOTICES,
        "notices/sent",
    ),
    Reminding(
        claim_unopened,
        "area authority",
        "area authorities",
        "not reached by a link",
        Action.TELL_OF_PLACEMENTS,
        "telling",
    ),
    Reminding(
        claim_received,
        "notice received",
        "notices received",
        "and not acknowledged in time",
        Action.ACKNOWLEDGE_NOTICES,
        "notices/received",
    ),
)
RETURNED: Mapping[About, Returned] = {
    "alert": alerts.note_returned,
    "census": mailing.note_returned,
    "letter": links.note_returned,
    "partner": sending.note_returned,
}
"""By what an email was about."""


def mail_chores(mailer: Mailer | None, pages_at: str) -> dict[str, Chore]:
    """The chores of the worker's that write; `pages_at` is where pages are."""
    return {
        "alerts": MailAlerts(mailer, pages_at),
        "census": MailHomes(mailer, pages_at),
        "emergencies": TellOfEmergencies(mailer, pages_at),
        "letters": MailLetters(mailer, pages_at),
        "mail": WatchMail(mailer, RETURNED),
        "partners": TellPartners(mailer, pages_at),
        "reminders": Remind(mailer, pages_at, REMINDERS),
    }
