"""Run the steps that touch RAM. Client tokens are deterministic: a call sent twice takes effect once."""

import hashlib
import time
from collections.abc import Callable, Collection

from cardops.model import GRANT, REPOSITORY, Place
from cardops.permissions import may_write
from cardops.plan.steps import (
    AddPermissionVersion,
    Associate,
    CreatePermission,
    CreateShare,
    DeleteShare,
    Disassociate,
    ReplacePermission,
    Step,
)
from cardops.ports import Cloud, Sharing

GONE = frozenset({"DISASSOCIATED", "FAILED"})
LONGEST_WAIT = 120.0
"""Seconds to wait for RAM to finish a disassociation, before a promotion is held."""


def token(repository: str, step: Step) -> str:
    """A client token (at most 64 characters) for one step against one observed state."""
    return hashlib.sha256("\n".join((repository, step.digest(), step.key, step.seen_at)).encode()).hexdigest()[:48]


def run(port: Sharing, step: Step, repository: str, arns: dict[str, str]) -> str:
    """One step. `arns` remembers the shares made in this run by their key."""
    unique = token(repository, step)
    match step.action:
        case CreateShare(name, principal, resources, permission, external, grant):
            tags = {REPOSITORY: repository, GRANT: grant}
            arns[step.key] = port.create_share(name, principal, resources, permission, external, tags, unique)
            return f"{len(resources)} card(s) shared"
        case Associate(share, resources, principals):
            port.associate(share or arns[step.key], resources, principals, unique)
            return f"{len(resources)} card(s) shared" if resources else "reconnected"
        case Disassociate(share, resources, principals):
            port.disassociate(share, resources, principals, unique)
            return f"{len(resources) or len(principals)} revoked"
        case DeleteShare(share):
            port.delete_share(share, unique)
            return "share deleted"
        case ReplacePermission(share, permission):
            port.replace_permission(share, permission, None, unique)
            return "permission replaced"
        case CreatePermission(name, actions):
            port.create_permission(name, actions, {REPOSITORY: repository}, unique)
            return "permission created"
        case AddPermissionVersion(arn, actions, prune):
            if prune:
                port.delete_permission_version(arn, prune, unique)
            port.add_permission_version(arn, actions, unique)
            return "permission version made"
    raise TypeError(f"no RAM step: {step.kind}")


def writers(cloud: Cloud, place: Place, cards: Collection[str], told: Callable[[str], None]) -> dict[str, str]:
    """Cards (by ARN) that some share, ours or foreign, still lets others write, with the share's name.

    Waits for disassociations that are under way, at most LONGEST_WAIT seconds. What still is not
    DISASSOCIATED then counts as a writer.
    """
    pause, waited = 0.5, 0.0
    while True:
        found: dict[str, str] = {}
        leaving = False
        for share in cloud.sharing(place).shares():
            for arn in cards if may_write(share.actions) else ():
                state = share.resources.get(arn)
                if state is not None and state not in GONE:
                    found[arn] = share.name
                    leaving = leaving or state == "DISASSOCIATING"
        if not leaving or waited >= LONGEST_WAIT:
            return found
        told(f"waiting for RAM to end access to {len(found)} card(s), {waited:.0f} s so far")
        time.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, 8.0)
