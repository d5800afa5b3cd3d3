"""The census: every home in the area is asked how many children live there, and from where."""
