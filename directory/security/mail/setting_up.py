"""The way in which this node's emails leave, as its settings say."""

from directory.security.mail.emails import Mailer
from directory.security.mail.notify import NotifyMailer
from directory.security.mail.smtp import SmtpMailer
from directory.settings import Settings


def mailer(settings: Settings) -> Mailer | None:
    """GOV.UK Notify where its key is set, or else the mail server; None where neither is."""
    if settings.notify_key_file and settings.notify_template:
        return NotifyMailer(
            settings.notify_url,
            settings.notify_template,
            settings.notify_key_file,
            settings.ca_bundle,
        )
    if not settings.smtp_host:
        return None
    return SmtpMailer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_from,
        settings.smtp_user,
        settings.smtp_password_file,
        settings.ca_bundle,
    )
