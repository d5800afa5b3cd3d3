"""What becomes of records about children: how long, for whom, and in an emergency."""
