"""What rules found in a share when they were last told the same: that share, its cards' summaries, and all else."""

import json
from collections.abc import Iterable, Sequence

from cardops.cache import Cache, key_of
from cardops.policy.cases import Case
from cardops.policy.load import Policies
from cardops.policy.outcomes import Outcome
from cardops.policy.run import Told

OWN = frozenset({"share", "repository.cards", "repository.shares"})
"""The variables that one share's case does not have in common with those of other shares."""


class Recollection:
    """Outcomes for cases on shares, in a cache under a key over everything that a rule may name."""

    def __init__(self, kept: Cache, policies: Policies, cases: Iterable[Case]) -> None:
        self._kept = kept
        self._rules = policies.rules
        self._cases = [case for case in cases if case.on == "share"]
        common = self._cases[0].variables.items() if self._cases else ()
        start = key_of(policies.digest, json.dumps([part for part in common if part[0] not in OWN]))
        self._names = {id(case): key_of(start, _own(case)) for case in self._cases}
        self._found = {id(case): kept.get(self._names[id(case)]) for case in self._cases}

    def has(self, case: Case) -> bool:
        """Whether the rules need not be asked about it."""
        return self._found.get(id(case)) is not None

    def told(self) -> list[Told]:
        """What was found in the cases that it has."""
        return [
            Told(self._rules[rule], case, Outcome(*outcome))
            for case in self._cases
            for rule, outcome in self._found[id(case)] or ()
        ]

    def keep(self, told: Sequence[Told]) -> None:
        """Remember what was `told` about all cases that it does not have. Where something died, another try may not."""
        if any(one.outcome.kind == "died" for one in told):
            return
        new: dict[int, list[tuple[str, Outcome]]] = {id(case): [] for case in self._cases if not self.has(case)}
        for rule, case, outcome in told:
            if rule is not None and id(case) in new:
                new[id(case)].append((rule.id, outcome))
        for number, found in new.items():
            self._kept.put(self._names[number], found)
        self._kept.save(set(self._names.values()))


def _own(case: Case) -> str:
    return json.dumps([(name, value) for name, value in case.variables.items() if name in OWN])
