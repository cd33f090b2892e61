"""`cardops apply`, runnable with no install of cardops itself."""

import sys

from cardops.cli import main

main(["apply", *sys.argv[1:]], "reconcile.py")
