"""Describe steps in words: their effect on a card, and the access that they give or take."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cardops.merge.diff import ABSENT
from cardops.model.desired import AccountRegion, CardKey, Config
from cardops.model.permissions import EXPORT_ACTIONS, MANAGED, READ_ACTIONS, may_write
from cardops.plan.sharing.grant_steps import ACCESS
from cardops.plan.steps import Step

DONE: Mapping[str, str] = {
    "create": "created",
    "adopt": "taken over (tags only)",
    "update": "content updated",
    "tag": "tags updated",
    "promote": "promoted",
    "demote": "demoted",
    "archive": "archived",
    "retire": "retired",
    "delete": "deleted",
    "lock": "locked",
    "unlock": "unlocked",
    "approve-package": "model package approved",
    "withdraw-package": "approval of the model package withdrawn",
    "reconnect": "share reconnected",
    "accept": "invitation accepted",
    "external": "share opened to accounts outside the organization",
    "create-permission": "permission created",
    "permission-version": "permission changed",
    "permission": "permission replaced",
}
"""Past-tense phrases for kinds of steps. A kind that is missing here is printed as it is."""


@dataclass(frozen=True, slots=True)
class AccessChange:
    """One change of a principal's access in a step. Without a card it concerns a whole share."""

    who: str
    card: CardKey | None
    before: str
    after: str
    share: str


@dataclass(slots=True)
class NetAccess:
    """The net effect on a principal's access to a card: levels that end and levels that begin."""

    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)


def access_changes(steps: Iterable[Step]) -> Iterator[AccessChange]:
    """Yield every change of access in these steps, in order."""
    for step in steps:
        for change in step.changes:
            if found := ACCESS.fullmatch(change.path):
                name = found["card"]
                key = CardKey(*step.place, name) if name else None
                yield AccessChange(found["who"], key, _level(change.before), _level(change.after), step.resource)


def describe_step(step: Step) -> str:
    """Describe a step in the past tense without user text, such as `promoted to Approved`."""
    said = DONE.get(step.kind, step.kind)
    status = next((change.after for change in step.changes if change.path == "status"), None)
    return f"{said} to {status}" if step.kind in ("promote", "demote") and isinstance(status, str) else said


def account_name(account: str, config: Config) -> str:
    """Return the alias of an account id from cardops.yaml, or the id."""
    return next((known.alias for known in config.accounts.values() if known.id == account), account)


def principal(who: str, config: Config) -> tuple[str, str]:
    """Return the name and the account id of a grant's principal. The id is empty for an ARN."""
    known = config.accounts.get(who) or next((one for one in config.accounts.values() if one.id == who), None)
    return (known.alias, known.id) if known else (who, "")


def net_access(steps: Iterable[Step], config: Config) -> dict[tuple[str, CardKey], NetAccess]:
    """Compute, for each principal and card, which of `read`, `write` and `export` end and begin."""
    found: dict[tuple[str, CardKey], NetAccess] = {}
    for change in access_changes(steps):
        if change.card is None:
            continue
        net = found.setdefault((principal(change.who, config)[0], change.card), NetAccess())
        net.before |= _abilities(change.before, config)
        net.after |= _abilities(change.after, config)
    return found


def can_phrase(net: NetAccess) -> list[tuple[str, frozenset[str]]]:
    """Yield `will be able to` and `will no longer be able to` with the abilities that change."""
    gained, lost = net.after - net.before, net.before - net.after
    both = (("will be able to", gained), ("will no longer be able to", lost))
    return [(verb, frozenset(what)) for verb, what in both if what]


def listed(abilities: Iterable[str]) -> str:
    """Join abilities, such as `read, write and export`."""
    ordered = [one for one in ("use", "read", "write", "export") if one in set(abilities)]
    return " and ".join(filter(None, [", ".join(ordered[:-1]), ordered[-1]]))


def where(place: AccountRegion, config: Config) -> str:
    """Return an account's alias, with the region unless it is the default."""
    name = account_name(place.account, config)
    return name if place.region == config.region else f"{name} {place.region}"


def _level(value: object) -> str:
    return "" if value is ABSENT else str(value)


def _abilities(level: str, config: Config) -> set[str]:
    """Derive abilities from a level's actions or its permission. A permission that is unknown counts as some use."""
    if not level:
        return set()
    name = level.removeprefix(f"{config.repository}.")
    actions = config.access[name].actions if name in config.access else MANAGED.get(name)
    if actions is None:
        return {"use"}
    found = {"read"} if actions & READ_ACTIONS else set()
    found |= {"write"} if may_write(actions) else set()
    return found | ({"export"} if actions & EXPORT_ACTIONS else set())
