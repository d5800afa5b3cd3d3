"""Homes that are weighed for one placement, side by side, and the decision that was taken."""
