"""Reading a return of children looked after (SSDA903): its Episodes and its Header, 2017 to 2026.

Pure: bytes in; episodes, children and faults out. Nothing is kept, and no fault repeats a cell.
"""
