"""Erasing what was published: at its author, at every follower, and who has confirmed it.

An author destroys its payloads when it stages the erasure (`staging`), every follower when it has
verified the entry (`obeying`). Who has obeyed sends the author a signed receipt (`confirming`),
which the author verifies and keeps (`receipts`). The rules are in protocols/README.md, section 7.
"""
