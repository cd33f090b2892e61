"""List the cards and shares that a rule applies to, and what it finds in each."""

from pathlib import Path
from typing import NamedTuple

from cardops.desired.loader import load_repository
from cardops.desired.sources import CONFIG, WorkTree
from cardops.model.errors import UsageError
from cardops.policy.cases import cases_of
from cardops.policy.facts import Facts
from cardops.policy.loader import PolicySet
from cardops.policy.outcomes import OutcomeKind
from cardops.policy.rules import Rule
from cardops.policy.runner import evaluate_cases
from cardops.policy.summary import parameters, summarize
from cardops.validation.subjects import RuleSubjects


class Concerned(NamedTuple):
    """A card, a share or the repository, with the rule's outcome. `message` is empty unless it fails or is an error."""

    path: str
    name: str
    outcome: OutcomeKind
    message: str


def concerned(rule: Rule, policies: PolicySet, root: Path, today: str) -> list[Concerned]:
    """Evaluate one rule for everything that is declared. Waivers are left out: they change nothing about the outcome.

    Raises UsageError for a rule on changes, and if cardops.yaml cannot be used.
    """
    if rule.on == "change":
        hint = f"`cardops policy replay --rule {rule.id}` shows whom it would have hit"
        raise UsageError(f"{rule.id} looks at changes, and nothing changes here.", hint)
    loaded = load_repository(WorkTree(root), keep=True)
    if loaded.desired is None:
        raise UsageError(f"{CONFIG} cannot be used.", "run `cardops validate`")
    subjects = RuleSubjects(loaded, loaded.desired)
    summary = summarize(loaded.files[CONFIG].value, subjects, subjects.selected)
    facts = Facts(subjects, today, None, {**summary, **policies.register()})
    cases = list(cases_of([rule], facts, parameters([rule], policies.enforcement), vocabulary=policies.vocabulary))
    return [
        Concerned(
            case.subject.path if case.subject else CONFIG,
            case.subject.name if case.subject else "the repository",
            outcome.kind,
            outcome.message or (rule.title if outcome.kind == "fail" else ""),
        )
        for found, case, outcome in evaluate_cases([], cases, everything=True)
        if case is not None and found is not None
    ]
