"""What providers and their staff say of homes, and what is found of it."""
