"""The steps of a capture: `table` lists them, `base` says what one is."""
