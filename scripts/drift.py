"""`cardops drift`, runnable with no install of cardops itself."""

import sys

from cardops.cli.app import run

sys.exit(run(["drift", *sys.argv[1:]], "drift.py"))
