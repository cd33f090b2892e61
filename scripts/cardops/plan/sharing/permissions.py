"""The customer managed permissions that access levels stand for, kept in step with cardops.yaml."""

from collections.abc import Iterable, Iterator

from cardops.desired.grants import DesiredGrant, permission_name
from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import AccessLevel, AccountRegion, Config
from cardops.model.findings import Finding, Location
from cardops.model.observed import Observed, ObservedPermission, ObservedShare
from cardops.model.provenance import is_managed
from cardops.plan.actions import AddPermissionVersion, CreatePermission
from cardops.plan.steps import Phase, Step

MOST_VERSIONS = 5
"""RAM keeps at most five versions of a customer managed permission."""


def kept_permissions(grant: DesiredGrant, observed: Observed) -> ObservedPermission | None:
    """The live customer managed permission of the grant's level, if there is one."""
    if grant.ram_level.managed:
        return None
    return observed.permissions.get(grant.place, {}).get(grant.permission.rsplit("/", 1)[-1])


def is_foreign(grant: DesiredGrant, observed: Observed, repository: str) -> bool:
    """Tell whether a foreign permission has the name of the grant's own: nothing is shared with it."""
    found = kept_permissions(grant, observed)
    return found is not None and not is_managed(found.tags, repository)


def steps(config: Config, needing: Iterable[DesiredGrant], observed: Observed) -> Iterator[Step | Finding]:
    """Made where one of the grants `needing` it has cards; a new version when the declared actions change."""
    needed = {(one.place, one.ram_level) for one in needing if one.resources and not one.ram_level.managed}
    for place, level in sorted(needed, key=lambda pair: (pair[0], pair[1].name)):
        name = permission_name(config, level.name)
        found = observed.permissions.get(place, {}).get(name)
        if found is None:
            action = CreatePermission(name, tuple(sorted(level.actions)))
            yield _step("create-permission", place, name, level, action, ())
        elif not is_managed(found.tags, config.repository):
            yield Finding(
                "ownership/foreign-permission",
                Location("cardops.yaml"),
                f"a permission named {name} exists in {place} and cardops does not own it: no {level.name}",
                "change `repository` in cardops.yaml, or remove the other permission",
            )
        elif found.actions != level.actions:
            yield _next_version(place, name, level, found, observed.shares)


def _next_version(
    place: AccountRegion, name: str, level: AccessLevel, found: ObservedPermission, shares: Iterable[ObservedShare]
) -> Step | Finding:
    prune = 0
    if len(found.versions) >= MOST_VERSIONS:
        using = {share.permission_version: share.name for share in shares if share.permission == found.arn}
        prune = next((one for one in sorted(found.versions) if one not in using and one != found.version), 0)
        if not prune:
            return Finding(
                "access/no-version-left",
                Location("cardops.yaml"),
                f"the permission {name} in {place} has {MOST_VERSIONS} versions and shares use them all "
                f"({', '.join(sorted(using.values()))})",
                "bring one of these shares to the default version in RAM",
            )
    version = AddPermissionVersion(found.arn, tuple(sorted(level.actions)), prune)
    return _step("permission-version", place, name, level, version, tuple(sorted(found.actions)), str(found.version))


def _step(
    kind: str,
    place: AccountRegion,
    name: str,
    level: AccessLevel,
    action: CreatePermission | AddPermissionVersion,
    before: tuple[str, ...],
    sees: str = "absent",
) -> Step:
    """`sees` is the default version, so that going back and forth between actions never reuses a client token."""
    change = Change("actions", list(before) or ABSENT, list(action.actions))
    key = f"{place.account}/{place.region}/permission/{name}"
    reason = f"access level {level.name} of cardops.yaml"
    return Step(Phase.PREPARE, kind, place, name, key, reason, action, (change,), sees)
