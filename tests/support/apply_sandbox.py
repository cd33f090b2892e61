"""A sandbox over HTTP, the real adapters, and plans made from builders: everything but the command line."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import boto3

from cardops.apply.polling import Poller
from cardops.apply.results import StepOutcome, StepResult
from cardops.apply.runner import ApplyRunner
from cardops.apply.write_access import KeptFrom, kept_from_nothing
from cardops.aws.cloud import Boto3Cloud
from cardops.model.desired import Account, AccountRegion, Card, Config, Desired, Share
from cardops.observed.read_only import ReadOnlyVerifier
from cardops.observed.reader import observe
from cardops.plan.builder import make_plan
from cardops.plan.inputs import PlanInputs
from cardops.plan.steps import Plan
from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.faults import read as read_faults
from support.builders import BY_PERMISSION, DEV, OWNER, PROD, REGION, TEST, TODAY, config, desired
from support.replacing import replace

HOME = AccountRegion(OWNER, REGION)


def settings(**accounts: Any) -> Config:
    """The four accounts with roles; a keyword such as `ml_dev={"external": True}` changes one."""
    made = {
        "shared-services": Account("shared-services", OWNER, "cardops-apply"),
        "ml-dev": Account("ml-dev", DEV, "cardops-consumer", read_only=BY_PERMISSION),
        "ml-test": Account("ml-test", TEST, "cardops-consumer", read_only=BY_PERMISSION),
        "ml-prod": Account("ml-prod", PROD, "cardops-consumer", read_only=BY_PERMISSION),
    }
    for alias, changes in accounts.items():
        name = alias.replace("_", "-")
        made[name] = replace(made[name], **changes)
    return config(accounts=made)


class ApplySandbox:
    """One sandbox. Waiting puts its clock forward instead of sleeping; `told` is what was said meanwhile."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.backend = sandbox._server.backend
        self.url = sandbox.url
        self.told: list[str] = []
        self.cloud: Boto3Cloud | None = None
        self.kept_from: KeptFrom = kept_from_nothing

    def plan(self, wanted: Desired, today: str = TODAY, **more: Any) -> Plan:
        """What would be done."""
        self.cloud = Boto3Cloud(wanted.config, "role")
        self.kept_from = partial(ReadOnlyVerifier(self.cloud, wanted.config).kept_from, keys={})
        bases = {one.key: one for one in more.pop("bases", ())}
        return make_plan(PlanInputs(wanted, observe(self.cloud, wanted), today, bases, **more))

    def apply(self, wanted: Desired, today: str = TODAY, longest: float = 120.0, **more: Any) -> list[StepResult]:
        """Plans and runs."""
        return self.run(self.plan(wanted, today, **more), longest)

    def run(self, plan: Plan, longest: float = 120.0) -> list[StepResult]:
        """Runs a plan that was made last."""
        assert self.cloud
        patience = Poller(self.told.append, self.advance, longest)
        return ApplyRunner(plan, self.cloud, kept_from=self.kept_from, patience=patience).apply()

    def advance(self, seconds: float) -> None:
        """Puts the clock forward."""
        self.backend.advance(seconds)

    def faults(self, **document: Any) -> None:
        """Switches faults on."""
        self.backend.set_faults(read_faults(document))

    def ram(self, account: str = OWNER) -> Any:
        """RAM as an account's administrator."""
        return boto3.client(
            "ram",
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=f"AKIA{account}0000",
            aws_secret_access_key="any",
        )

    def calls(self, since: int = 0, mutating: bool = False) -> list[Any]:
        """The journal."""
        return self.backend.journal(since, mutating)

    def mutating(self, since: int = 0) -> list[str]:
        """Names of mutating calls."""
        return [str(call["operation"]) for call in self.calls(since, mutating=True)]

    def now(self) -> int:
        """The number of the last call."""
        return len(self.calls())

    def states(self, kind: str = "PRINCIPAL") -> dict[str, str]:
        """What RAM says about the owner's associations, by entity."""
        pages = self.ram().get_paginator("get_resource_share_associations").paginate(associationType=kind)
        rows = (row for page in pages for row in page["resourceShareAssociations"])
        return {row["associatedEntity"].rpartition("/")[2]: row["status"] for row in rows}

    def shares(self) -> list[str]:
        """The ARNs of the owner's live shares."""
        pages = self.ram().get_paginator("get_resource_shares").paginate(resourceOwner="SELF")
        return [
            row["resourceShareArn"] for page in pages for row in page["resourceShares"] if row["status"] == "ACTIVE"
        ]


MakeApplySandbox = Callable[..., ApplySandbox]


def wanted(*cards: Card, shares: Iterable[Share], settings_: Config | None = None) -> Desired:
    """What git says, with accounts that have roles."""
    return desired(*cards, shares=shares, settings=settings_ or settings())


def outcomes(results: Iterable[StepResult]) -> list[tuple[str, StepOutcome]]:
    """Kinds and outcomes, in order."""
    return [(result.step.kind, result.outcome) for result in results]
