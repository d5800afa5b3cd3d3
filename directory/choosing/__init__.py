"""What commissioners do with the directory: match, compare, watch, say what they want."""
