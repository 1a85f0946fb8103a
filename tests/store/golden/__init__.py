"""Stores as each version of the program wrote them, kept for good: whatever is stored stays readable.

`NNNN.zip` is the folder of a small synthetic store at the identities' schema NNNN, made once by the program of its day
(0006 never stood alone); `NNNN.json` is what is to be read from it; `shape.json` is how the newest one is laid out. Who changes
what is stored writes a migration and makes the next one: `python -m tests.store.golden`. A schema that no release has had yet
may be made again: delete its files first.
"""
