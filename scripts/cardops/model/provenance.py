"""The tags that record which declaration a live card came from and who signed it off."""

from collections.abc import Mapping

from cardops.model.desired import (
    APPLYING,
    APPROVED_BY,
    DIGEST,
    LOCKED,
    LOCKED_STATUSES,
    OWN_TAGS,
    REPOSITORY,
    SIGNED,
    VERSION,
    Card,
    Status,
)
from cardops.model.observed import ObservedCard


def is_managed(tags: Mapping[str, str], repository: str) -> bool:
    """Tell whether these tags say that the repository manages the resource."""
    return tags.get(REPOSITORY) == repository


def is_proven_equal(card: Card, live: ObservedCard, repository: str) -> bool:
    """The quick proof that nothing moved: versions, digest, status and tags agree; no content is parsed."""
    tags = live.tags
    return (
        not live.flaw
        and is_managed(tags, repository)
        and tags.get(DIGEST) == card.digest
        and tags.get(VERSION) == str(live.version)
        and APPLYING not in tags
        and live.status == card.status
        and (LOCKED in tags) == (card.status in LOCKED_STATUSES)
        and (card.status is not Status.APPROVED or _records_signoff(card, tags))
        and {key: value for key, value in tags.items() if not key.startswith((OWN_TAGS, "aws:"))} == card.tags
    )


def records_version(live: ObservedCard) -> bool:
    """Tell whether the version tag names a version that cardops can have left behind."""
    left = live.tags.get(VERSION, "")
    return left.isdecimal() and 1 <= int(left) <= live.version


def signed_off(card: Card, live: ObservedCard | None, repository: str) -> bool:
    """Tell whether the tags say that just this state was signed off, so that it is not judged again.

    Who may only contribute can set a status, but no tag: a status alone proves nothing.
    """
    return (
        live is not None
        and is_managed(live.tags, repository)
        and live.status is card.status is Status.APPROVED
        and _records_signoff(card, live.tags)
    )


def signed_off_before_0_2(before: Card | None, card: Card, live: ObservedCard | None, repository: str) -> bool:
    """Tell whether a release that recorded only who signed, and not what, left a sign-off of just this state.

    `before` is the card at the commit of the tags: what that release applied, and so had signed off.
    """
    return (
        live is not None
        and is_managed(live.tags, repository)
        and live.status is card.status is Status.APPROVED
        and APPROVED_BY in live.tags
        and SIGNED not in live.tags
        and live.tags.get(DIGEST) == card.digest
        and before is not None
        and before.declared == card.declared
    )


def _records_signoff(card: Card, tags: Mapping[str, str]) -> bool:
    """Tell whether the tags record a sign-off of everything that the card declares."""
    return APPROVED_BY in tags and tags.get(SIGNED) == card.declared
