"""Taking over what exists: cards and RAM shares that nobody manages, where git marks them with `adopt`.

Adopting writes tags and nothing else, so a card keeps its live status and a share has to be exactly what git
declares. The rest of a plan then sees what is adopted as if it were ours already.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from cardops.desired.grants import DesiredGrant, grants
from cardops.merge.diff import ABSENT, Change
from cardops.model import canonical
from cardops.model.desired import (
    APPROVED_BY,
    COMMIT,
    DIGEST,
    GRANT,
    LOCKED,
    LOCKED_STATUSES,
    REPOSITORY,
    SIGNED,
    VERSION,
    AccountRegion,
    Card,
    CardKey,
    Desired,
    Status,
)
from cardops.model.findings import Finding
from cardops.model.observed import PRESENT_STATES, Observed, ObservedCard, ObservedShare
from cardops.model.provenance import is_managed
from cardops.plan.actions import AdoptShare
from cardops.plan.sharing.associations import is_live
from cardops.plan.steps import AdoptCard, Phase, Step

APPROVED_BEFORE = "before cardops"
"""The value of `cardops:approved-by` where the approval is older than the adoption."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """The steps, `observed` as it is after them, the cards they take over, and the grants that have to wait."""

    observed: Observed
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    cards: frozenset[CardKey] = field(default_factory=frozenset)
    waiting: frozenset[tuple[AccountRegion, str]] = field(default_factory=frozenset)


def adopt(desired: Desired, observed: Observed, today: str) -> Adoption:
    """Everything that git marks with `adopt` and that nobody manages yet."""
    cards = {
        key: live
        for key, live in observed.cards.items()
        if key not in observed.unreadable and _adoptable(desired.cards.get(key), live)
    }
    tags = {key: _card_tags(desired, desired.cards[key], live) for key, live in cards.items()}
    steps = [_card_step(desired.cards[key], live, tags[key]) for key, live in cards.items()]
    taken = {key: replace(live, tags=dict(live.tags) | tags[key]) for key, live in cards.items()}
    shared, findings, waiting = _shares(desired, observed, today)
    repository = desired.config.repository
    steps += [_share_step(grant, share, repository) for share, grant in shared.values()]
    if not steps:
        return Adoption(observed, (), findings, frozenset(), waiting)
    shares = tuple(
        replace(share, tags=dict(share.tags) | _own_tags(repository, shared[share.arn][1]))
        if share.arn in shared
        else share
        for share in observed.shares
    )
    after = replace(observed, cards=dict(observed.cards) | taken, shares=shares)
    return Adoption(after, tuple(steps), findings, frozenset(cards), waiting)


def foreign_reason(card: Card, live: ObservedCard) -> tuple[str, str]:
    """Explain why a live card may not be changed, and what to do about it."""
    owner = live.tags.get(REPOSITORY)
    if owner:
        return f"a live card of that name exists and the repository {owner} manages it", "choose another name"
    if card.adopt:
        return (
            f"adopting keeps the live status, which is {live.status}, and git declares {card.status}",
            f"declare {live.status}, adopt the card, and change its status after that",
        )
    return (
        "a live card of that name exists and cardops does not manage it",
        "choose another name, or take it over with `adopt: true`",
    )


def _adoptable(card: Card | None, live: ObservedCard) -> bool:
    return (
        card is not None
        and card.adopt
        and REPOSITORY not in live.tags
        and not live.processing
        and live.status is card.status
    )


def _card_tags(desired: Desired, card: Card, live: ObservedCard) -> dict[str, str]:
    """Return the tags of an adopted card. They name no commit if the contents differ, so the merge has no base."""
    tags = {REPOSITORY: desired.config.repository}
    if live.content == card.content:
        tags |= {COMMIT: desired.commit, DIGEST: card.digest, VERSION: str(live.version)}
    if live.status in LOCKED_STATUSES:
        tags[LOCKED] = "true"
    if live.status is Status.APPROVED:
        tags[APPROVED_BY] = APPROVED_BEFORE
        if live.content == card.content:
            tags[SIGNED] = card.declared
    return tags


def _card_step(card: Card, live: ObservedCard, tags: Mapping[str, str]) -> Step:
    seen = canonical.digest(live.content or b"")
    approved = f"; approved {APPROVED_BEFORE}" if live.status is Status.APPROVED else ""
    return Step(
        Phase.CONTENT,
        "adopt",
        card.key.place,
        card.key.name,
        str(card.key),
        f"{card.location.path} says adopt, and nobody manages it; it stays {live.status}{approved}",
        AdoptCard(tags, live.version, live.status, seen),
        (Change("managed by", ABSENT, tags[REPOSITORY]),),
        f"unmanaged version {live.version} {live.status} {seen}",
        frozenset({card.key}),
    )


def _own_tags(repository: str, grant: DesiredGrant) -> dict[str, str]:
    return {REPOSITORY: repository, GRANT: grant.id}


def _share_step(grant: DesiredGrant, share: ObservedShare, repository: str) -> Step:
    return Step(
        Phase.SHARE,
        "adopt",
        share.place,
        share.name,
        f"{grant.place.account}/{grant.place.region}/{grant.id}",
        f"{grant.share.location.path} says adopt, and nobody manages it",
        AdoptShare(share.arn, _own_tags(repository, grant)),
        (Change("managed by", ABSENT, repository),),
        f"unmanaged {share.arn}",
        seen_at=share.updated,
    )


def _shares(
    desired: Desired, observed: Observed, today: str
) -> tuple[dict[str, tuple[ObservedShare, DesiredGrant]], tuple[Finding, ...], frozenset[tuple[AccountRegion, str]]]:
    """Return the shares to adopt by ARN, findings for those that adopting would change, and the grants that wait."""
    found: dict[str, tuple[ObservedShare, DesiredGrant]] = {}
    findings: list[Finding] = []
    waiting: set[tuple[AccountRegion, str]] = set()
    repository = desired.config.repository
    ours = [share for share in observed.shares if is_managed(share.tags, repository)]
    taken = {(share.place, share.tags.get(GRANT, "")) for share in ours}
    for grant, share in _marked(desired, observed, today):
        identity = (grant.place, grant.id)
        if why := "; ".join(_differences(grant, share)):
            findings.append(_refusal(grant, share, why))
            waiting.add(identity)
        elif identity in taken or share.arn in found:
            findings.append(
                _refusal(grant, share, "one share stands for one grant, and the other one is there already")
            )
        else:
            taken.add(identity)
            found[share.arn] = (share, grant)
    return found, tuple(findings), frozenset(waiting)


def _marked(desired: Desired, observed: Observed, today: str) -> Iterator[tuple[DesiredGrant, ObservedShare]]:
    """Grants that adopt a live share which is not this repository's, with that share."""
    if not any(grant.adopt for share in desired.shares for grant in share.grants):
        return
    live = {share.arn: share for share in observed.shares if not is_managed(share.tags, desired.config.repository)}
    for grant in grants(desired, {share.place for share in observed.shares}, today):
        for arn in sorted(grant.adopts & live.keys()):
            if live[arn].place == grant.place:
                yield grant, live[arn]


def _refusal(grant: DesiredGrant, share: ObservedShare, why: str) -> Finding:
    return Finding(
        "ownership/adopt-share",
        grant.share.location,
        f"the share {share.name!r} in {share.place} cannot be adopted: {why}",
        "declare it as it is, adopt it, and change it after that; nothing was changed",
    )


def _differences(grant: DesiredGrant, share: ObservedShare) -> Iterator[str]:
    if owner := share.tags.get(REPOSITORY):
        yield f"the repository {owner} manages it"
    if share.feature_set != "STANDARD" or share.status != "ACTIVE":
        yield "RAM is still at it"
    if grant.outside and not share.external:
        yield f"{grant.to} is declared as `external: true`, and it refuses such principals"
    principals = {who: state for who, state in share.principals.items() if is_live(state)}
    if principals.keys() != {grant.principal}:
        yield f"its principals are {', '.join(sorted(principals)) or 'none'}, and git declares {grant.principal}"
    if share.permission != grant.permission or share.actions != grant.ram_level.actions:
        name = share.permission.rsplit("/", 1)[-1] or "none"
        yield f"its permission is {name}, and {grant.level.name} means {grant.permission.rsplit('/', 1)[-1]}"
    resources = {arn: state for arn, state in share.resources.items() if is_live(state)}
    if more := resources.keys() - grant.resources.keys():
        yield f"it holds {_names(more)}, which git does not declare in it now"
    if less := grant.resources.keys() - resources.keys():
        yield f"it lacks {_names(less)}"
    if not {*principals.values(), *resources.values()} <= PRESENT_STATES:
        yield "RAM is suspending access in it"


def _names(arns: Iterable[str]) -> str:
    names = sorted(arn.rsplit("/", 1)[-1] for arn in arns)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
