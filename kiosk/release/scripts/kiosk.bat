@echo off
rem Starts the version that the file "current" names, and starts anew when the station asks for it (exit status 75).
setlocal
set "KIOSK_HOME=%~dp0"
set "KIOSK_LAUNCHER=%~f0"
set "KIOSK_COMMAND="
if "%~1"=="" set "KIOSK_COMMAND=serve"
set "PYTHONUTF8=1"
:again
set "KIOSK_VERSION="
set /p KIOSK_VERSION=<"%KIOSK_HOME%current"
if "%KIOSK_VERSION%"=="" (
  chcp 65001 >nul
  type "%KIOSK_HOME%words\missing.txt"
  echo "%KIOSK_HOME%current"
  pause
  exit /b 1
)
"%KIOSK_HOME%versions\%KIOSK_VERSION%\.venv\Scripts\python.exe" -P -m kiosk --config "%KIOSK_HOME%config.toml" %KIOSK_COMMAND% %*
set "KIOSK_STATUS=%ERRORLEVEL%"
if "%KIOSK_STATUS%"=="75" goto again
if not "%KIOSK_STATUS%"=="0" pause
exit /b %KIOSK_STATUS%
