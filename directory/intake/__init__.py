"""What comes from outside, looked into before anything is made of it."""
