"""Forms that were sent after their session had ended: kept until whose they are has signed in."""
