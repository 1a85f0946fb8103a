"""Foreign files are read in a process of their own, with limits: whatever they do there ends with it.

The station's side is `door`; the process loads nothing of it.
"""
