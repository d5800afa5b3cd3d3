"""The law on placements as data: who is told what, by when, and on what basis, nation by nation."""
