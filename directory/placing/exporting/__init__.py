"""What became of placements, back to the case system: by the API, and as a file now and then."""
