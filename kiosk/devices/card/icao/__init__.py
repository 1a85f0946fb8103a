"""Passports and other e-documents of ICAO Doc 9303: Basic Access Control, the machine-readable zone and the face picture."""
