"""The customer managed permissions that access levels stand for, kept in step with cardops.yaml."""

from collections.abc import Iterable, Iterator

from cardops.access import DesiredGrant, permission_name
from cardops.diff import ABSENT, Change
from cardops.findings import Finding
from cardops.location import Location
from cardops.model import REPOSITORY, AccessLevel, Config, Observed, ObservedPermission, ObservedShare, Place
from cardops.plan.steps import AddPermissionVersion, CreatePermission, Phase, Step

MOST_VERSIONS = 5
"""RAM keeps at most five versions of a customer managed permission."""


def steps(config: Config, grants: Iterable[DesiredGrant], observed: Observed) -> Iterator[Step | Finding]:
    """Made where a grant with cards needs it; a new version when the declared actions change."""
    needed = {(grant.place, grant.level) for grant in grants if grant.resources and not grant.level.managed}
    for place, level in sorted(needed, key=lambda pair: (pair[0], pair[1].name)):
        name = permission_name(config, level.name)
        found = observed.permissions.get(place, {}).get(name)
        if found is None:
            action = CreatePermission(name, tuple(sorted(level.actions)))
            yield _step(Phase.NARROW, "create-permission", place, name, level, action, ())
        elif found.tags.get(REPOSITORY) != config.repository:
            yield Finding(
                "ownership/foreign-permission",
                Location("cardops.yaml"),
                f"a permission named {name} exists in {place} and cardops does not own it",
                "change `repository` in cardops.yaml, or remove the other permission",
            )
        elif found.actions != level.actions:
            phase = Phase.NARROW if level.actions < found.actions else Phase.WIDEN
            prune = _oldest_unused(found, observed.shares) if len(found.versions) >= MOST_VERSIONS else 0
            version = AddPermissionVersion(found.arn, tuple(sorted(level.actions)), prune)
            yield _step(phase, "permission-version", place, name, level, version, tuple(sorted(found.actions)))


def _oldest_unused(found: ObservedPermission, shares: Iterable[ObservedShare]) -> int:
    used = {share.permission_version for share in shares if share.permission == found.arn} | {found.version}
    return next((version for version in sorted(found.versions) if version not in used), 0)


def _step(
    phase: Phase,
    kind: str,
    place: Place,
    name: str,
    level: AccessLevel,
    action: CreatePermission | AddPermissionVersion,
    before: tuple[str, ...],
) -> Step:
    change = Change("actions", list(before) or ABSENT, list(action.actions))
    key = f"{place.account}/{place.region}/permission/{name}"
    return Step(phase, kind, place, name, key, f"access level {level.name} of cardops.yaml", action, (change,))
