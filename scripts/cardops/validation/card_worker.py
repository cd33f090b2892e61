"""Cards held against the rules that look at one card alone. Runs in a process that may die."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from cardops.desired.cards import read_card
from cardops.desired.sources import Overlay, Source, blob_hash
from cardops.model.desired import Card, Config
from cardops.model.errors import UnreadableFileError
from cardops.model.findings import Finding
from cardops.policy import cel
from cardops.policy.bundles import Bundle
from cardops.policy.cases import Case
from cardops.policy.evaluator import RuleEvaluator
from cardops.policy.facts import Facts, Subject, Subjects
from cardops.policy.findings import FindingReporter, rule_fault
from cardops.policy.loader import PolicySet
from cardops.policy.runner import RuleResult
from cardops.policy.variables import parameters
from cardops.validation import card_records as records
from cardops.workers.child import Do
from cardops.workers.spool import Shelf


class _Bench:
    """One set of policies, ready to judge."""

    def __init__(self, policies: PolicySet, today: str, compiled: Mapping[str, str] | None) -> None:
        rules = policies.rules.values()
        self.policies = policies
        self.judge = RuleEvaluator(rules, compiled=compiled)
        self._bundles: list[Bundle] | None = None
        self._today = today
        self._variables = {**parameters(rules, policies.enforcement), "today": today}

    def about_rules(self) -> dict[str, Any]:
        """What is wrong with the rules; where nothing is, they are given compiled, too."""
        rules = self.policies.rules.values()
        faults = [rule_fault(rule, outcome) for rule in rules for outcome in self.judge.faults(rule)]
        compiled = None if faults else self.judge.written(rules, self.policies.on_single_cards())
        return {"faults": records.told(faults), "compiled": compiled}

    def findings(self, subject: Subject) -> Iterator[Finding]:
        variables = {**self._variables, "card": subject.value}
        bound = cel.bind(variables)
        if self._bundles is None:
            self._bundles = self.judge.bundles(self.policies.on_single_cards())
        for bundle in self._bundles:
            for rule in () if bundle.is_silent(subject.value, bound) else bundle.rules:
                for outcome in self.judge.ask(rule, bound, variables):
                    case = Case("card", (rule,), partial(dict, variables), subject)
                    reporting = FindingReporter(self.policies, Facts(Subjects((subject,)), self._today))
                    yield reporting.hit(RuleResult(rule, case, outcome))[0]


class CardJudge:
    """Reads cards of a source, and holds each against every set of policies.

    `contents` is where cards' contents are put, if they are wanted; `compiled` is what a Judge of each set can use, by
    the set's digest; `lasting`: whether other runs look at the records, too.
    """

    def __init__(
        self,
        policies: Sequence[PolicySet],
        today: str,
        source: Source,
        settings: Config,
        contents: Shelf | None = None,
        compiled: Mapping[str, Mapping[str, str]] = {},
        lasting: bool = True,
    ) -> None:
        self._benches = [_Bench(some, today, compiled.get(some.digest)) for some in policies]
        self._today = today
        self._source = source
        self._settings = settings
        self._contents = contents
        self._lasting = lasting
        self._aliases = {account.id: alias for alias, account in settings.accounts.items()}

    def works_on(self, paths: Sequence[str]) -> Do:
        """Piece 0: what is to be said about the rules; the others: a card each, with the hash of what was read."""

        def do(number: int) -> Any:
            return self._card(paths[number - 1]) if number else self._rules()

        return do

    def _rules(self) -> dict[str, Any]:
        return {bench.policies.digest: bench.about_rules() for bench in self._benches}

    def _card(self, path: str) -> tuple[str, Any]:
        source, hashed = self._source, ""
        with suppress(UnreadableFileError):
            read = self._source.read(path)
            source, hashed = Overlay({path: read}), blob_hash(read)
        file = read_card(source, path, self._settings, self._today, keep=True, with_content=self._contents is not None)
        found: dict[str, tuple[Finding, ...]] = {}
        if file.card:
            subject = self._subject(file.card, path, file.file.value, file.file.place)
            found = {bench.policies.digest: tuple(bench.findings(subject)) for bench in self._benches}
        return hashed, records.write(file, found, self._contents, self._lasting)

    def _subject(self, card: Card, path: str, value: Any, place: Any) -> Subject:
        return Subject("card", str(card.key), path, value, place, self._aliases[card.key.account])
