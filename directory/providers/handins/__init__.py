"""What providers' staff write of their homes, handed in wherever those stand, and its outcome."""
