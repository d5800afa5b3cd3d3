"""Work on bytes that strangers made, in a process of its own with little time and memory."""
