@echo off
rem Removes the program. Data, settings and exports stay, unless somebody writes the word that is asked for.
setlocal
set "KIOSK_HOME=%~dp0"
set "KIOSK_WORDS=%~dp0words\"
chcp 65001 >nul
if not exist "%KIOSK_HOME%current" (
  type "%KIOSK_WORDS%nothing.txt"
  pause
  exit /b 1
)
type "%KIOSK_WORDS%removing.txt"
echo "%KIOSK_HOME%"
type "%KIOSK_WORDS%ask.txt"
set "KIOSK_ANSWER="
set /p KIOSK_ANSWER="[y/N] "
if /i not "%KIOSK_ANSWER%"=="y" exit /b 1
set "KIOSK_WORD="
type "%KIOSK_WORDS%ask-data.txt"
set /p KIOSK_WORD="> "
schtasks /Delete /F /TN "ExamCaptureKiosk" >nul 2>nul
powershell -NoProfile -Command "foreach ($p in 'Desktop','Programs') { Get-ChildItem ([Environment]::GetFolderPath($p)) -Filter *.lnk | Where-Object { (New-Object -ComObject WScript.Shell).CreateShortcut($_.FullName).TargetPath -eq ($env:KIOSK_HOME + 'kiosk.bat') } | Remove-Item }"
rmdir /s /q "%KIOSK_HOME%versions"
if exist "%KIOSK_HOME%versions" (
  type "%KIOSK_WORDS%in-use.txt"
  pause
  exit /b 1
)
if exist "%KIOSK_HOME%python" type "%KIOSK_WORDS%python-stays.txt"
for %%F in (current previous update.json release-key kiosk.bat) do if exist "%KIOSK_HOME%%%F" del /q "%KIOSK_HOME%%%F"
if "%KIOSK_WORD%"=="DELETE" goto all
type "%KIOSK_WORDS%gone.txt"
echo "%KIOSK_HOME%"
pause
(goto) 2>nul & rmdir /s /q "%KIOSK_HOME%words" & del "%~f0"

:all
type "%KIOSK_WORDS%deleting.txt"
cd /d "%TEMP%"
(goto) 2>nul & rmdir /s /q "%KIOSK_HOME%"
