"""`cardops drift`, runnable with no install of cardops itself."""

import sys

from cardops.cli import main

main(["drift", *sys.argv[1:]], "drift.py")
