"""`python -m auface`: the command `auface`, where scripts are not on the path."""

from auface.cli import main

main()
