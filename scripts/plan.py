"""`cardops plan`, runnable with no install of cardops itself."""

import sys

from cardops.cli import main

main(["plan", *sys.argv[1:]], "plan.py")
