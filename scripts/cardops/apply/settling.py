"""Wait until associations have settled: RAM answers a call before the change is done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cardops.apply.polling import Poller
from cardops.model.desired import AccountRegion
from cardops.model.errors import CloudError, NotFoundError
from cardops.model.observed import ENDING_STATE, TERMINAL_STATES, Association
from cardops.model.ports import Cloud, Sharing
from cardops.plan.actions import AcceptInvitation, Associate, CreateShare
from cardops.plan.steps import Step

DONE = "ASSOCIATED"


@dataclass(frozen=True, slots=True)
class SettledAssociations:
    """The end of a step's associations: those that `failed`, in RAM's words, or that are still `waiting`."""

    failed: str = ""
    waiting: str = ""
    invited: str = ""


@dataclass(slots=True)
class PendingAssociations:
    """The associations that one step asked for."""

    place: AccountRegion
    share: str
    entities: tuple[str, ...]
    answered: bool
    seen: Mapping[str, Association]
    problem: str = ""

    def moving(self) -> list[str]:
        """Return what RAM is still changing. An invitation counts only if this step accepted it."""
        if self.problem:
            return []
        return [entity for entity in self.entities if self._moves(self.seen.get(entity))]

    def settled(self) -> SettledAssociations:
        """Summarize how the associations ended."""
        failed = [entity for entity in self.entities if (one := self.seen.get(entity)) and one.state in TERMINAL_STATES]
        moving = self.moving()
        invited = [entity for entity in self.entities if (one := self.seen.get(entity)) and one.invited]
        return SettledAssociations(
            self._words(failed),
            self.problem or (f"RAM is still at {_listed(moving)}" if moving else ""),
            "" if self.answered else ", ".join(invited),
        )

    def _moves(self, one: Association | None) -> bool:
        if one is None:
            return True
        return one.state not in {DONE, *TERMINAL_STATES} and (self.answered or not one.invited)

    def _words(self, failed: Sequence[str]) -> str:
        if not failed:
            return ""
        first = self.seen[failed[0]]
        return f"RAM could not associate {_listed(failed)}: {first.state} {first.message}".rstrip()


def wait_until_settled(
    cloud: Cloud, steps: Sequence[Step], made: Mapping[str, str], patience: Poller
) -> list[SettledAssociations]:
    """Waits for what these steps asked RAM to associate. `made` are the shares of this run by key."""
    awaited = [_awaited(step, made) for step in steps]
    patience.until(lambda: _look(cloud, [one for one in awaited if one and one.moving()]))
    return [one.settled() if one else SettledAssociations() for one in awaited]


def wait_until_gone(port: Sharing, share: str, entities: Iterable[str], patience: Poller) -> None:
    """Waits until these are disassociated, so that they can be associated anew."""

    def look() -> str:
        states = port.associations([share]).get(share, {})
        ending = [entity for entity in entities if (one := states.get(entity)) and one.state == ENDING_STATE]
        return f"RAM to end {_listed(ending)}" if ending else ""

    if left := patience.until(look):
        raise CloudError(f"{left} takes longer than {patience.longest:.0f} s", "apply again")


def _awaited(step: Step, made: Mapping[str, str]) -> PendingAssociations | None:
    match step.action:
        case CreateShare(principal=principal, resources=resources):
            return PendingAssociations(step.place, made[step.key], (*resources, principal), False, {})
        case Associate(share=share, resources=resources, principals=principals):
            return PendingAssociations(step.place, share or made[step.key], (*resources, *principals), False, {})
        case AcceptInvitation(share=share, owner=owner, principal=principal):
            return PendingAssociations(owner, share or made[step.key], (principal,), True, {})
    return None


def _look(cloud: Cloud, awaited: Sequence[PendingAssociations]) -> str:
    for place in {one.place for one in awaited}:
        here = [one for one in awaited if one.place == place]
        try:
            states = cloud.sharing(place).associations(sorted({one.share for one in here}))
        except NotFoundError:  # a share that is a moment old may not be known everywhere yet
            continue
        except CloudError as problem:
            for one in here:
                one.problem = f"it cannot be seen what became of it: {problem}"
            continue
        for one in here:
            one.seen = states.get(one.share, {})
    left = sum(len(one.moving()) for one in awaited)
    return f"RAM to finish {left} association(s)" if left else ""


def _listed(entities: Sequence[str]) -> str:
    names = ", ".join(entity.rpartition("/")[2] for entity in entities[:3])
    return f"{names} and {len(entities) - 3} more" if len(entities) > 3 else names
