@echo off
rem One double-click: finds Python 3.11, or installs the one that the office has put into the folder "python", then the station.
setlocal
rem What a label is told stands in KIOSK_TRY: arguments of "call" are read twice, a percent sign in a path would not survive that.
set "KIOSK_SOURCE=%~dp0"
set "KIOSK_WORDS=%~dp0program\kiosk\release\scripts\words\"
set "KIOSK_HOME=%LOCALAPPDATA%\ExamCaptureKiosk"
set "PYTHONUTF8=1"
chcp 65001 >nul
if not exist "%KIOSK_SOURCE%install.py" (
  rem Started within the archive: Windows has unpacked this file alone, and the words are not there.
  powershell -NoProfile -Command "(-join [char[]](0x8BF7,0x5148,0x628A,0x538B,0x7F29,0x5305,0x5168,0x90E8,0x89E3,0x538B,0xFF0C,0x518D,0x8FD0,0x884C)) + ' install.bat'; 'Unpack all of the archive first, then start install.bat again.'"
  pause
  exit /b 1
)
call :find
if not defined KIOSK_PYTHON call :carry
if not defined KIOSK_PYTHON (
  type "%KIOSK_WORDS%needs-python.txt"
  pause
  exit /b 1
)
"%KIOSK_PYTHON%" "%KIOSK_SOURCE%install.py" %*
set "KIOSK_STATUS=%ERRORLEVEL%"
pause
exit /b %KIOSK_STATUS%

:find
set "KIOSK_PYTHON="
set "KIOSK_TRY=%KIOSK_HOME%\python\python.exe"
call :try
if defined KIOSK_PYTHON exit /b 0
for /f "usebackq delims=" %%P in (`py -3.11 -c "import sys; print(sys.executable)" 2^>nul`) do set "KIOSK_TRY=%%P"& call :try
if defined KIOSK_PYTHON exit /b 0
for %%H in (HKCU HKLM) do (
  for /f "usebackq tokens=2,*" %%A in (`reg query "%%H\Software\Python\PythonCore\3.11\InstallPath" /v ExecutablePath 2^>nul`) do set "KIOSK_TRY=%%B"& call :try
)
exit /b 0

:try
if defined KIOSK_PYTHON exit /b 0
if not exist "%KIOSK_TRY%" exit /b 0
"%KIOSK_TRY%" -c "import sys, venv; sys.exit(sys.version_info[:2] != (3, 11) or sys.maxsize < 2**32)" >nul 2>nul
if errorlevel 1 exit /b 0
set "KIOSK_PYTHON=%KIOSK_TRY%"
exit /b 0

:carry
for %%I in ("%KIOSK_SOURCE%python\python-3.11*.exe") do (
  type "%KIOSK_WORDS%installing-python.txt"
  "%%~fI" /quiet InstallAllUsers=0 TargetDir="%KIOSK_HOME%\python" Include_launcher=0 Include_test=0 Include_doc=0 AssociateFiles=0 Shortcuts=0
)
set "KIOSK_TRY=%KIOSK_HOME%\python\python.exe"
call :try
exit /b 0
