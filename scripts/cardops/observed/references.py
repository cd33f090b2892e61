"""Read what declared cards refer to: model packages and KMS keys."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from cardops.model.desired import AccountRegion, Card, CardKey, Desired
from cardops.model.errors import CloudError, NotFoundError
from cardops.model.observed import Observed, ObservedCard, ObservedKey, is_key_arn
from cardops.model.ports import Cloud, Registry
from cardops.model.registry import APPROVAL_OF, ObservedPackage, PackageKey, Packages


def observe_former_packages(cloud: Cloud, observed: Observed, wanted: Iterable[PackageKey]) -> Observed:
    """Return what was observed with these packages, which no declared card names any more."""
    found, unknown = dict(observed.packages.found), dict(observed.packages.unknown)
    for key in sorted(set(wanted) - found.keys()):
        try:
            found[key] = cloud.registry(AccountRegion(key.account, key.region)).describe(key.group, key.version)
        except NotFoundError:
            continue
        except CloudError as problem:
            unknown[key[:3]] = str(problem)
    if (found, unknown) == (observed.packages.found, observed.packages.unknown):
        return observed
    return replace(observed, packages=Packages(found, unknown))


def observe_packages(port: Registry, place: AccountRegion, desired: Desired) -> Packages:
    """Read the packages that declared cards name: one list for each group, and a description of those that differ."""
    wanted: dict[str, list[Card]] = {}
    for card in desired.cards.values():
        if card.model_package is not None and card.key.place == place:
            wanted.setdefault(card.model_package.group, []).append(card)
    found: dict[PackageKey, ObservedPackage] = {}
    unknown: dict[tuple[str, str, str], str] = {}
    for group, cards in sorted(wanted.items()):
        try:
            found |= dict(_packages_of(port, group, cards))
        except NotFoundError:
            continue
        except CloudError as problem:
            unknown[(*place, group)] = str(problem)
    return Packages(found, unknown)


def _packages_of(port: Registry, group: str, cards: Iterable[Card]) -> Iterator[tuple[PackageKey, ObservedPackage]]:
    approvals = port.approvals(group)
    for card in cards:
        version = card.model_package.version if card.model_package else 0
        if version not in approvals:
            continue
        key = PackageKey(*card.key.place, group, version)
        same = approvals[version] is APPROVAL_OF[card.status] and card.origin is None
        yield key, ObservedPackage(key, approvals[version]) if same else port.describe(group, version)


def observe_keys(
    cloud: Cloud, place: AccountRegion, desired: Desired, live: Mapping[CardKey, ObservedCard], shared: Collection[str]
) -> dict[tuple[AccountRegion, str], ObservedKey]:
    """Keys that have to be resolved to be compared, and those of `shared` cards with their policies."""
    wanted = set(shared)
    for key, found in live.items():
        card = desired.cards.get(key)
        if card is not None and card.kms_key_id and found.kms_key_id and card.kms_key_id != found.kms_key_id:
            wanted |= {card.kms_key_id, found.kms_key_id}
    return {(place, name): _key(cloud, place, name, name in shared) for name in sorted(wanted)}


def _key(cloud: Cloud, place: AccountRegion, key_id: str, with_policy: bool) -> ObservedKey:
    arn = policy = ""
    try:
        arn = key_id if is_key_arn(key_id) else cloud.keys(place).arn(key_id)
        policy = cloud.keys(place).policy(arn) if with_policy else ""
    except CloudError as problem:
        return ObservedKey(arn, policy, str(problem))
    return ObservedKey(arn, policy)
