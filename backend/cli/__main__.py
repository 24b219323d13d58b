"""`python -m backend.cli`: the same as `creditbridge`."""

from backend.cli import main

main()
