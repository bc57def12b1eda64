"""`python -m heelrise`: the same as the command `heelrise`."""

from heelrise.cli import program

program()
