"""Gather what a report for auditors says: each clause, card and rule, the evidence, and every exception."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cardops import __version__
from cardops.commands.declared_state import NOTHING, state_of
from cardops.commands.ledger import recorded
from cardops.desired.sources import CONFIG, Source, WorkTree
from cardops.git.repository import Repository
from cardops.model.errors import UsageError
from cardops.policy.assessment import Assessed, assess
from cardops.policy.coverage import PackCoverage, cover
from cardops.policy.enforcement import params_of
from cardops.policy.facts import Facts, Subject, Subjects
from cardops.policy.files import Folder
from cardops.policy.forms import closest_match, get_path
from cardops.policy.loader import PolicySet, load_policies
from cardops.policy.packs import Pack
from cardops.policy.rules import Rule
from cardops.strict_yaml.reader import load

DAY = re.compile(r"\d{4}-\d{2}-\d{2}").fullmatch


class Signoff(NamedTuple):
    """Who signed a card off, as the ledger has it: the newest run that says so."""

    status: str
    approved_by: tuple[str, ...]
    pull_request: str
    digest: str
    commit: str
    when: str


class PolicyReport(NamedTuple):
    """What was assessed: a tree, on a day, by the rules and packs in it.

    `uncommitted` are files that differ from `commit`. `digests` are of the bytes of cards and shares by path, and of
    rules by id. `assessed` and `signoffs` are by rule id and by card key.
    """

    tool: str
    commit: str
    on: str
    uncommitted: tuple[str, ...]
    policies: PolicySet
    packs: tuple[PackCoverage, ...]
    subjects: tuple[Subject, ...]
    assessed: Mapping[str, tuple[Assessed, ...]]
    digests: Mapping[str, str]
    rule_digests: Mapping[str, str]
    signoffs: Mapping[str, Signoff]

    def params(self, rule: Rule) -> dict[str, Any]:
        """The parameters in force."""
        return params_of(rule, self.policies.enforcement)


def make_report(
    root: Path, packs: Iterable[str], cards: Iterable[str], at: str, today: str, ledger: str
) -> PolicyReport:
    """Assess the work tree, or a revision, or what was merged by the end of a day.

    `packs` and `cards` narrow it: ids of packs, and names of cards or their paths; none means all. Raises UsageError
    for what is not there, and for a day before the first commit.
    """
    revisions = Repository(root)
    commit, on = _moment(revisions, at, today)
    source: Source = revisions.tree(commit) if at else WorkTree(root)
    policies = load_policies(revisions.tree(commit) if at else Folder(root))
    state = state_of(source, commit if at else "")
    if state is NOTHING:
        raise UsageError("The tree declares nothing that can be assessed.", "run `cardops validate` on it")
    wanted = _wanted_packs(policies, packs)
    subjects = _wanted_subjects(list(state.subjects.values()), list(cards), state.repository)
    assessed: dict[str, list[Assessed]] = {}
    for one in assess(policies, Facts(Subjects(subjects), on, None, state.repository)):
        assessed.setdefault(one.rule.id, []).append(one)
    identity = str(load(source.read(CONFIG)).value.get("repository", ""))
    return PolicyReport(
        __version__,
        commit,
        on,
        () if at else tuple(revisions.uncommitted()),
        policies,
        tuple(cover(policies, pack, on) for pack in wanted),
        tuple(subjects),
        {rule: tuple(some) for rule, some in assessed.items()},
        {one.path: hashlib.sha256(source.read(one.path)).hexdigest() for one in subjects},
        {rule.id: _digest_of(rule) for rule in policies.rules.values()},
        _signoffs(recorded(root, ledger, identity), on),
    )


def _moment(revisions: Repository, at: str, today: str) -> tuple[str, str]:
    """The commit that is assessed, and the day by which it is judged."""
    if not at:
        return revisions.head(), today
    if not DAY(at):
        commit = revisions.resolve(at)
        return commit, revisions.headers([commit])[commit].when[:10]
    merged = next((one for one in revisions.merges("", revisions.head()) if one.day <= at), None)
    if merged is None:
        raise UsageError(f"Nothing was merged by {at}.", "name a later day, or a revision")
    return merged.commit, at


def _wanted_packs(policies: PolicySet, names: Iterable[str]) -> list[Pack]:
    for name in names:
        if name not in policies.packs:
            raise UsageError(f"There is no pack {name!r}.", closest_match(name, policies.packs))
    return [policies.packs[name] for name in dict.fromkeys(names)] or [
        policies.packs[one] for one in sorted(policies.packs)
    ]


def _wanted_subjects(subjects: list[Subject], cards: list[str], repository: Mapping[str, Any]) -> list[Subject]:
    """The cards, and the shares that select one of them."""
    if not cards:
        return subjects
    chosen = []
    for name in cards:
        found = [
            one for one in subjects if one.kind == "card" and name in (one.name, one.path, f"{one.account}/{one.name}")
        ]
        if not found:
            raise UsageError(
                f"There is no card {name!r}.", closest_match(name, [one.name for one in subjects if one.card])
            )
        chosen += found
    names = {one.name for one in chosen}
    shares = [
        one
        for one in subjects
        if one.kind == "share" and names & {card.split("/")[-1] for card in repository["shares"][one.name]["cards"]}
    ]
    return [*{one.path: one for one in chosen}.values(), *shares]


def _digest_of(rule: Rule) -> str:
    """The digest of what the rule's file says of it, its tests included; spacing and comments do not count."""
    written = json.dumps(get_path(rule.file.value, rule.where), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode("utf-8", "surrogateescape")).hexdigest()


def _signoffs(records: Iterable[Mapping[str, Any]], on: str) -> dict[str, Signoff]:
    found: dict[str, Signoff] = {}
    for record in records:
        when = str(record.get("finished", ""))
        for one in record.get("signoffs", ()) if when[:10] <= on else ():
            found[f"{one['account']}/{one['region']}/{one['card']}"] = Signoff(
                str(one["status"]),
                tuple(map(str, one["approved_by"])),
                str(one["pull_request"]),
                str(one["digest"]),
                str(record.get("commit", "")),
                when,
            )
    return found
