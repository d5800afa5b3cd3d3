"""The inbox of the duty desk: who answers for which notice, and by when."""
