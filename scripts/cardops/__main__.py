"""`python -m cardops`."""

from cardops.cli.app import main

main()
