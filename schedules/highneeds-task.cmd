@echo off
rem Reports of the month on Windows; highneeds-task.xml starts it. It stays where it is, in the folder schedules.
rem Edit the two places: of the project, and of conda, where the environment "highneeds" of environment.yml is.
rem What the run says is in reports\task.log; it ends with the exit status of the reports.
setlocal
set "HIGHNEEDS_HOME=C:\highneeds"
set "CONDA_PLACE=C:\ProgramData\miniforge3"

cd /d "%HIGHNEEDS_HOME%" || exit /b 1
set "LOG=%HIGHNEEDS_HOME%\reports\task.log"
set "PYTHONUTF8=1"
echo %DATE% %TIME%> "%LOG%"
call "%CONDA_PLACE%\condabin\conda.bat" activate highneeds >> "%LOG%" 2>&1 || exit /b 1

highneeds fetch >> "%LOG%" 2>&1 || echo No new figures: the reports follow from those held.>> "%LOG%"
highneeds report --all --as-at last-month-end >> "%LOG%" 2>&1
set "STATUS=%ERRORLEVEL%"
highneeds site >> "%LOG%" 2>&1
echo Exit status of the reports: %STATUS%>> "%LOG%"
exit /b %STATUS%
