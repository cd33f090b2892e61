"""Find out who can still write a card, freshly, before the card is approved."""

from collections.abc import Callable, Collection

from cardops.apply.polling import Poller
from cardops.model.desired import AccountRegion
from cardops.model.observed import ENDING_STATE, TERMINAL_STATES, ObservedShare
from cardops.model.permissions import may_write
from cardops.model.ports import Cloud

KeptFrom = Callable[[str, Collection[str]], Collection[str]]
"""Of some cards (ARNs), those that a verified or trusted means keeps a principal from writing."""


def kept_from_nothing(principal: str, cards: Collection[str]) -> Collection[str]:
    """Take every principal of a share for a writer."""
    return ()


def principals_that_write(
    cloud: Cloud, place: AccountRegion, cards: Collection[str], patience: Poller, kept_from: KeptFrom
) -> dict[str, str]:
    """Return the cards (ARNs) that some share, ours or foreign, still lets others write, with the share's name.

    Waits for what RAM is ending. Whatever is not DISASSOCIATED then counts, and so does a share that is being
    deleted, since RAM no longer says what it allowed.
    """
    found: dict[str, str] = {}

    def look() -> str:
        found.clear()
        ending = False
        for share in cloud.sharing(place).shares(leaving=True):
            held = {arn: state for arn in cards if (state := share.resources.get(arn, "FAILED")) not in TERMINAL_STATES}
            if not held or not (may_write(share.actions) or share.status == "DELETING"):
                continue
            written, someone = _writers(share, held, kept_from)
            found.update(dict.fromkeys(written, share.name))
            states = {held[arn] for arn in written}
            ending = ending or ENDING_STATE in states or (bool(written) and someone == {ENDING_STATE})
        return f"RAM to end access to {len(found)} card(s)" if ending else ""

    patience.until(look)
    return found


def _writers(share: ObservedShare, held: Collection[str], kept_from: KeptFrom) -> tuple[set[str], set[str]]:
    """Return the cards that some principal can write, and the states of the principals who can."""
    written: set[str] = set()
    states: set[str] = set()
    for who, state in share.principals.items():
        if state not in TERMINAL_STATES and (cards := set(held) - set(kept_from(who, held))):
            written |= cards
            states.add(state)
    return written, states
