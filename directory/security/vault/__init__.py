"""Confidential values, sealed before they reach the database, under keys that lie outside it."""
