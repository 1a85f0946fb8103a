@echo off
rem Removes the program. Data, settings and exports stay, unless somebody writes the word that is asked for.
setlocal
set "KIOSK_HOME=%~dp0"
if not exist "%KIOSK_HOME%current" (
  echo Nothing is installed here.
  pause
  exit /b 1
)
echo The capture station is removed from "%KIOSK_HOME%"
echo The students' data and the settings stay. Close the station first.
set "KIOSK_ANSWER="
set /p KIOSK_ANSWER="Go on? [y/N] "
if /i not "%KIOSK_ANSWER%"=="y" exit /b 1
set "KIOSK_WORD="
set /p KIOSK_WORD="To delete all data as well write DELETE, otherwise press Enter: "
schtasks /Delete /F /TN "ExamCaptureKiosk" >nul 2>nul
powershell -NoProfile -Command "foreach ($p in 'Desktop','Programs') { Get-ChildItem ([Environment]::GetFolderPath($p)) -Filter *.lnk | Where-Object { (New-Object -ComObject WScript.Shell).CreateShortcut($_.FullName).TargetPath -eq ($env:KIOSK_HOME + 'kiosk.bat') } | Remove-Item }"
rmdir /s /q "%KIOSK_HOME%versions"
if exist "%KIOSK_HOME%versions" (
  echo Files are in use: close the station, and start this again.
  pause
  exit /b 1
)
if exist "%KIOSK_HOME%python" echo Python 3.11 stays: remove it in the settings of Windows if nothing else needs it.
for %%F in (current previous update.json release-key kiosk.bat) do if exist "%KIOSK_HOME%%%F" del /q "%KIOSK_HOME%%%F"
if "%KIOSK_WORD%"=="DELETE" goto all
echo The program is gone; the data are still in "%KIOSK_HOME%"
pause
(goto) 2>nul & del "%~f0"

:all
cd /d "%TEMP%"
(goto) 2>nul & rmdir /s /q "%KIOSK_HOME%"
