"""Sending email: of a link what it is for, the link, and nothing else.

The connection is over TLS, but for a relay on this machine. What goes wrong is logged without the
address, and told to nobody who asks: that would tell who has an account.
"""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path

import structlog

from directory.settings import Settings
from federation import is_loopback

TLS_FROM_THE_START = 465
GIVEN_UP = timedelta(days=2)
"""After so long without a mail server that takes it, an email is tried no more."""
NO_MAILER = "This node has no mail server. Tell its operator"
_TIMEOUT_S = 20
_NEVER_TAKEN = 500
_FIRST_RETRY, _LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=2)
_log = structlog.get_logger("mail")


class About(StrEnum):
    """What a link is for, as the email's subject says it."""

    INVITATION = "Your account on Commonhearth"
    NEW_PASSWORD = "Choose a new password for Commonhearth"  # noqa: S105 - a heading


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Why an email has not left, in words; `for_good` where the server will never take it (RFC 5321
    section 4.2.1).
    """

    why: str
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class Mailer:
    """A mail server, and in whose name to write."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password_file: Path | None = None
    ca_bundle: Path | None = None

    def send(self, to: str, about: About, address: str) -> bool:
        """Send a link; whether the server took it."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, about
        message.set_content(
            f"{about}:\n\n{address}\n\nThe link works once, and for a limited time. If you do not "
            "expect it, do nothing and tell whoever looks after Commonhearth in your authority.\n"
        )
        try:
            self.transmit(message)
        except (OSError, smtplib.SMTPException) as error:
            _log.error("an email could not be sent", server=self.host, why=type(error).__name__)
            return False
        return True

    def hand_over(self, message: EmailMessage) -> NotTaken | None:
        """Hand an email over to the server; why not, fit to be shown, or None."""
        try:
            self.transmit(message)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            return NotTaken(
                f"Their mail server does not take it (SMTP {code})", code >= _NEVER_TAKEN
            )
        except smtplib.SMTPResponseException as error:
            code = error.smtp_code
            return NotTaken(f"The mail server does not take it (SMTP {code})", code >= _NEVER_TAKEN)
        except (OSError, smtplib.SMTPException):
            return NotTaken("The mail server could not be reached")
        return None

    def transmit(self, message: EmailMessage) -> None:
        """Hand an email over to the server. Raises SMTPException or OSError."""
        named = self.sender.rpartition("@")[2]  # not by asking the network for our own name
        trust = ssl.create_default_context(cafile=self.ca_bundle)
        if self.port == TLS_FROM_THE_START:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, named, timeout=_TIMEOUT_S, context=trust
            )
        else:
            server = smtplib.SMTP(self.host, self.port, named, timeout=_TIMEOUT_S)
        with server:
            server.ehlo()
            here = is_loopback(f"smtp://{self.host}")
            if self.port != TLS_FROM_THE_START and (server.has_extn("starttls") or not here):
                server.starttls(context=trust)
            if self.user and self.password_file:
                server.login(self.user, self.password_file.read_text("utf-8").strip())
            server.send_message(message)


def retry_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    doubled: int = 2 ** min(attempts, 10)
    return min(_FIRST_RETRY * doubled, _LONGEST_RETRY)


def mailer(settings: Settings) -> Mailer | None:
    """The mail server of the settings; None where none is set."""
    if not settings.smtp_host:
        return None
    return Mailer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_from,
        settings.smtp_user,
        settings.smtp_password_file,
        settings.ca_bundle,
    )
