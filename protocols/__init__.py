"""What nodes say to each other: formats, proofs and seals.

Pure functions and values: bytes, keys and a time come in, values or an error go out. No network,
disk, database or clock. `README.md` beside this file is the specification for other languages.
"""
