"""The conductor: a state machine that takes one student through the steps."""
