"""What authorities want: each says so as a commissioner, and everybody reads it in one place."""
