"""The vendor's library for chip photos, kept at arm's length: in a process of its own."""
