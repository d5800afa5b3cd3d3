"""Email with a link to choose a password: what it is for, the link, and nothing else.

What goes wrong is told to nobody who asks: that would tell who has an account.
"""

from enum import StrEnum

from directory.security.mail.emails import Email, Mailer, Taken


class About(StrEnum):
    """What a link is for, as the email's subject says it."""

    INVITATION = "Your account on Commonhearth"
    NEW_PASSWORD = "Choose a new password for Commonhearth"  # noqa: S105 - a heading


def send_link(mailer: Mailer, to: str, about: About, address: str) -> bool:
    """Send a link; whether it was taken."""
    text = (
        f"{about}:\n\n{address}\n\nThe link works once, and for a limited time. If you do not "
        "expect it, do nothing and tell whoever looks after Commonhearth in your authority.\n"
    )
    return isinstance(mailer.hand_over(Email(to, about, text)), Taken)
