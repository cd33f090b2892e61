"""Hub copies: their origin, the provenance in them, and edits that others made to one.

A copy is the spoke's content with five keys in `additional_information.custom_details`. The tag `cardops:digest`
of a copy names its source, so that an unmoved spoke is told from an unmoved copy without reading content.
"""

from collections.abc import Mapping
from typing import Any

from cardops.merge.three_way import merge
from cardops.model import canonical
from cardops.model.desired import DIGEST as DIGEST_TAG
from cardops.model.desired import Card, CardKey, Config, Status
from cardops.model.observed import ObservedCard

ACCOUNT = "cardops_origin_account"
CARD = "cardops_origin_card"
VERSION = "cardops_origin_version"
TIME = "cardops_origin_time"
DIGEST = "cardops_origin_digest"
PROVENANCE = (ACCOUNT, CARD, VERSION, TIME, DIGEST)
"""Keys of custom_details, each value a string of well under AWS's 1,024 characters; digests are of the spoke's
content as canonical JSON (the first 32 hex digits of SHA-256), times are UTC and ISO 8601."""

OPEN = (Status.PENDING_REVIEW, Status.APPROVED)
"""The statuses in which a copy can be ahead of its origin; archiving one is nobody's but the hub's decision."""


def origin_keys(cards: Mapping[CardKey, Card], config: Config) -> dict[CardKey, CardKey]:
    """Every declared hub copy's origin, by the copy's key."""
    return {key: card.origin.key(config, key.region) for key, card in cards.items() if card.origin is not None}


def source_digest(origin: ObservedCard) -> str:
    """The source digest of a copy of this live card; empty if its content was not read."""
    if origin.content is None:
        return ""
    return canonical.digest(f"{origin.key}@{origin.version}/{canonical.digest(origin.content)}".encode())


def carried_content(origin: ObservedCard, before: bytes = b"{}") -> bytes:
    """The spoke's content with its provenance. `before` is the copy's last content: what it says about the same
    version stays, since the time of a spoke's card moves with its status as well.
    """
    content = canonical.from_bytes(origin.content or b"{}")
    digest = canonical.digest(origin.content or b"")
    provenance = {
        ACCOUNT: origin.key.account,
        CARD: origin.key.name,
        VERSION: str(origin.version),
        TIME: origin.modified,
        DIGEST: digest,
    }
    known = _details(canonical.from_bytes(before))
    if all(known.get(key) == provenance[key] for key in PROVENANCE if key != TIME):
        provenance[TIME] = known.get(TIME, origin.modified)
    information = _group(content, "additional_information")
    details = _group(information, "custom_details") | provenance
    return canonical.to_bytes(content | {"additional_information": information | {"custom_details": details}})


def allowed(card: Card, origin: ObservedCard, spoke: Card | None) -> Status:
    """The copy's declared status, but never ahead of what the origin has and what git declares for it."""
    if card.status not in OPEN:
        return card.status
    statuses = [card.status, origin.status, *([spoke.status] if spoke else [])]
    return min(statuses, key=lambda status: status.rank)


def resolve_quickly(card: Card, live: ObservedCard | None, origin: ObservedCard | None, spoke: Card | None) -> Card:
    """The copy as far as it is known without content: enough to prove it equal."""
    if card.status is Status.ARCHIVED or origin is None:
        return as_it_is(card, live)
    return card._replace(status=allowed(card, origin, spoke), digest=source_digest(origin))


def as_it_is(card: Card, live: ObservedCard | None) -> Card:
    if live is None:
        return card
    content = live.content if live.content is not None else b"{}"
    return card._replace(text=content, digest=live.tags.get(DIGEST_TAG, canonical.digest(content)))


def edits(base: bytes | None, content: bytes, live: bytes) -> list[str]:
    """Return the fields of a live copy that others wrote and that `content`, its new content, lacks.

    `base` is what cardops is thought to have left; it counts only if it is the copy that it claims to be.
    """
    now = canonical.from_bytes(live)
    left = canonical.from_bytes(base) if base is not None and is_faithful(base) else _only_provenance(now)
    merged = merge(left, canonical.from_bytes(content), now)
    return [conflict.path for conflict in merged.conflicts] or [change.path for change in merged.contributed]


def is_copy(content: bytes) -> bool:
    """Tell whether a card's content says which card it is a copy of."""
    return {ACCOUNT, CARD, DIGEST} <= _details(canonical.from_bytes(content)).keys()


def is_faithful(copy: bytes) -> bool:
    """Tell whether a copy, without its provenance, has the digest that its provenance names."""
    content = canonical.from_bytes(copy)
    digest = _details(content).get(DIGEST)
    return any(canonical.digest(canonical.to_bytes(bare)) == digest for bare in _without_provenance(content))


def odd_shape(origin: ObservedCard) -> str:
    """Return why the provenance of a copy cannot be written into the origin's content; empty: it can."""
    content = canonical.from_bytes(origin.content or b"{}")
    information = content.get("additional_information", {})
    if not isinstance(information, dict):
        return "its additional_information is not a group of fields"
    if not isinstance(information.get("custom_details", {}), dict):
        return "its additional_information.custom_details is not a group of fields"
    return ""


def _group(value: Any, name: str) -> dict[str, Any]:
    """A group of fields within another one; empty where there is none, whatever stands in its place."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _details(content: Any) -> dict[str, Any]:
    return _group(_group(content, "additional_information"), "custom_details")


def _only_provenance(content: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in _details(content).items() if key in PROVENANCE}
    return {"additional_information": {"custom_details": kept}}


def _without_provenance(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The spoke's content as it may have been: groups that only provenance filled may have been there, or not."""
    details = {key: value for key, value in _details(content).items() if key not in PROVENANCE}
    group = _group(content, "additional_information")
    information = {key: value for key, value in group.items() if key != "custom_details"}
    rest = {key: value for key, value in content.items() if key != "additional_information"}
    found = [rest | {"additional_information": information | {"custom_details": details}}]
    if not details:
        found.append(rest | {"additional_information": information})
        if not information:
            found.append(rest)
    return found
