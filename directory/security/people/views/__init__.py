"""Pages for signing in, for one's own account, and for looking after people."""
