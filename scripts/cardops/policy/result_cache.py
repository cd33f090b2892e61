"""What rules found in one document when they were last told the same.

The document is a share, with the summaries of the cards that it selects; or cardops.yaml with the waivers, where no
rule on the repository looks at cards or shares.
"""

import json
from collections.abc import Collection, Iterable, Sequence

from cardops.cache.store import Cache, key_of
from cardops.policy.cases import WHOLE, Case
from cardops.policy.facts import Facts
from cardops.policy.outcomes import RuleOutcome
from cardops.policy.rules import Rule
from cardops.policy.runner import RuleResult
from cardops.policy.summary import DECLARED, PARTS


class ResultCache:
    """Outcomes in a cache, under a key over everything that `rules` may name; `given` is what all of them are told
    besides the repository's summary: JSON.
    """

    def __init__(self, kept: Cache, rules: Iterable[Rule], facts: Facts, given: object) -> None:
        self._kept = kept
        self._rules = {rule.id: rule for rule in rules}
        told = {part: facts.repository[part] for part in PARTS if part not in DECLARED and part in facts.repository}
        start = key_of(facts.today, json.dumps([given, told]))
        shares = ((share.path, facts.subjects.identity(share)) for share in facts.subjects.of("share"))
        named = {path: identity for path, identity in shares if identity}
        if not any(rule.names(part) for rule in self._rules.values() if rule.on == "repository" for part in DECLARED):
            named[WHOLE] = WHOLE
        self._names = {path: key_of(start, path, identity) for path, identity in named.items()}
        self._found = {path: found for path, name in self._names.items() if (found := kept.get(name)) is not None}

    @property
    def silent(self) -> Collection[str]:
        """The paths of shares in which nothing was found; WHOLE is the repository as a whole."""
        return {path for path, found in self._found.items() if not found}

    def has(self, case: Case) -> bool:
        """Whether the rules need not be asked about it."""
        return case.change is None and case.path in self._found

    def told(self, cases: Iterable[Case]) -> list[RuleResult]:
        """What was found in those of some cases that it has."""
        return [
            RuleResult(self._rules[rule], case, RuleOutcome(*outcome))
            for case in cases
            if self.has(case)
            for rule, outcome in self._found[case.path]
        ]

    def keep(self, told: Sequence[RuleResult]) -> None:
        """Remember what was `told` about all else. Where something died, another try may not."""
        if any(one.outcome.kind == "died" for one in told):
            return
        new: dict[str, list[tuple[str, RuleOutcome]]] = {path: [] for path in self._names if path not in self._found}
        for rule, case, outcome in told:
            if rule is not None and case is not None and case.change is None and case.path in new:
                new[case.path].append((rule.id, outcome))
        for path, found in new.items():
            self._kept.put(self._names[path], found)
        self._kept.save()
