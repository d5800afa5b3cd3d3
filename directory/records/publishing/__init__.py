"""Publishing what this node vouches for: new or changed records, into its own log."""
