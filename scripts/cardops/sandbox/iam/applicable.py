"""Collect the policies and condition keys that apply to a principal."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.entities import AccountIam, Entity
from cardops.sandbox.iam.grammar import Policy, policy
from cardops.sandbox.iam.managed import ADMINISTRATOR_ACCESS, ALLOW_ALL, managed_document
from cardops.sandbox.iam.organization import ORGANIZATION_ID, is_member, path_of, scps_of
from cardops.sandbox.identity import Caller
from cardops.sandbox.options import Options
from cardops.sandbox.state import State


@dataclass(frozen=True, slots=True)
class Applicable:
    """The policies of a principal, without those of any resource. ``boundary`` and ``session`` may be None."""

    identity: tuple[Policy, ...]
    boundary: Policy | None
    session: tuple[Policy, ...] | None
    scps: tuple[tuple[Policy, ...], ...]
    management: bool

    @property
    def unrestricted(self) -> bool:
        """True for an administrator whom nothing limits, which needs no evaluation."""
        return self.identity == (_ADMINISTRATOR,) and self.boundary is None and self.session is None and not self.scps


def _named(text: str, name: str, kind: str) -> Policy:
    return Policy(policy(text).statements, name, kind)


_ADMINISTRATOR = _named(ALLOW_ALL, ADMINISTRATOR_ACCESS, "aws-managed")


def attached_policy(iam: AccountIam, arn: str) -> Policy | None:
    """Return the default version of a managed policy, or None."""
    own = iam.policies.get(arn)
    if own:
        return _named(own.versions[own.default], own.name, "user-managed")
    text = managed_document(arn)
    return _named(text, arn.rpartition("/")[2], "aws-managed") if text else None


def entity_policies(iam: AccountIam, entity: Entity) -> tuple[Policy, ...]:
    """Return a role's or user's inline and attached policies."""
    inline = [_named(text, f"{entity.kind}_{entity.name}_{name}", entity.kind) for name, text in entity.inline.items()]
    return (*inline, *(found for arn in entity.attached if (found := attached_policy(iam, arn))))


def boundary_of(iam: AccountIam, entity: Entity) -> Policy | None:
    """Return a role's or user's permissions boundary, or None. A boundary that was deleted allows nothing."""
    if entity.boundary is None:
        return None
    return attached_policy(iam, entity.boundary) or Policy(())


def find_entity(state: State, caller: Caller) -> Entity | None:
    """Return the role or user that calls, or None if IAM does not know it."""
    iam = state.iam.get(caller.account)
    if iam is None:
        return None
    if caller.role_path is not None:
        role = iam.roles.get(caller.role_path.rpartition("/")[2])
        return role if role and role.path.lstrip("/") + role.name == caller.role_path else None
    return iam.users.get(caller.user.rpartition("/")[2]) if caller.user else None


def applicable(state: State, options: Options, caller: Caller) -> Applicable:
    """Return the policies of a caller; an administrator and a role unknown to IAM are allowed everything.

    Raises AwsError for a session whose role or user was deleted or made anew.
    """
    entity = find_entity(state, caller)
    if caller.id is not None and (entity is None or entity.id != caller.id):
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    iam = state.iam_of(caller.account) if entity else AccountIam(caller.account)
    session = caller.session_policies
    return Applicable(
        entity_policies(iam, entity) if entity else (_ADMINISTRATOR,),
        boundary_of(iam, entity) if entity else None,
        None if session is None else tuple(_named(text, "session", "none") for text in session),
        scps(state, options, caller.account),
        is_management(options, caller.account),
    )


def scps(state: State, options: Options, account: str) -> tuple[tuple[Policy, ...], ...]:
    """Return the SCPs that apply to an account, by level."""
    if not is_member(options, account) or is_management(options, account):
        return ()
    return tuple(tuple(policy(text) for text in level) for level in scps_of(state.organization, account))


def is_management(options: Options, account: str) -> bool:
    """Return True for the organization's management account, which SCPs do not restrict."""
    return options.organization and account == options.management_account


def principal_keys(state: State, options: Options, caller: Caller, region: str, now: float) -> dict[str, str]:
    """Return the condition keys about the caller and the request that AWS fills in."""
    keys = {
        "aws:PrincipalType": "AssumedRole" if caller.role else "User",
        "aws:userid": caller.principal_id,
        "aws:RequestedRegion": region,
        "aws:CurrentTime": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now)),
        "aws:SecureTransport": "true",
        "aws:SourceIp": "127.0.0.1",
    }
    if caller.role is None:
        keys["aws:username"] = (caller.user or "administrator").rpartition("/")[2]
    keys |= organization_keys(state, options, caller.account)
    entity = find_entity(state, caller)
    tags = (entity.tags if entity else {}) | dict(caller.tags)
    return keys | {f"aws:PrincipalTag/{name}": value for name, value in tags.items()}


def organization_keys(state: State, options: Options, account: str) -> dict[str, str]:
    """Return the condition keys about the principal's place in the organization."""
    if not is_member(options, account):
        return {}
    return {
        "aws:PrincipalOrgID": ORGANIZATION_ID,
        "aws:PrincipalOrgPaths": path_of(state.organization, account),
        "aws:PrincipalOrgMasterAccountId": options.management_account,
    }
