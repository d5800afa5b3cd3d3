"""Holding a return of children looked after against the notices that were sent: who is not told."""
