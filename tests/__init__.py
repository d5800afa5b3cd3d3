"""What Commonhearth does, told as sentences about behaviour and attacks."""
