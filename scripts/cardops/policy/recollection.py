"""What rules found in one document when they were last told the same.

The document is a share, with the summaries of the cards that it selects; or cardops.yaml with the waivers, where no
rule on the repository looks at cards or shares.
"""

import json
from collections.abc import Iterable, Sequence

from cardops.cache import Cache, key_of
from cardops.policy.cases import Case
from cardops.policy.load import Policies
from cardops.policy.outcomes import Outcome
from cardops.policy.run import Told

OWN = frozenset({"share", "repository.cards", "repository.shares"})
"""The variables that such cases do not have in common."""


class Recollection:
    """Outcomes in a cache, under a key over everything that a rule may name."""

    def __init__(self, kept: Cache, policies: Policies, cases: Iterable[Case]) -> None:
        self._kept = kept
        self._rules = policies.rules
        self._cases = [case for case in cases if _is_about_one_document(case)]
        common = self._cases[0].variables.items() if self._cases else ()
        start = key_of(policies.digest, json.dumps([part for part in common if part[0] not in OWN]))
        self._names = {id(case): key_of(start, case.on, _own(case)) for case in self._cases}
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


def _is_about_one_document(case: Case) -> bool:
    if case.on == "repository":
        return not any(rule.names(part) for rule in case.rules for part in ("cards", "shares"))
    return case.on == "share"


def _own(case: Case) -> str:
    """What it was told besides what all were told; the repository's cards and shares where it may look at them."""
    if case.on == "repository":
        return ""
    return json.dumps([(name, value) for name, value in case.variables.items() if name in OWN])
