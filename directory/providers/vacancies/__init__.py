"""Vacancies: said by providers, seen by commissioners, and kept nowhere but in the snapshots."""
