"""Why an authority cannot be named."""


class UnknownAuthority(LookupError):
    """No English children's services authority has this code. The message is fit to be shown."""
