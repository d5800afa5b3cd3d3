"""Sending email by a mail server (RFC 5321), over TLS but for a relay on this machine.

A server cannot be asked later: what it could not deliver it sends back to the sender's address.
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from secrets import token_hex

import structlog

from directory.security.mail.emails import Email, Fate, NotTaken, Taken
from federation import is_loopback

TLS_FROM_THE_START = 465
_TIMEOUT_S = 20
_NEVER_TAKEN = 500  # RFC 5321 section 4.2.1
_log = structlog.get_logger("mail")


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """A mail server, and in whose name to write."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password_file: Path | None = None
    ca_bundle: Path | None = None

    def hand_over(self, email: Email) -> Taken | NotTaken:
        """Hand an email over to the server; its receipt is the Message-ID."""
        message = EmailMessage()
        receipt = f"<{token_hex(16)}@{self._named}>"
        message["From"], message["To"], message["Subject"] = self.sender, email.to, email.subject
        message["Message-ID"] = receipt
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nothing answers that it is away
        message.set_content(email.text)
        try:
            self._transmit(message)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            return self._not_taken(f"Their mail server does not take it (SMTP {code})", code)
        except smtplib.SMTPResponseException as error:
            code = error.smtp_code
            return self._not_taken(f"The mail server does not take it (SMTP {code})", code)
        except (OSError, smtplib.SMTPException) as error:
            _log.error("an email could not be sent", server=self.host, why=type(error).__name__)
            return NotTaken("The mail server could not be reached")
        return Taken(receipt)

    def came_of(self, receipt: str) -> Fate | NotTaken:
        """Nobody can be asked."""
        return "on its way"

    def _not_taken(self, why: str, code: int) -> NotTaken:
        _log.error("an email was not taken", server=self.host, status=code)
        return NotTaken(why, code >= _NEVER_TAKEN)

    @property
    def _named(self) -> str:
        return self.sender.rpartition("@")[2]  # not by asking the network for our own name

    def _transmit(self, message: EmailMessage) -> None:
        trust = ssl.create_default_context(cafile=self.ca_bundle)
        if self.port == TLS_FROM_THE_START:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, self._named, timeout=_TIMEOUT_S, context=trust
            )
        else:
            server = smtplib.SMTP(self.host, self.port, self._named, timeout=_TIMEOUT_S)
        with server:
            server.ehlo()
            here = is_loopback(f"smtp://{self.host}")
            if self.port != TLS_FROM_THE_START and (server.has_extn("starttls") or not here):
                server.starttls(context=trust)
            if self.user and self.password_file:
                server.login(self.user, self.password_file.read_text("utf-8").strip())
            server.send_message(message)
