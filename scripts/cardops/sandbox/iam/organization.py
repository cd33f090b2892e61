"""The organization's tree: which policies and paths apply to an account.

Source: Organizations User Guide, "SCP evaluation": every level from the root to the account has to allow an action.
"""

from cardops.sandbox.iam.entities import Organization
from cardops.sandbox.iam.managed import ALLOW_ALL
from cardops.sandbox.options import Options

ORGANIZATION_ID = "o-sandbox0000"
ROOT_ID = "r-sbox"
FULL_ACCESS = "p-FullAWSAccess"
SCP = "SERVICE_CONTROL_POLICY"


def is_member(options: Options, account: str) -> bool:
    """Return True if the account belongs to the organization."""
    return options.organization and account not in options.outside_accounts


def ancestry(organization: Organization, account: str) -> list[str]:
    """Return the ids from the root down to the account."""
    found = [account]
    parent = organization.parents.get(account, ROOT_ID)
    while parent != ROOT_ID:
        found.append(parent)
        parent = organization.units[parent].parent
    return [ROOT_ID, *reversed(found)]


def path_of(organization: Organization, account: str) -> str:
    """Return the value of aws:PrincipalOrgPaths: the organization, the root and the units, each with a slash."""
    return "".join(f"{item}/" for item in (ORGANIZATION_ID, *ancestry(organization, account)[:-1]))


def attached(organization: Organization, target: str) -> list[str]:
    """Return the ids of the SCPs attached to a target; FullAWSAccess until another choice is made."""
    return organization.attached.get(target, [FULL_ACCESS])


def scps_of(organization: Organization, account: str) -> tuple[tuple[str, ...], ...]:
    """Return the SCP documents of each level; empty if none but FullAWSAccess is attached anywhere."""
    if not organization.attached:
        return ()
    return tuple(
        tuple(_document(organization, number) for number in attached(organization, target))
        for target in ancestry(organization, account)
    )


def _document(organization: Organization, number: str) -> str:
    return ALLOW_ALL if number == FULL_ACCESS else organization.policies[number].content
