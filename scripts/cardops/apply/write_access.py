"""Who can still write a card: asked freshly before a card is approved."""

from collections.abc import Callable, Collection

from cardops.apply.polling import Poller
from cardops.model.desired import AccountRegion
from cardops.model.observed import ENDING_STATE, TERMINAL_STATES, ObservedShare
from cardops.model.permissions import may_write
from cardops.model.ports import Cloud

Harmless = Callable[[ObservedShare], bool]


def principals_that_write(
    cloud: Cloud, place: AccountRegion, cards: Collection[str], patience: Poller, harmless: Harmless
) -> dict[str, str]:
    """Cards (by ARN) that some share, ours or foreign, still lets others write, with the share's name.

    Waits for what RAM is ending. Whatever is not DISASSOCIATED then counts as a writer, and so does a share that
    is being deleted: what it allowed is not told any more. `harmless` are shares whose principals cannot write
    whatever RAM allows them.
    """
    found: dict[str, str] = {}

    def look() -> str:
        found.clear()
        ending = False
        for share in cloud.sharing(place).shares(leaving=True):
            if (may_write(share.actions) or share.status == "DELETING") and not harmless(share):
                held = {
                    arn: state for arn in cards if (state := share.resources.get(arn, "FAILED")) not in TERMINAL_STATES
                }
                someone = [state for state in share.principals.values() if state not in TERMINAL_STATES]
                if someone:
                    found.update(dict.fromkeys(held, share.name))
                    ending = ending or ENDING_STATE in held.values() or (bool(held) and set(someone) == {ENDING_STATE})
        return f"RAM to end access to {len(found)} card(s)" if ending else ""

    patience.until(look)
    return found
