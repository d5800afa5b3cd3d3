"""Attachments of messages: sealed chunks that leave before their message, and those that arrive."""
