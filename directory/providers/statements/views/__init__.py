"""The pages of statements of purpose: to write one, to fill it in from a file, to read it."""
