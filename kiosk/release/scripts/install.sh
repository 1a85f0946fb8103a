#!/bin/sh
# One double-click (or `sh install.sh`): finds Python 3.11 and installs the station, without any network.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
for python in python3.11 /usr/local/bin/python3.11 python3; do
  if command -v "$python" >/dev/null 2>&1 &&
    "$python" -c 'import sys, venv; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
    "$python" "$here/install.py" "$@"
    status=$?
    [ -t 0 ] && [ $# -eq 0 ] && { printf '\n按回车键关闭 / press Enter to close '; read -r _; }
    exit "$status"
  fi
done
echo "需要 Python 3.11，请先安装（Debian 12 自带）。/ Python 3.11 is needed; Debian 12 has it." >&2
exit 1
