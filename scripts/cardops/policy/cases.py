"""Facts as cases: what each rule is asked about, and with which variables."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from cardops.policy.facts import Change, Facts, Subject, SubjectKind
from cardops.policy.model_view import view
from cardops.policy.rules import On, Rule
from cardops.policy.summary import DECLARED, PARTS, related_cards, repository_variables
from cardops.policy.vocabulary import NOTHING, Vocabulary

REPOSITORY = ""
"""What stands for the repository where the path of one file would be."""
KINDS: tuple[SubjectKind, ...] = ("card", "share")


class Case(NamedTuple):
    """`subject` and `change` say what it is about. Variables are made by `make` when they are asked for, and not
    kept: those of ten thousand changes would fill the memory.
    """

    on: On
    rules: tuple[Rule, ...]
    make: Callable[[], Mapping[str, Any]]
    subject: Subject | None = None
    change: Change | None = None

    @property
    def variables(self) -> Mapping[str, Any]:
        """Return the variables that all of its rules share."""
        return self.make()

    @property
    def path(self) -> str:
        """The file that it is about, or REPOSITORY."""
        return self.subject.path if self.subject else REPOSITORY


def cases_of(
    rules: Iterable[Rule],
    facts: Facts,
    shared: Mapping[str, Any],
    passed: Collection[str] = (),
    vocabulary: Vocabulary = NOTHING,
) -> Iterator[Case]:
    """Each card, share and change, and the repository as a whole, with the rules that are about it.

    `shared` are variables that every case has: parameters. What is at the paths `passed` is passed over.
    """
    asked: dict[On, list[Rule]] = {"card": [], "share": [], "change": [], "repository": []}
    for rule in rules:
        asked[rule.on].append(rule)
    common = {**shared, "today": facts.today}
    for kind in KINDS:
        subjects = [one for one in facts.subjects.of(kind) if one.path not in passed] if asked[kind] else []
        about = {**common, **_repository(asked[kind], facts)} if subjects else {}
        words = vocabulary if any(rule.names_model for rule in asked[kind]) else None
        for subject in subjects:
            near = repository_variables(related_cards(subject, facts.repository))
            given = {**about, **near, kind: dict(subject.value)}
            yield Case(kind, tuple(asked[kind]), partial(_with_model, given, words), subject)
    if asked["change"] and facts.changes:
        about = {**common, **_repository(asked["change"], facts)}
        words = vocabulary if any(rule.names_model for rule in asked["change"]) else None
        for change in facts.changes:
            yield Case(
                "change", tuple(asked["change"]), partial(_of_change, about, change, words), change.subject, change
            )
    if asked["repository"] and REPOSITORY not in passed:
        variables = {**common, **_repository(asked["repository"], facts)}
        yield Case("repository", tuple(asked["repository"]), partial(dict, variables))


def _repository(rules: Iterable[Rule], facts: Facts) -> dict[str, Any]:
    """The parts of the summary that some rules may name: to make those of all cards and shares takes long."""
    named = [part for part in PARTS if part not in DECLARED or any(rule.names(part) for rule in rules)]
    return repository_variables({part: facts.repository[part] for part in named if part in facts.repository})


def _of_change(about: Mapping[str, Any], change: Change, vocabulary: Vocabulary | None) -> Mapping[str, Any]:
    return _with_model({**about, **change.as_variables()}, vocabulary)


def _with_model(given: Mapping[str, Any], vocabulary: Vocabulary | None) -> Mapping[str, Any]:
    """Variables with `model`, where some rule names it."""
    return dict(given) if vocabulary is None else {**given, "model": view(given["card"], given["today"], vocabulary)}
