"""Who can still write a card: asked freshly before a card is approved."""

from collections.abc import Callable, Collection

from cardops.apply.associations import ENDING, GONE
from cardops.apply.waiting import Patience
from cardops.model import Place
from cardops.observed import ObservedShare
from cardops.permissions import may_write
from cardops.ports import Cloud

Harmless = Callable[[ObservedShare], bool]


def writers(
    cloud: Cloud, place: Place, cards: Collection[str], patience: Patience, harmless: Harmless
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
                held = {arn: state for arn in cards if (state := share.resources.get(arn, "FAILED")) not in GONE}
                someone = [state for state in share.principals.values() if state not in GONE]
                if someone:
                    found.update(dict.fromkeys(held, share.name))
                    ending = ending or ENDING in held.values() or (bool(held) and set(someone) == {ENDING})
        return f"RAM to end access to {len(found)} card(s)" if ending else ""

    patience.until(look)
    return found
