"""Steps in people's words: what happens to a card, and who will be able to do what."""

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
"""What a kind of step does, past tense; a kind that is not here stands for itself."""


@dataclass(frozen=True, slots=True)
class AccessChange:
    """One `access[who].card` of a step; without a card it is about a whole share."""

    who: str
    card: CardKey | None
    before: str
    after: str
    share: str


@dataclass(slots=True)
class NetAccess:
    """What somebody may do with a card by the levels that end and those that begin."""

    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)


def access_changes(steps: Iterable[Step]) -> Iterator[AccessChange]:
    """Every change of access in these steps, in their order."""
    for step in steps:
        for change in step.changes:
            if found := ACCESS.fullmatch(change.path):
                name = found["card"]
                key = CardKey(*step.place, name) if name else None
                yield AccessChange(found["who"], key, _level(change.before), _level(change.after), step.resource)


def describe_step(step: Step) -> str:
    """Past tense, without user text: `promoted to Approved`."""
    said = DONE.get(step.kind, step.kind)
    status = next((change.after for change in step.changes if change.path == "status"), None)
    return f"{said} to {status}" if step.kind in ("promote", "demote") and isinstance(status, str) else said


def account_name(account: str, config: Config) -> str:
    """The name that cardops.yaml gives to an account id, or the id."""
    return next((known.alias for known in config.accounts.values() if known.id == account), account)


def principal(who: str, config: Config) -> tuple[str, str]:
    """A grant's `to`, or what RAM knows it by, as a name and an account id; the id is empty for an ARN."""
    known = config.accounts.get(who) or next((one for one in config.accounts.values() if one.id == who), None)
    return (known.alias, known.id) if known else (who, "")


def net_access(steps: Iterable[Step], config: Config) -> dict[tuple[str, CardKey], NetAccess]:
    """By name of the principal and card: what the levels allow that end and begin, as `read`, `write`, `export`."""
    found: dict[tuple[str, CardKey], NetAccess] = {}
    for change in access_changes(steps):
        if change.card is None:
            continue
        net = found.setdefault((principal(change.who, config)[0], change.card), NetAccess())
        net.before |= _abilities(change.before, config)
        net.after |= _abilities(change.after, config)
    return found


def can_phrase(net: NetAccess) -> list[tuple[str, frozenset[str]]]:
    """`will be able to`, `will no longer be able to`: with what, without what stays."""
    gained, lost = net.after - net.before, net.before - net.after
    both = (("will be able to", gained), ("will no longer be able to", lost))
    return [(verb, frozenset(what)) for verb, what in both if what]


def listed(abilities: Iterable[str]) -> str:
    """`read`, `read and write`, `read, write and export`."""
    ordered = [one for one in ("use", "read", "write", "export") if one in set(abilities)]
    return " and ".join(filter(None, [", ".join(ordered[:-1]), ordered[-1]]))


def where(place: AccountRegion, config: Config) -> str:
    """An account's name, with the region where it is not the usual one."""
    name = account_name(place.account, config)
    return name if place.region == config.region else f"{name} {place.region}"


def _level(value: object) -> str:
    return "" if value is ABSENT else str(value)


def _abilities(level: str, config: Config) -> set[str]:
    """From the actions of a level, or of the permission behind it; what is unknown by now allows some use."""
    if not level:
        return set()
    name = level.removeprefix(f"{config.repository}.")
    actions = config.access[name].actions if name in config.access else MANAGED.get(name)
    if actions is None:
        return {"use"}
    found = {"read"} if actions & READ_ACTIONS else set()
    found |= {"write"} if may_write(actions) else set()
    return found | ({"export"} if actions & EXPORT_ACTIONS else set())
