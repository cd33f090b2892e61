"""Give read-only access only where a means keeps it so, and end it where none does any more."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from cardops.desired.grants import DesiredGrant, grants
from cardops.desired.read_only import NO_MEANS, keepers
from cardops.model.desired import LOCKED_STATUSES, PRINCIPAL_ID, Card, CardKey, Desired
from cardops.model.findings import Finding
from cardops.model.observed import Observed, ObservedShare
from cardops.model.permissions import may_write
from cardops.model.read_only import CheckResult, ReadOnlyChecks
from cardops.plan.sharing.associations import is_live, keys_of

if TYPE_CHECKING:
    from cardops.plan.sharing.grant_steps import SharingContext

FAILS = "read-only/fails"
NOT_VERIFIED = "read-only/not-verified"
ROLE_REPLACED = "read-only/role-replaced"


def depends_on_means(grant: DesiredGrant) -> bool:
    """Return True for a grant that only reads and whose permission in RAM lets its principal write."""
    return may_write(grant.ram_level.actions) and not may_write(grant.level.actions)


def to_verify(desired: Desired, observed: Observed, today: str) -> dict[str, set[CardKey]]:
    """Collect the principals that a means has to keep from writing, with the cards that they reach or are to reach."""
    found: dict[str, set[CardKey]] = {}
    config = desired.config
    places = {share.place for share in observed.shares} | {key.place for key in desired.cards}
    for grant in grants(desired, places, today):
        if depends_on_means(grant) and grant.place not in observed.unknown:
            found.setdefault(grant.principal, set()).update(grant.resources.values())
    for share in observed.shares:
        held = keys_of(arn for arn, state in share.resources.items() if is_live(state)) & desired.cards.keys()
        if held and may_write(share.actions):
            for who, state in share.principals.items():
                if is_live(state) and keepers(who, config):
                    found.setdefault(who, set()).update(held)
    return found


def key_arns(observed: Observed) -> dict[CardKey, str]:
    """Return the ARN of the key of each encrypted live card, as far as it was read."""
    keys = observed.keys
    found = {key: keys.get((key.place, card.kms_key_id)) for key, card in observed.cards.items() if card.kms_key_id}
    return {key: seen.arn for key, seen in found.items() if seen and seen.arn}


def writes_through(share: ObservedShare, card: str, checks: ReadOnlyChecks) -> bool:
    """Return True if a share lets others write a card that it holds, whatever keeps some of its principals from it."""
    if not may_write(share.actions):
        return False
    who = [one for one, state in share.principals.items() if is_live(state)]
    return not who or not all(checks.is_kept(one, card) for one in who)


def marks(grant: DesiredGrant, context: "SharingContext") -> dict[str, str]:
    """Return the tags that record which role a share was made for: a role of the same name may be another one."""
    identity = context.read_only.role_ids.get(grant.principal)
    return {PRINCIPAL_ID: identity} if identity else {}


def is_replaced(grant: DesiredGrant, share: ObservedShare, context: "SharingContext") -> bool:
    """Return True if the grant's role was deleted and made anew since the share was made for it."""
    recorded, now = share.tags.get(PRINCIPAL_ID), context.read_only.role_ids.get(grant.principal)
    return bool(recorded and now and recorded != now) and is_live(share.principals.get(grant.principal))


def role_replaced(grant: DesiredGrant, share: ObservedShare) -> Finding:
    """Say that a role of the same name is another one now."""
    message = (
        f"{grant.label}: {grant.principal} was deleted and made anew since the share {share.name!r} was made for it"
    )
    hint = "its access ends and is given anew with the next apply; find out who made the role, and why"
    return Finding(ROLE_REPLACED, grant.share.location, message, hint, "warn")


def judge(
    grant: DesiredGrant, checks: ReadOnlyChecks, declared: Mapping[str, Card]
) -> tuple[DesiredGrant, list[Finding]]:
    """Return the grant without the cards that its principal can write, and what there is to say about it.

    Cards that must not be written by others (Approved, Archived) are not added while no means is verified for them.
    """
    if grant.withheld:
        message = f"{grant.label}: nothing is shared: {grant.refused}"
        return grant, [Finding(NO_MEANS, grant.share.location, message, grant.hint)]
    if not depends_on_means(grant) or not grant.resources:
        return grant, []
    failing = [arn for arn in grant.resources if checks.result(grant.principal, arn) is CheckResult.FAILS]
    unproven = [
        arn
        for arn in grant.resources
        if arn not in failing
        and not checks.is_kept(grant.principal, arn)
        and arn in declared
        and declared[arn].status in LOCKED_STATUSES
    ]
    findings = [*_failing(grant, failing, checks), *_unproven(grant, unproven, checks)]
    kept = {arn: key for arn, key in grant.resources.items() if arn not in failing}
    ended = "" if kept else f"{grant.to} can write it: {checks.why(grant.principal, failing[0])}"
    return replace(grant, resources=kept, ended=ended, unproven=frozenset(unproven)), findings


def _failing(grant: DesiredGrant, arns: list[str], checks: ReadOnlyChecks) -> Iterator[Finding]:
    if arns:
        why = checks.why(grant.principal, arns[0])
        message = f"{grant.label}: {_names(grant, arns)}: read-only access is not kept any more ({why})"
        hint = "access ends with the next apply; restore the means, or declare another one under `read_only`"
        yield Finding(FAILS, grant.share.location, message, hint)


def _unproven(grant: DesiredGrant, arns: list[str], checks: ReadOnlyChecks) -> Iterator[Finding]:
    if arns:
        why = checks.why(grant.principal, arns[0])
        message = (
            f"{grant.label}: {_names(grant, arns)} cannot be shared while it is not verified who can write ({why})"
        )
        hint = "make it possible to verify, see docs/read-only.md; or declare `trust: [scp]` for the account"
        yield Finding(NOT_VERIFIED, grant.share.location, message, hint)


def _names(grant: DesiredGrant, arns: Iterable[str]) -> str:
    names = sorted(grant.resources[arn].name for arn in arns)
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
