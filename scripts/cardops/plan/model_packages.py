"""Keep the model registry in step: a package version's approval follows its card's status.

There is no state file, so who moved a package is told from three things: the marks that cardops leaves with
each approval it sets, what git last declared for the card, and that a package nobody decided on is pending.
"""

from collections.abc import Collection, Iterator, Mapping

from cardops.merge.diff import Change
from cardops.model.desired import Card, CardKey, Desired, ModelPackage, Status
from cardops.model.findings import Finding
from cardops.model.observed import Observed
from cardops.model.registry import APPROVAL_OF, MARK_APPROVAL, MARK_REPOSITORY, Approval, ObservedPackage, PackageKey
from cardops.plan.steps import CardRequirement, Phase, SetApproval, Step

MOVED = "registry/moved-by-hand"


def package_key(card: Card, package: ModelPackage) -> PackageKey:
    """A card's package lives in the card's own account and region."""
    return PackageKey(*card.key.place, package.group, package.version)


def steps(
    desired: Desired,
    observed: Observed,
    bases: Mapping[CardKey, Card],
    statuses: Mapping[CardKey, Status] | None = None,
) -> Iterator[Step | Finding]:
    """Yield, for every declared card with a package, its step or the finding that says why there is none.

    `statuses` are those of the cards once the plan is done, by default the declared ones: the package of a card that
    waits follows the card, and that of a card that is not there is not approved. A package that a card no longer
    names is withdrawn.
    """
    repository = desired.config.repository
    named = {package_key(card, card.model_package) for card in desired.cards.values() if card.model_package}
    for card in desired.cards.values():
        if card.key.place in observed.unknown:
            continue
        yield from _former(card, bases.get(card.key), observed, named, repository)
        if card.model_package is None:
            continue
        status = card.status if statuses is None else statuses.get(card.key, Status.DRAFT)
        key = package_key(card, card.model_package)
        package = observed.packages.found.get(key)
        if package is None:
            yield _not_found(card, key, observed)
            continue
        wanted = APPROVAL_OF[status]
        if package.approval is wanted:
            continue
        before = _last_declared(card, bases.get(card.key))
        narrows = wanted.rank < package.approval.rank
        if _explained(package, before, repository):
            yield _step(card, package, wanted, f"{card.key.name} is {status}")
        elif narrows and before not in (None, wanted):
            reason = f"{card.key.name} is {status}; somebody else had made the package {package.approval}"
            yield _step(card, package, wanted, reason)
        else:
            yield _moved(card, package, wanted, status)


def former_packages(desired: Desired, bases: Mapping[CardKey, Card]) -> set[PackageKey]:
    """The packages that cards named when they were last applied, and do not name now."""
    return {
        package_key(base, base.model_package)
        for key, base in bases.items()
        if base.model_package and base.model_package != desired.cards[key].model_package
    }


def _former(
    card: Card, base: Card | None, observed: Observed, named: Collection[PackageKey], repository: str
) -> Iterator[Step | Finding]:
    """Withdraw the package that the card named before, unless another card names it now."""
    if base is None or base.model_package is None or base.model_package == card.model_package:
        return
    key = package_key(base, base.model_package)
    package = observed.packages.found.get(key)
    if key in named or package is None:
        if key not in named and key[:3] in observed.packages.unknown:
            yield _not_found(card, key, observed)
        return
    if package.approval is Approval.APPROVED and _explained(package, APPROVAL_OF[base.status], repository):
        yield _step(card, package, Approval.PENDING, f"{card.key.name} no longer names it")


def _last_declared(card: Card, base: Card | None) -> Approval | None:
    """The approval that git meant when cardops last applied the card; None where that is not known."""
    if base is None or base.model_package != card.model_package:
        return None
    return APPROVAL_OF[base.status]


def _explained(package: ObservedPackage, before: Approval | None, repository: str) -> bool:
    """Tell whether the live approval is cardops' own, what git last meant, or the initial one."""
    if package.approval is before:
        return True
    marked = package.marks.get(MARK_APPROVAL)
    if marked is None:
        return package.approval is Approval.PENDING
    return marked == package.approval and package.marks.get(MARK_REPOSITORY) == repository


def _step(card: Card, package: ObservedPackage, wanted: Approval, reason: str) -> Step:
    key, narrows = package.key, wanted.rank < package.approval.rank
    kinds = {Approval.APPROVED: "approve-package", Approval.PENDING: "reopen-package"}
    return Step(
        Phase.WITHDRAW if narrows else Phase.REGISTRY,
        "withdraw-package" if narrows else kinds[wanted],
        card.key.place,
        str(key),
        f"{key.account}/{key.region}/package/{key}",
        reason,
        SetApproval(key.group, key.version, wanted, package.approval, reason),
        (Change("approval", package.approval.value, wanted.value),),
        package.approval.value,
        frozenset({card.key}),
        requires={} if wanted is not Approval.APPROVED else {card.key: _approved(card)},
    )


def _approved(card: Card) -> CardRequirement:
    """Return what the card must be when its package is approved. A hub copy may have any content."""
    return CardRequirement(frozenset({Status.APPROVED}), "" if card.origin else card.digest)


def _not_found(card: Card, key: PackageKey, observed: Observed) -> Finding:
    unread = observed.packages.unknown.get(key[:3])
    if unread:
        return Finding(
            "registry/unreadable",
            card.location,
            f"{card.key.name}: the model package {key} could not be read: {unread}",
            "let the role read the registry; the card's other steps go on",
            card=str(card.key),
        )
    return Finding(
        "registry/missing-package",
        card.location,
        f"{card.key.name}: there is no model package {key} in {card.key.place}",
        "register it, or correct model_package; the card's other steps go on",
        card=str(card.key),
    )


def _moved(card: Card, package: ObservedPackage, wanted: Approval, status: Status) -> Finding:
    marked = package.marks.get(MARK_APPROVAL)
    left = f"cardops left it {marked}" if marked else "cardops never set it"
    return Finding(
        MOVED,
        card.location,
        f"{card.key.name}: the model package {package.key} is {package.approval}, which is not cardops' doing ({left});"
        f" the card's status {status} means {wanted}",
        f"find out who decided so; then set the package to {wanted}, or declare the status that fits",
        card=str(card.key),
    )
