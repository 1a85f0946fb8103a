"""The command line: `kiosk serve`, `kiosk export`, `kiosk rehearse` and others. Here errors become words."""
