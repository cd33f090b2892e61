"""Facts as cases: what each rule is asked about, and with which variables."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cardops.policy.facts import Change, Facts, Subject
from cardops.policy.rules import On, Rule
from cardops.policy.summary import neighbours
from cardops.policy.variables import repository_variables


class Case(NamedTuple):
    """`variables` are bound for all of its `rules` at once; `subject` and `change` say what it is about."""

    on: On
    rules: tuple[Rule, ...]
    variables: Mapping[str, Any]
    subject: Subject | None = None
    change: Change | None = None


def cases_of(rules: Iterable[Rule], facts: Facts, shared: Mapping[str, Any]) -> Iterator[Case]:
    """Each card, share and change, and the repository as a whole, with the rules that are about it.

    `shared` are variables that every case has: parameters.
    """
    by_subject: dict[On, list[Rule]] = {"card": [], "share": [], "change": [], "repository": []}
    for rule in rules:
        by_subject[rule.on].append(rule)
    common = {**shared, "today": facts.today, **repository_variables(facts.repository)}
    asked: dict[On, tuple[Rule, ...]] = {on: tuple(found) for on, found in by_subject.items()}
    for subject in facts.subjects:
        if asked[subject.kind]:
            near = repository_variables(neighbours(subject, facts.repository))
            yield Case(
                subject.kind, asked[subject.kind], {**common, **near, subject.kind: dict(subject.value)}, subject
            )
    for change in facts.changes or ():
        if asked["change"]:
            yield Case("change", asked["change"], {**common, **_of_change(change)}, change.subject, change)
    if asked["repository"]:
        yield Case("repository", asked["repository"], common)


def _of_change(change: Change) -> dict[str, Any]:
    """`card` or `share` is null for what was removed, and where the change is about the other kind."""
    now = None if change.kind == "removed" else dict(change.subject.value)
    card, share = (now, None) if change.subject.kind == "card" else (None, now)
    return {"card": card, "share": share, "before": change.before, "change": change.as_data()}
