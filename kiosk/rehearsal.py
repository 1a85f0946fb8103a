"""`kiosk rehearse`: a simulated class through the whole station, without a browser."""
