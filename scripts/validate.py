"""`cardops validate`, runnable with no install of cardops itself."""

import sys

from cardops.cli.app import run

sys.exit(run(["validate", *sys.argv[1:]], "validate.py"))
