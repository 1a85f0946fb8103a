#!/bin/sh
# Removes the program. Data, settings and exports stay, unless somebody writes the word that is asked for.
home=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
[ -f "$home/current" ] && [ -d "$home/versions" ] || { echo "这里没有安装 / nothing is installed here: $home" >&2; exit 1; }
echo "将从以下文件夹卸载采集站 / the station is removed from: $home"
echo "考生数据和设置将保留。/ The students' data and the settings stay."
printf '继续卸载？/ go on? [y/N] '
read -r answer
case $answer in y | Y | yes) ;; *) exit 1 ;; esac
printf '若同时删除全部数据，请输入 DELETE，否则按回车 / to delete all data as well write DELETE, otherwise press Enter: '
read -r word
read -r version <"$home/current"
"$home/versions/$version/.venv/bin/python" -P -m kiosk --config "$home/config.toml" autostart off >/dev/null 2>&1
rm -f "${XDG_DATA_HOME:-$HOME/.local/share}/applications/exam-capture-kiosk.desktop" \
  "$HOME/Desktop/exam-capture-kiosk.desktop" "$HOME/桌面/exam-capture-kiosk.desktop"
rm -rf "$home/versions" "$home/current" "$home/previous" "$home/update.json" "$home/release-key" "$home/kiosk.sh"
if [ "$word" = DELETE ]; then
  rm -rf "$home"
  echo "程序与数据均已删除。/ Program and data are gone."
else
  rm -f "$home/uninstall.sh"
  echo "程序已卸载；数据仍在 / the program is gone; the data are still in: $home"
fi
