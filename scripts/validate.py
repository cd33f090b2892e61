"""`cardops validate`, runnable with no install of cardops itself."""

import sys

from cardops.cli import main

main(["validate", *sys.argv[1:]], "validate.py")
