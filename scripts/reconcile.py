"""`cardops apply`, runnable with no install of cardops itself."""

import sys

from cardops.cli.app import run

sys.exit(run(["apply", *sys.argv[1:]], "reconcile.py"))
