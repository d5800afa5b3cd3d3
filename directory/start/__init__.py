"""The page to which somebody comes when they have signed in."""
