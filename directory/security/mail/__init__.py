"""Email, by a mail server or by GOV.UK Notify: that something waits and where, nothing of what."""
