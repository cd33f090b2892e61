"""What a comment says about new access and the means that keep it read-only."""

import pytest

from cardops.model.desired import Means
from cardops.model.read_only import CheckResult, MeansCheck, PrincipalCard, ReadOnlyChecks
from cardops.render.access_lines import access_parts
from cardops.render.plan_report import PlanReport
from support.builders import APPROVED, PROD, card, config, desired, grant, key, live, observed, planned, share
from support.replacing import replace

ROLE_KEEPS = (
    "; kept by role; ml-prod's administrators can change that role unless the organization has the SCP "
    "TheReaderRoleStaysAReader"
)
READER = f"arn:aws:iam::{PROD}:role/cardops-card-reader"


@pytest.mark.parametrize(
    ("means", "said"),
    [
        (
            (Means.ROLE,),
            ROLE_KEEPS,
        ),
        ((Means.SCP,), "; kept by scp; the organization's administrators can change that"),
        ((Means.PERMISSION,), ""),
    ],
)
def test_new_read_access_names_what_keeps_it_read_only(means: tuple[Means, ...], said: str) -> None:
    account = replace(config().accounts["ml-prod"], read_only=means)
    settings = config(accounts={**config().accounts, "ml-prod": account})
    approved = card(status=APPROVED)
    git = desired(approved, shares=[share(grant("ml-prod", "read", APPROVED))], settings=settings)
    kept = {PrincipalCard(who, key().arn): (MeansCheck(means[0], CheckResult.HOLDS),) for who in (READER, PROD)}
    plan = planned(git, observed(live(approved)), read_only=ReadOnlyChecks(kept))
    first, *_ = access_parts(PlanReport(plan, settings))
    assert first.items == (f"- `ml-prod` (`{PROD}`) will be able to read `churn`{said}",)
