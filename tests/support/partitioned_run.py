"""Three accounts that own cards, a hub copy of a declared spoke, and a consumer outside the organization."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from support.fault_scenario import ALL, PARTNER, comparable, config, live_shares, share, shares
from support.killable_workspace import KillableWorkspace
from support.oracle import Declaration, Oracle
from support.workspace import DEV, OWNER, PROD, REGION, TEST, Done

OWNERS = {"shared-services": OWNER, "ml-dev": DEV, "ml-test": TEST}
LIFECYCLE = share("lifecycle", ["*"], ("ml-prod", "contribute", ALL[:1]), ("ml-prod", "read", ALL[1:]))
PARTNERS = share("partners", ["review-*"], ("partner", "read", ALL[1:]))
LESS = share("lifecycle", ["*"], ("ml-prod", "read", ALL[2:]))
LINE = {"business_details": {"line_of_business": "retail"}}


def create(stack: KillableWorkspace) -> None:
    """Everywhere a draft, a card under review and one that will go; the hub copies one of ml-dev's."""
    stack.write("cardops.yaml", config())
    stack.write("shares/lifecycle.yaml", LIFECYCLE)
    stack.write("shares/partners.yaml", PARTNERS)
    for alias in OWNERS:
        stack.card(f"draft-{alias}", account=alias)
        stack.card(f"review-{alias}", "PendingReview", account=alias)
        stack.card(f"old-{alias}", account=alias)
    _copy(stack, "PendingReview")


def approve(stack: KillableWorkspace) -> None:
    """ml-prod contributes everywhere; then reviews are approved, drafts edited, and old cards go."""
    for alias, account in OWNERS.items():
        arn = f"arn:aws:sagemaker:{REGION}:{account}:model-card/draft-{alias}"
        live = json.loads(stack.client(PROD).describe_model_card(ModelCardName=arn)["Content"])
        stack.client(PROD).update_model_card(ModelCardName=arn, Content=json.dumps(live | LINE))
        stack.card(f"draft-{alias}", "PendingReview", "second", account=alias)
        stack.card(f"review-{alias}", "Approved", account=alias)
        (stack.root / f"cards/old-{alias}.yaml").unlink()
    _copy(stack, "Approved")


def rework(stack: KillableWorkspace) -> None:
    """Approvals end, the partner's share goes, and ml-prod may do less."""
    for alias in OWNERS:
        stack.card(f"review-{alias}", "Draft", "third", account=alias)
    stack.write("shares/lifecycle.yaml", LESS)
    (stack.root / "shares/partners.yaml").unlink()
    _copy(stack, "Draft")


STAGES: Mapping[str, Callable[[KillableWorkspace], None]] = {"create": create, "approve": approve, "rework": rework}


def _copy(stack: KillableWorkspace, status: str) -> None:
    origin = {"account": "ml-dev", "card": "review-ml-dev"}
    card = {"name": "hub-review", "status": status, "owner": "team-a", "aggregate_from": origin}
    stack.write("cards/hub-review.yaml", json.dumps(card))


def state(stack: KillableWorkspace) -> dict[str, Any]:
    """What each owner has."""
    return {alias: _owned(stack, account) for alias, account in OWNERS.items()}


def _owned(stack: KillableWorkspace, account: str) -> dict[str, Any]:
    listed = stack.client(account).list_model_cards(MaxResults=100)["ModelCardSummaries"]
    names = sorted(row["ModelCardName"] for row in listed)
    cards = {name: comparable(stack.live(name, account)) for name in names}
    return {"cards": cards, "shares": live_shares(stack, account)}


class PartitionedRun:
    """One run in parts: begun, a job for each partition, joined."""

    def __init__(self, stack: KillableWorkspace, folder: Path) -> None:
        self.stack, self.run, self.parts = stack, folder / "run", folder / "parts"
        self.begun = stack.cardops("ci", "begin", "--out", str(self.run))
        assert self.begun.code == 0, self.begun.err
        self.jobs: list[dict[str, Any]] = json.loads(self.begun.out)["jobs"]

    def apply(self, number: int) -> Done:
        """One job, as the workflow starts it."""
        names = [one for name in self.jobs[number]["partitions"].split() for one in ("--partition", name)]
        plan = ["--plan", str(self.run / "parts" / f"{number}.json")]
        pages = ["--pages", str(self.parts / f"cardops-part-{number}" / "pages")]
        return self.stack.apply(*names, *plan, *pages)

    def join(self, *more: str) -> Done:
        """The last job."""
        return self.stack.cardops("ci", "join", str(self.run), "--parts", str(self.parts), *more)


def complaints(stack: KillableWorkspace, turns: Iterable[tuple[int, int, list[Declaration]]]) -> list[str]:
    """What a witness in each owner's account has to say. `turns`: after call, up to call, and what git declared."""
    told = []
    journal, rounds = stack.journal(mutating=True), list(turns)
    for account in OWNERS.values():
        arns: dict[str, list[str]] = defaultdict(list)
        for row in shares(stack, account):
            arns[row["name"]].append(row["resourceShareArn"])
        witness = Oracle(account, arns)
        for start, end, window in rounds:
            witness.watch((call for call in journal if start < call["n"] <= end), window)
        told += witness.complaints
    return told


__all__ = ["OWNERS", "PARTNER", "STAGES", "PartitionedRun", "complaints", "state"]
