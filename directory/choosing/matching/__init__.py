"""Match: every home held against what one child needs, criterion by criterion, with the reasons."""
