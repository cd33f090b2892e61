"""Check, by simulation, that the organization has the policies that `cardops iam lock` prints.

Each account with a role is asked, as if its own policies allowed everything, whether a request is denied that the
policies have to deny. A request that they must allow is asked beside it: a simulator that denies everything proves
nothing. What the simulator does not know, such as resource control policies, is not checked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from cardops.iam.guardrails import role_names
from cardops.model.desired import LOCKED, REPOSITORY, Account, AccountRegion, Desired
from cardops.model.errors import CloudError
from cardops.model.permissions import RESOURCE_TYPE
from cardops.model.ports import Cloud, Simulation
from cardops.model.read_only import CheckResult

NOBODY = "cardops-lock-check"
"""The name of a role that no policy exempts; it need not exist."""


class LockCheck(NamedTuple):
    """One policy in one account (by name): whether it denies what it has to."""

    account: str
    policy: str
    result: CheckResult
    why: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A request that a policy must deny to everybody but cardops, and one on the same resource that it must allow."""

    policy: str
    denied: str
    allowed: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


def check_lock(cloud: Cloud, desired: Desired) -> Iterator[LockCheck]:
    """Yield a check for each account and policy. An account without a role to ask with is not verified."""
    for account in desired.config.accounts.values():
        for probe in probes(desired, account):
            yield LockCheck(account.alias, probe.policy, *_ask(cloud, desired, account, probe))


def probes(desired: Desired, account: Account) -> list[Probe]:
    """Return the requests to try in an account."""
    config = desired.config
    owner = config.accounts[config.home].id
    card = f"arn:aws:sagemaker:{config.region}:{owner}:model-card/{NOBODY}"
    here = f"arn:aws:sagemaker:{config.region}:{account.id}:model-card/{NOBODY}"
    read, write = "sagemaker:DescribeModelCard", "sagemaker:UpdateModelCard"
    found = [
        Probe("cards: locked", write, read, here, ((f"aws:ResourceTag/{LOCKED}", "true"),)),
        Probe("cards: tags", "sagemaker:AddTags", read, here, (("aws:TagKeys", REPOSITORY),)),
        Probe(
            "sharing",
            "ram:CreateResourceShare",
            "ram:GetResourceShares",
            "*",
            (("ram:RequestedResourceType", RESOURCE_TYPE),),
        ),
        Probe(
            "packages",
            "sagemaker:UpdateModelPackage",
            "sagemaker:DescribeModelPackage",
            f"arn:aws:sagemaker:{config.region}:{account.id}:model-package/{NOBODY}/1",
            (("sagemaker:ModelApprovalStatus", "Approved"),),
        ),
    ]
    if account.read_only and account.id != owner:
        found.append(Probe("cards: read-only", write, read, card))
    for name in role_names(config):
        if name in (*account.readers, *account.contributors) and account.id != owner:
            found.append(Probe("roles", "iam:PutRolePolicy", "iam:GetRole", account.role_arn(name)))
    return found


def _ask(cloud: Cloud, desired: Desired, account: Account, probe: Probe) -> tuple[CheckResult, str]:
    name = account.role or account.plan_role
    if not name:
        return CheckResult.UNKNOWN, f"set accounts.{account.alias}.role, which is asked about"
    if account.management:
        return CheckResult.UNKNOWN, "service control policies do not bind the management account"
    parts = probe.resource.split(":")
    context = {
        "aws:PrincipalArn": account.role_arn(NOBODY),
        "aws:ResourceAccount": parts[4] if len(parts) > 5 else account.id,
        **dict(probe.context),
    }
    question = Simulation(
        account.role_arn(name), (probe.allowed, probe.denied), (probe.resource,), context, only_organization=True
    )
    try:
        decisions = cloud.identities(AccountRegion(account.id, desired.config.region)).simulate(question)
    except CloudError as problem:
        return CheckResult.UNKNOWN, str(problem)
    allowed, denied = (decisions.get((action, probe.resource)) for action in (probe.allowed, probe.denied))
    if denied == "allowed":
        return CheckResult.FAILS, f"{probe.denied} is not denied"
    if allowed != "allowed" or denied is None:
        return CheckResult.UNKNOWN, f"{probe.allowed} is denied too, so the answer proves nothing"
    return CheckResult.HOLDS, ""
