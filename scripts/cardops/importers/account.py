"""Describe an account's unmanaged cards and RAM shares as files that adopt them."""

from collections.abc import Collection, Mapping
from typing import Any

from cardops.desired.grants import permission_arn
from cardops.desired.schema import validator
from cardops.desired.selectors import selected
from cardops.importers.drafts import keep_tags, make_name
from cardops.importers.schema_fit import drop_unwritable
from cardops.importers.unmapped import Inexpressible, Unmapped
from cardops.model import canonical
from cardops.model.desired import LOCKED_STATUSES, REPOSITORY, AccessLevel, CardKey, Config, Status
from cardops.model.findings import plural
from cardops.model.observed import PRESENT_STATES, ObservedCard, ObservedShare
from cardops.model.permissions import may_write
from cardops.plan.sharing.associations import is_live


def declare_card(live: ObservedCard, config: Config, owner: str) -> tuple[dict[str, Any], list[Unmapped]]:
    """Return the value of a live card's file, and the tags and texts left out of it. Raises Inexpressible."""
    manager = live.tags.get(REPOSITORY)
    if manager:
        us = "this repository manages it already" if manager == config.repository else f"{manager} manages it"
        raise Inexpressible(us)
    if live.processing:
        raise Inexpressible("it is being deleted")
    alias = alias_of(live.key.account, config)
    tags, left = keep_tags(dict(live.tags))
    value: dict[str, Any] = {"name": live.key.name, "status": live.status.value, "owner": owner}
    value |= {"account": alias} if alias != config.home else {}
    value |= {"region": live.key.region} if live.key.region != config.region else {}
    value |= {"adopt": True}
    value |= {"kms_key_id": live.kms_key_id} if live.kms_key_id else {}
    value |= {"tags": tags} if tags else {}
    content, unwritable = drop_unwritable(canonical.from_bytes(live.content or b"{}"))
    return value | {"content": content}, left + unwritable


def declare_share(
    share: ObservedShare, cards: Mapping[CardKey, Status], config: Config, taken: Collection[str]
) -> dict[str, Any]:
    """Return the value of a live share's file, with one grant that adopts it. Raises Inexpressible.

    `cards` are the declared cards, `taken` the share names already in use.
    """
    if manager := share.tags.get(REPOSITORY):
        us = "this repository manages it already" if manager == config.repository else f"{manager} manages it"
        raise Inexpressible(us)
    if share.feature_set != "STANDARD" or share.status != "ACTIVE":
        raise Inexpressible("RAM is still changing it; try again in a minute")
    if any(
        is_live(state) and state not in PRESENT_STATES
        for state in (*share.resources.values(), *share.principals.values())
    ):
        raise Inexpressible("RAM is suspending access in it; try again in a minute")
    keys = _cards(share, cards)
    to, level = _principal(share, config), _level(share, config)
    if to == alias_of(share.place.account, config):
        raise Inexpressible("it shares the cards with the account that owns them")
    during = [status for status in Status if not (may_write(level.actions) and status in LOCKED_STATUSES)]
    for key in keys:
        if cards[key] not in during:
            raise Inexpressible(f"it lets others write {key.name}, which is {cards[key]}")
    references = [_reference(key, cards, config) for key in keys]
    grant = {"to": to, "access": level.name, "while": [status.value for status in during], "adopt": share.arn}
    value: dict[str, Any] = {"name": _free_name(share.name, taken), "cards": references, "grants": [grant]}
    value |= {"invitations": "leave"} if share.invited else {}
    for problem in validator.check("share", value):
        raise Inexpressible(f"{problem.message}: {problem.hint}")
    return value


def alias_of(account: str, config: Config) -> str:
    """Return an account's name in cardops.yaml, or an empty string."""
    return next((one.alias for one in config.accounts.values() if one.id == account), "")


def principals(share: ObservedShare) -> list[str]:
    """List the principals that a share gives access to now."""
    return sorted(who for who, state in share.principals.items() if state in PRESENT_STATES)


def concerns_cards(share: ObservedShare) -> bool:
    """Return True if a share holds model cards, or its permission is for them."""
    return bool(share.permission) or any(_is_card(arn) for arn in share.resources)


def _cards(share: ObservedShare, cards: Mapping[CardKey, Status]) -> list[CardKey]:
    present = sorted(arn for arn, state in share.resources.items() if state in PRESENT_STATES)
    if not present:
        raise Inexpressible("it holds no card")
    if others := [arn for arn in present if not _is_card(arn)]:
        raise Inexpressible(f"it also holds {plural(len(others), 'resource')} of another type than model cards")
    by_arn = {key.arn: key for key in cards}
    if missing := [arn.rsplit("/", 1)[-1] for arn in present if arn not in by_arn]:
        raise Inexpressible(f"it holds the card {missing[0]}, which no file declares")
    return [by_arn[arn] for arn in present]


def _principal(share: ObservedShare, config: Config) -> str:
    found = principals(share)
    if len(found) != 1:
        what = f"{len(found)} principals" if found else "no principal"
        raise Inexpressible(f"it has {what}, and cardops keeps one RAM share for each; split it in RAM first")
    (who,) = found
    if who.isdecimal():
        if alias := alias_of(who, config):
            return alias
        raise Inexpressible(f"its principal {who} is not declared in cardops.yaml; add it under `accounts`")
    if not who.startswith("arn:"):
        raise Inexpressible(f"its principal {who} is neither an account id nor an ARN")
    return who


def _level(share: ObservedShare, config: Config) -> AccessLevel:
    for level in config.access.values():
        if permission_arn(config, level, share.place) == share.permission and level.actions == share.actions:
            return level
    name = share.permission.rsplit("/", 1)[-1] or "none"
    raise Inexpressible(f"no access level in cardops.yaml uses its permission {name}")


def _reference(key: CardKey, cards: Mapping[CardKey, Status], config: Config) -> str:
    alone = f"{key.name}"
    full = f"{alias_of(key.account, config)}/{key.name}"
    for reference in (alone, full):
        if list(selected(reference, cards, config)) == [key]:
            return reference
    raise Inexpressible(f"several regions have a card {key.name}, and a share cannot name just one of them")


def _free_name(name: str, taken: Collection[str]) -> str:
    stem = make_name(name)[:56].strip("-") or "share"
    free, count = stem, 2
    while free in taken:
        free, count = f"{stem}-{count}", count + 1
    return free


def _is_card(arn: str) -> bool:
    return ":sagemaker:" in arn and ":model-card/" in arn
