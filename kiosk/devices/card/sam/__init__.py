"""The security module (SAM_V) of approved ID-card readers: the same frames over every kind of cable."""
