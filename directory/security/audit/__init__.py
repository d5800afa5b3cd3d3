"""Who looked at or changed what is confidential, when and why: a chain that cannot be rewritten."""
