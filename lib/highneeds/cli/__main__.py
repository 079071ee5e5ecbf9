"""`python -m highneeds.cli`, where the command itself is not on the path."""

from highneeds.cli import main

main()
