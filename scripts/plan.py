"""`cardops plan`, runnable with no install of cardops itself."""

import sys

from cardops.cli.app import run

sys.exit(run(["plan", *sys.argv[1:]], "plan.py"))
