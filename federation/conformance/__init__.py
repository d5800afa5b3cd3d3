"""The published suite: what has to hold of a node, in any language, clause by clause.

Each clause is of one section of `protocols/README.md`, looks at a node over HTTP alone, and says in
its docstring what holds. Clauses stand in a file for each subject; `suite.py` names them all. A
subject that the protocol gains gets its clauses in a file of its own, and a line there.
"""
