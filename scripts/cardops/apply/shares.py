"""Run the steps that touch RAM. Client tokens are deterministic: a call sent twice takes effect once."""

import hashlib
from dataclasses import dataclass, field
from uuid import UUID

from cardops.apply import settling as associations
from cardops.apply.polling import Poller
from cardops.model.desired import GRANT, REPOSITORY
from cardops.model.errors import CloudError, NotFoundError, NotSupportedByAwsError, StaleResourceError
from cardops.model.ports import Invitations, Sharing
from cardops.plan.actions import (
    AddPermissionVersion,
    AdoptShare,
    AllowExternal,
    Associate,
    CreatePermission,
    CreateShare,
    DeleteShare,
    Disassociate,
    MarkShare,
    ReplacePermission,
)
from cardops.plan.sharing.associations import is_live
from cardops.plan.steps import Step

OUTSIDE = "OperationNotPermittedException"
OUTSIDE_HINT = (
    "if the account is outside the organization, or sharing within it is off, declare `external: true` for it in "
    "cardops.yaml: then it is invited"
)


@dataclass(slots=True)
class CreatedShare:
    """The ARNs of shares that this run created, by step key, and the permissions that RAM refused."""

    shares: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def permission(self, wanted: str, step: Step) -> str:
        """The permission to use. Raises NotSupportedByAwsError where RAM refused it."""
        if wanted not in self.refused:
            return wanted
        raise NotSupportedByAwsError(
            f"{step.resource}: nothing is shared, because RAM refuses the customer managed permission "
            f"{wanted.rpartition('/')[2]}",
            "declare another means under `read_only` for the account in cardops.yaml, for example [role]",
        )


def client_token(repository: str, step: Step) -> str:
    """A client token for one step against one observed state, as a UUID: RAM recommends that, 36 characters."""
    text = "\n".join((repository, step.digest(), step.key, step.seen_at))
    return str(UUID(hashlib.sha256(text.encode()).hexdigest()[:32]))


def run(port: Sharing, step: Step, repository: str, made: CreatedShare, patience: Poller) -> str:
    """Run one RAM step."""
    unique = client_token(repository, step)
    match step.action:
        case AdoptShare():
            return adopt(port, step.action)
        case CreateShare():
            return _create(port, step, step.action, repository, made)
        case Associate(share, resources, principals, ending, marks):
            if ending:
                associations.wait_until_gone(port, share, ending, patience)
            port.associate(share or made.shares[step.key], resources, principals, unique)
            if marks:
                port.tag_share(share, marks)
            return f"{len(resources)} card(s) shared" if resources else "reconnected"
        case Disassociate():
            return _revoke(port, step.action, unique)
        case MarkShare(share, tags):
            port.tag_share(share, tags)
            return "marked"
        case DeleteShare(share):
            return _delete(port, share, unique)
        case ReplacePermission(share, permission):
            port.replace_permission(share, made.permission(permission, step), None, unique)
            return "permission replaced"
        case AllowExternal(share, allowed):
            port.allow_external(share, allowed, unique)
            return f"principals outside the organization {'allowed' if allowed else 'refused'}"
    return _permission(port, step, repository, made)


def _revoke(port: Sharing, action: Disassociate, unique: str) -> str:
    """End associations. What another run has ended meanwhile is done, and does not keep the others from ending."""
    try:
        port.disassociate(action.share, action.resources, action.principals, unique)
    except NotFoundError:
        now = port.associations([action.share]).get(action.share, {})
        resources, principals = (
            [one for one in wanted if (found := now.get(one)) and is_live(found.state)]
            for wanted in (action.resources, action.principals)
        )
        if resources or principals:
            port.disassociate(action.share, resources, principals, _another(unique, *resources, *principals))
        return "ended already" if not (resources or principals) else f"{len(resources) or len(principals)} revoked"
    return f"{len(action.resources) or len(action.principals)} revoked"


def _delete(port: Sharing, share: str, unique: str) -> str:
    try:
        port.delete_share(share, unique)
    except NotFoundError:
        return "share deleted already"
    return "share deleted"


def _another(unique: str, *words: str) -> str:
    """A client token for the same step with fewer resources, which for RAM is another request."""
    return str(UUID(hashlib.sha256("\n".join((unique, *words)).encode()).hexdigest()[:32]))


def accept_invitation(port: Invitations, step: Step, share: str, token: str, patience: Poller) -> str:
    """Accept the invitation to a share (by ARN) if it is open. Raises StaleResourceError when there is none."""
    if port.accepted(share):
        return "accepted already"
    if patience.until(lambda: "" if port.pending(share) else f"the invitation to {step.resource}"):
        raise StaleResourceError(
            f"account {step.place.account} has no invitation to {step.resource}", "apply again in a while"
        )
    port.accept(port.pending(share), token)
    return "accepted"


def adopt(port: Sharing, action: AdoptShare) -> str:
    """Adopt a share by tagging it. Raises StaleResourceError when it is managed, NotFoundError when it is gone."""
    if owner := port.share_tags(action.share).get(REPOSITORY):
        raise StaleResourceError(f"the repository {owner} manages {action.share} by now", "plan again")
    port.tag_share(action.share, action.tags)
    return "adopted"


def _create(port: Sharing, step: Step, action: CreateShare, repository: str, made: CreatedShare) -> str:
    permission = made.permission(action.permission, step)
    if port.share_with(GRANT, action.grant):  # the tag's value is nobody else's: it hashes share, principal, access
        raise StaleResourceError(f"{step.resource}: another apply has made this share meanwhile", "plan again")
    tags = {REPOSITORY: repository, GRANT: action.grant, **action.marks}
    unique, external = client_token(repository, step), action.external
    try:
        made.shares[step.key] = port.create_share(
            action.name, action.principal, action.resources, permission, external, tags, unique
        )
    except CloudError as problem:
        if problem.code != OUTSIDE or external:
            raise
        raise CloudError(problem.message, OUTSIDE_HINT, problem.code) from None
    return f"{len(action.resources)} card(s) shared"


def _permission(port: Sharing, step: Step, repository: str, made: CreatedShare) -> str:
    unique = client_token(repository, step)
    match step.action:
        case CreatePermission(name, actions):
            try:
                port.create_permission(name, actions, {REPOSITORY: repository}, unique)
            except NotSupportedByAwsError:
                made.refused.add(f"arn:aws:ram:{step.place.region}:{step.place.account}:permission/{name}")
                raise
            return "permission created"
        case AddPermissionVersion(arn, actions, prune):
            if prune:
                port.delete_permission_version(arn, prune, unique)
            port.add_permission_version(arn, actions, unique)
            return "permission version made"
    raise TypeError(f"no RAM step: {step.kind}")
