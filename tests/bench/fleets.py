"""Repositories whose cards many accounts own, shared with one consumer."""

import re
import shutil
from pathlib import Path

from support.generated_repository import ROOT, commit, git, texts

CONSUMER = "999999999999"
CONFIG = """\
version: 1
repository: bench-fleet-0001
region: eu-west-1
home: owner-000
accounts:
{accounts}
  ml-dev: {{read_only: [permission], id: "{consumer}", role: cardops-consumer}}
access:
  read: {{actions: [sagemaker:DescribeModelCard, sagemaker:ListModelCardVersions]}}
signoff: none
"""
SHARE = """\
name: everything
cards: ["family-*"]
grants:
  - {to: ml-dev, access: read, while: [Draft, PendingReview]}
"""


def write_fleet(root: Path, accounts: int, cards: int) -> None:
    """A new git repository: so many owners, with so many drafts each, which all are shared."""
    (root / "cards").mkdir(parents=True)
    (root / "shares").mkdir()
    shutil.copytree(ROOT / "policies", root / "policies")
    owners = [
        f'  {_alias(number)}: {{id: "{100_000_000_000 + number}", role: cardops-apply}}' for number in range(accounts)
    ]
    (root / "cardops.yaml").write_text(CONFIG.format(accounts="\n".join(owners), consumer=CONSUMER), "utf-8")
    (root / "shares" / "everything.yaml").write_text(SHARE, "utf-8")
    (root / "aws-facts.json").write_text('{"facts": {"customer_permissions": true}}', "utf-8")
    for number, (name, text) in enumerate(texts(accounts * cards, statuses=("Draft",))):
        owned = re.sub(r"(?m)^account: .*$", f"account: {_alias(number % accounts)}", text, count=1)
        (root / "cards" / f"{name}.yaml").write_text(owned, "utf-8")
    git(root, "init", "-q", "-b", "main")
    commit(root, "cards")


def _alias(number: int) -> str:
    return f"owner-{number:03}"
