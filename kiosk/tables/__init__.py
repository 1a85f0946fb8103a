"""Tables from outside: what a file says, mended and checked. Works in the reading process (`kiosk.arms_length`)."""
