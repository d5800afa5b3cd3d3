"""Open Referral UK 3.0: what is public as an open feed, and the directory in the same shape."""
