"""From declared grants and live RAM shares to the steps that close the gap."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from cardops.access import DesiredGrant
from cardops.diff import ABSENT, Change
from cardops.findings import Finding
from cardops.model import GRANT, REPOSITORY, CardKey, Observed, ObservedShare, Status
from cardops.permissions import may_write
from cardops.plan.steps import (
    Action,
    Associate,
    CreateShare,
    DeleteShare,
    Disassociate,
    Phase,
    ReplacePermission,
    Step,
)

PRESENT = frozenset({"ASSOCIATED", "ASSOCIATING"})
"""Association states in which a resource or principal counts as shared."""

CHUNK = 100
"""RAM takes about a hundred ARNs in one call, so a step never needs more than one call."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a grant is planned against: cards not to be widened, and why a card has no business here."""

    observed: Observed
    repository: str
    held: Collection[CardKey]
    untouchable: Collection[str]
    why_not: Mapping[str, str]


def ours(share: ObservedShare, repository: str) -> bool:
    """A share that this repository manages."""
    return share.tags.get(REPOSITORY) == repository and GRANT in share.tags


def foreign_name(grant: DesiredGrant, situation: Situation) -> Finding | None:
    """A share of somebody else's that has this grant's name: it stays as it is, and the grant waits."""
    for share in situation.observed.shares:
        if share.place != grant.place or ours(share, situation.repository):
            continue
        if share.name in (grant.name, grant.share.name):
            return Finding(
                "ownership/foreign-share",
                grant.share.location,
                f"a share named {share.name!r} exists in {grant.place} and cardops does not own it",
                "rename the declared share, or remove the other one; nothing was changed",
            )
    return None


def steps(grant: DesiredGrant, share: ObservedShare | None, situation: Situation) -> Iterator[Step]:
    """All steps for one grant. Nothing is added for a held card; whatever must end is ended all the same."""
    wanted = {arn for arn, key in grant.resources.items() if key not in situation.held}
    if share is None:
        if wanted:
            yield from _create(grant, sorted(wanted))
        return
    yield from _revoke(grant, share, situation)
    yield from _replace(grant, share, situation)
    present = {arn for arn, state in share.resources.items() if state in PRESENT}
    added = sorted(wanted - present)
    for chunk in _chunks(added):
        reason = f"{grant.label} while {_statuses(grant)}"
        yield _step(
            grant,
            Phase.SHARE,
            "share",
            reason,
            Associate(share.arn, chunk),
            _access(grant, chunk, gains=True),
            cards=frozenset(grant.resources[arn] for arn in chunk),
            share=share,
        )
    if share.principals.get(grant.principal) not in PRESENT and (wanted or present) and not grant.expired:
        state = share.principals.get(grant.principal, "not associated")
        reason = f"{grant.to} is {state} in the share"
        action = Associate(share.arn, (), (grant.principal,))
        yield _step(grant, Phase.SHARE, "reconnect", reason, action, (), share=share)


def retire(share: ObservedShare, reason: str) -> Step:
    """The end of a share that nothing declares any more."""
    return Step(
        Phase.REVOKE,
        "unshare",
        share.place,
        share.name,
        f"{share.place.account}/{share.place.region}/{share.tags.get(GRANT, share.arn)}",
        reason,
        DeleteShare(share.arn),
        tuple(Change(f"access[{who}]", "granted", ABSENT) for who in sorted(share.principals)),
        share.arn,
        seen_at=share.updated,
    )


def _create(grant: DesiredGrant, wanted: list[str]) -> Iterator[Step]:
    chunk = tuple(wanted[:CHUNK])
    action = CreateShare(grant.name, grant.principal, chunk, grant.permission, grant.outside, grant.id)
    yield _step(
        grant,
        Phase.SHARE,
        "share",
        f"{grant.label} while {_statuses(grant)}",
        action,
        (*_access(grant, chunk, gains=True), *_terms(grant)),
        cards=frozenset(grant.resources[arn] for arn in chunk),
    )
    for more in _chunks(wanted[CHUNK:]):
        yield _step(
            grant,
            Phase.SHARE,
            "share",
            f"{grant.label} while {_statuses(grant)}",
            Associate("", more),
            _access(grant, more, gains=True),
            cards=frozenset(grant.resources[arn] for arn in more),
        )


def _revoke(grant: DesiredGrant, share: ObservedShare, situation: Situation) -> Iterator[Step]:
    present = {arn for arn, state in share.resources.items() if state in PRESENT}
    gone = sorted(present - set(grant.resources) - set(situation.untouchable))
    for chunk in _chunks(gone):
        whys = sorted({situation.why_not.get(arn) or _why(grant) for arn in chunk})
        yield _step(
            grant,
            Phase.REVOKE,
            "revoke",
            "; ".join(whys),
            Disassociate(share.arn, chunk),
            _access(grant, chunk, gains=False),
            cards=frozenset(_key(arn) for arn in chunk),
            share=share,
        )
    strangers = sorted(who for who, state in share.principals.items() if state in PRESENT and who != grant.principal)
    if strangers:
        yield _step(
            grant,
            Phase.REVOKE,
            "revoke",
            "git declares no access for them in this share",
            Disassociate(share.arn, (), tuple(strangers)),
            tuple(Change(f"access[{who}]", grant.level.name, ABSENT) for who in strangers),
            share=share,
        )


def _replace(grant: DesiredGrant, share: ObservedShare, situation: Situation) -> Iterator[Step]:
    kept = situation.observed.permissions.get(grant.place, {}).get(grant.permission.rsplit("/", 1)[-1])
    outdated = (
        kept is not None
        and not grant.level.managed
        and (share.permission_version != kept.version or kept.actions != grant.level.actions)
    )
    if share.permission == grant.permission and not outdated:
        return
    phase = Phase.WIDEN if may_write(grant.level.actions) else Phase.NARROW
    before = share.permission.rsplit("/", 1)[-1] or "none"
    after = grant.permission.rsplit("/", 1)[-1]
    change = Change("permission", before, after if before != after else f"{after} (current version)")
    reason = f"{grant.level.name} means {after}"
    action = ReplacePermission(share.arn, grant.permission)
    yield _step(grant, phase, "permission", reason, action, (change,), share=share)


def _terms(grant: DesiredGrant) -> Iterator[Change]:
    """What a new share allows, and whether to somebody outside the organization."""
    yield Change("actions", ABSENT, sorted(grant.level.actions))
    if grant.outside:
        yield Change("external principals", ABSENT, "allowed")


def _access(grant: DesiredGrant, arns: Collection[str], gains: bool) -> tuple[Change, ...]:
    level = grant.level.name
    return tuple(
        Change(f"access[{grant.to}].{_key(arn).name}", ABSENT if gains else level, level if gains else ABSENT)
        for arn in arns
    )


def _key(arn: str) -> CardKey:
    parts = arn.split(":", 5)
    return CardKey(parts[4], parts[3], parts[5].split("/", 1)[-1])


def _why(grant: DesiredGrant) -> str:
    if grant.expired:
        return f"the share expired on {grant.share.expires}"
    return f"git declares no {grant.level.name} for {grant.to} on it"


def _statuses(grant: DesiredGrant) -> str:
    return " or ".join(status.value for status in Status if status in grant.during)


def _chunks(arns: list[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(arns), CHUNK):
        yield tuple(arns[start : start + CHUNK])


def _step(
    grant: DesiredGrant,
    phase: Phase,
    kind: str,
    reason: str,
    action: Action,
    changes: tuple[Change, ...],
    cards: frozenset[CardKey] = frozenset(),
    share: ObservedShare | None = None,
) -> Step:
    key = f"{grant.place.account}/{grant.place.region}/{grant.id}"
    sees = share.arn if share else "absent"
    seen_at = share.updated if share else ""
    return Step(phase, kind, grant.place, grant.name, key, reason, action, changes, sees, cards, seen_at)
