"""The office's side: rosters in, the day's counts, exports out."""
