"""How people change the charter: drafts, what they would change in plain words, signatures."""
