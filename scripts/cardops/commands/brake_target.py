"""Find the card or the share that the emergency brake is for."""

from dataclasses import dataclass

from cardops.desired.selectors import selected
from cardops.model.brake import ALL, Scope
from cardops.model.desired import CardKey, Desired
from cardops.model.errors import UsageError
from cardops.model.ports import Cloud
from cardops.observed.reader import look_at


@dataclass(frozen=True, slots=True)
class Target:
    """What the brake is for: one card, or a share; `principal` is an account id, an ARN, or `all`."""

    card: CardKey | None
    share: str
    principal: str

    @property
    def scope(self) -> Scope:
        """What the tag says on each card."""
        return Scope(self.share or ALL, self.principal)


def find_target(name: str, to: str, desired: Desired, cloud: Cloud) -> Target:
    """Find the card or the share of this name; `card:NAME` and `share:NAME` say which. Raises UsageError."""
    kind, found, bare = name.partition(":")
    if not found or kind not in ("card", "share"):
        kind, bare = "", name
    principal = _principal(to, desired) if to else ALL
    shares = bare if kind != "card" and _is_share(bare, desired) else ""
    keys = [] if kind == "share" else list(selected(bare, desired.cards, desired.config)) or _live(bare, desired, cloud)
    if shares and keys:
        raise UsageError(f"{bare!r} is a card and a share.", f"Say card:{bare} or share:{bare}.")
    if len(keys) > 1:
        raise UsageError(f"{bare!r} are {len(keys)} cards: {', '.join(map(str, keys[:3]))}", "name one: account/name")
    if not shares and not keys:
        raise UsageError(f"No card and no share named {bare!r} is declared or live.", "`cardops access` lists them.")
    return Target(keys[0] if keys else None, shares, principal)


def _is_share(name: str, desired: Desired) -> bool:
    return any(share.name == name for share in desired.shares)


def _live(name: str, desired: Desired, cloud: Cloud) -> list[CardKey]:
    """Live cards that git does not declare; the brake is for them too."""
    alias, _, bare = name.rpartition("/")
    account = desired.config.accounts.get(alias)
    places = [place for place in sorted(desired.owners) if not alias or (account and place.account == account.id)]
    keys = [CardKey(*place, bare) for place in places]
    return sorted(look_at(cloud, keys).cards)


def _principal(to: str, desired: Desired) -> str:
    if to in desired.config.accounts:
        return desired.config.accounts[to].id
    if to.startswith("arn:") or (len(to) == 12 and to.isdecimal()):
        return to
    raise UsageError(f"Account {to!r} is not declared in cardops.yaml.", "Give its name there, its id, or an ARN.")
