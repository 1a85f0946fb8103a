#!/bin/sh
# Starts the version that the file `current` names, and starts anew when the station asks for it (exit status 75).
home=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
[ $# -gt 0 ] || set -- serve
export KIOSK_LAUNCHER="$home/kiosk.sh"
while :; do
  read -r version <"$home/current" || exit 1
  "$home/versions/$version/.venv/bin/python" -P -m kiosk --config "$home/config.toml" "$@"
  status=$?
  [ "$status" -eq 75 ] || exit "$status"
done
