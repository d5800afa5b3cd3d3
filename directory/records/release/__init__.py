"""What somebody has written is published when a second person has read it and released it."""
