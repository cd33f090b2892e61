"""`python -m cardops`."""

from cardops.cli import main

main()
