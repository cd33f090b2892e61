"""Evaluate single-card rules in a child process."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from itertools import islice
from typing import Any

from cardops.desired.cards import read_card
from cardops.desired.documents import MORE, safe_text
from cardops.desired.sources import Overlay, Source, blob_hash
from cardops.model.desired import Card, Config
from cardops.model.errors import UnreadableFileError
from cardops.model.findings import Finding, Location
from cardops.policy import cel
from cardops.policy.bundles import Bundle
from cardops.policy.cases import Case
from cardops.policy.evaluator import RuleEvaluator
from cardops.policy.facts import Facts, Subject, Subjects
from cardops.policy.findings import FindingReporter, rule_fault
from cardops.policy.loader import PolicySet
from cardops.policy.model_view import view
from cardops.policy.runner import RuleResult
from cardops.policy.summary import parameters
from cardops.validation import card_records as records
from cardops.workers.child import Do

MAX_FINDINGS = 300
"""What rules may find in one card before they stop."""


class _PolicyEvaluator:
    """One set of policies with its rules on single cards, compiled when the first card is evaluated."""

    def __init__(self, policies: PolicySet, today: str) -> None:
        self.policies = policies
        self._evaluator = RuleEvaluator(policies.rules.values())
        self._today = today
        self._names_model = any(rule.names_model for rule in policies.on_single_cards())
        self._variables = {**parameters(policies.rules.values(), policies.enforcement), "today": today}

    @cached_property
    def _bundles(self) -> list[Bundle]:
        return self._evaluator.bundles(self.policies.on_single_cards())

    def faults(self) -> list[Finding]:
        """Return a finding for every expression of any rule that CEL refuses."""
        rules = self.policies.rules.values()
        return [rule_fault(rule, outcome) for rule in rules for outcome in self._evaluator.faults(rule)]

    def findings(self, subject: Subject) -> Iterator[Finding]:
        variables = {**self._variables, "card": subject.value}
        if self._names_model:
            variables["model"] = view(subject.value, self._today, self.policies.vocabulary)
        bound = cel.bind(variables)
        for bundle in self._bundles:
            for rule in () if bundle.passes(bound) else bundle.rules:
                for outcome in self._evaluator.evaluate(rule, bound, variables):
                    case = Case("card", (rule,), partial(dict, variables), subject)
                    reporting = FindingReporter(self.policies, Facts(Subjects((subject,)), self._today))
                    yield reporting.hit(RuleResult(rule, case, outcome))[0]


def _bounded(findings: Iterator[Finding], subject: Subject) -> Iterator[Finding]:
    """The first MAX_FINDINGS of a card; the rules after those are not evaluated, so the card is held."""
    yield from islice(findings, MAX_FINDINGS)
    if next(findings, None):
        message = f"rules find more in this card than the {MAX_FINDINGS} findings shown; no rule after them ran"
        at = Location(safe_text(subject.path))
        yield Finding(MORE, at, message, "put these right first", card=subject.card)


class CardWorker:
    """Reads cards of a source, checks them and evaluates every set of policies against each."""

    def __init__(
        self, policies: Sequence[PolicySet], today: str, source: Source, settings: Config, contents: bool = False
    ) -> None:
        self._evaluators = [_PolicyEvaluator(some, today) for some in policies]
        self._today = today
        self._source = source
        self._settings = settings
        self._contents = contents
        self._aliases = {account.id: alias for alias, account in settings.accounts.items()}

    def works_on(self, paths: Sequence[str]) -> Do:
        """Return the work by number: 0 checks the rules' expressions, each other number the card of one path.

        The result for a card is the git hash of its file, empty if it cannot be read, and its record.
        """

        def do(number: int) -> Any:
            return self._card(paths[number - 1]) if number else self._faults()

        return do

    def _faults(self) -> dict[str, Any]:
        return {one.policies.digest: records.findings_to_json(one.faults()) for one in self._evaluators}

    def _card(self, path: str) -> tuple[str, records.Record]:
        source, hashed = self._source, ""
        with suppress(UnreadableFileError):
            read = self._source.read(path)
            source, hashed = Overlay({path: read}), blob_hash(read)
        file = read_card(source, path, self._settings, self._today, keep=True, with_content=self._contents)
        found: dict[str, tuple[Finding, ...]] = {}
        if file.card:
            subject = self._subject(file.card, path, file.file.value, file.file.place)
            found = {one.policies.digest: tuple(_bounded(one.findings(subject), subject)) for one in self._evaluators}
        return hashed, records.write(file, found)

    def _subject(self, card: Card, path: str, value: Any, place: Any) -> Subject:
        return Subject("card", str(card.key), path, value, place, self._aliases[card.key.account])
