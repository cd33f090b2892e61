"""Everything that policies/ says, and what is wrong with its form."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cardops.cache.store import Cache
from cardops.model.findings import Finding, sort_findings
from cardops.policy.enforcement import NOTHING as UNCHANGED
from cardops.policy.enforcement import Enforced, level_of, read_enforcement, read_governors
from cardops.policy.files import ENFORCEMENT, VOCABULARY, PolicyFile, PolicyKind, Source, is_overlooked, kind_of, read
from cardops.policy.functions import DEFINITIONS
from cardops.policy.packs import Pack, read_packs
from cardops.policy.references import check_references, with_rules
from cardops.policy.rule_parser import read_definitions, read_rules
from cardops.policy.rules import LEVELS, Rule
from cardops.policy.vendored import check_bundles, read_lock
from cardops.policy.vocabulary import NOTHING, Vocabulary, read_vocabulary
from cardops.policy.waivers import Waiver, read_waivers

MAX_RULES = 1_000
"""Rules of one repository: each is evaluated for every card."""


class PolicySet(NamedTuple):
    """`rules`, `enforcement` and `packs` are by id. `findings` are about files in policies/, at their places; what they
    are about does not count. Those of level deny hold all widening. `digest` is that of all the files' bytes.
    """

    rules: Mapping[str, Rule] = {}
    enforcement: Mapping[str, Enforced] = {}
    waivers: tuple[Waiver, ...] = ()
    packs: Mapping[str, Pack] = {}
    findings: tuple[Finding, ...] = ()
    digest: str = ""
    vocabulary: Vocabulary = NOTHING
    governors: tuple[str, ...] = ()
    enforcement_file: PolicyFile | None = None

    def register(self) -> dict[str, Any]:
        """Every exception as rules see it: `waivers`, and `overrides` that take a rule less strictly."""
        lower = [
            one.as_data(rule.id)
            for rule in self.rules.values()
            for one in self.enforcement.get(rule.id, UNCHANGED).overrides
            if LEVELS.index(one.level) > LEVELS.index(level_of(rule, self.enforcement))
        ]
        return {"waivers": [waiver.as_data() for waiver in self.waivers], "overrides": lower}

    def on_single_cards(self) -> list[Rule]:
        """The rules that look at one card and at nothing else."""
        return [rule for rule in self.rules.values() if rule.on == "card" and not rule.names("repository")]


def load_policies(source: Source, kept: Cache | None = None) -> PolicySet:
    """The policies of a work tree (`documents.Folder`), a revision (`revisions.Tree`) or memory (`documents.Files`).

    Never raises for what is in the files. CEL is not looked at here: `evaluate` reports what is wrong with it.
    `kept` has the values of files that were found to be right in earlier runs.
    """
    paths = source.paths()
    known = kept.get if kept else lambda _: None
    files = [read(source, path, known) for path in paths if kind_of(path)]
    definitions = _definitions(_of_kind(files, "rules"))
    found = [rule for file in _of_kind(files, "rules") for rule in read_rules(file)]
    rules = _single(rule._replace(definitions=definitions) for rule in found)
    enforcement = [read_enforcement(file, rules) for file in _of_kind(files, "enforcement")]
    packs = read_packs(_of_kind(files, "pack"))
    check_references(rules.values(), packs)
    waivers = [waiver for file in _of_kind(files, "waivers") for waiver in read_waivers(file, rules)]
    vocabularies = [read_vocabulary(file) for file in _of_kind(files, "vocabulary")]
    if not vocabularies:
        _need_vocabulary(rules.values())
    locks = [read_lock(file) for file in _of_kind(files, "lock")]
    bundles = check_bundles(files, locks[0] if locks else {})
    findings = [*(finding for file in files for finding in file.findings), *bundles]
    if kept:
        _keep(kept, files)
    return PolicySet(
        rules,
        enforcement[0] if enforcement else {},
        tuple(waivers),
        with_rules(packs, rules.values()),
        tuple(sort_findings([*findings, *_overlooked(paths)])),
        hashlib.sha256(
            "".join(f"{len(file.path)} {file.path} {file.digest}\n" for file in files).encode(
                "utf-8", "surrogateescape"
            )
        ).hexdigest(),
        vocabularies[-1] if vocabularies else NOTHING,  # a bundle's comes before the repository's own
        *_governing(_of_kind(files, "enforcement")),
    )


def _governing(files: list[PolicyFile]) -> tuple[tuple[str, ...], PolicyFile | None]:
    return (read_governors(files[0]), files[0]) if files else ((), None)


def _keep(kept: Cache, files: Iterable[PolicyFile]) -> None:
    sound = [file for file in files if not file.findings]
    for file in sound:
        if file.known is None:
            kept.put(file.identity, file.value)
    kept.save()


def _of_kind(files: Iterable[PolicyFile], kind: PolicyKind) -> list[PolicyFile]:
    return [file for file in files if kind_of(file.path) == kind]


def _definitions(files: Iterable[PolicyFile]) -> dict[str, str]:
    """The named conditions of all files; the second with a name is a finding."""
    known = dict(DEFINITIONS)
    for file in files:
        for name, expression in read_definitions(file).items():
            if name in known:
                message = f"there is another definition of {name}"
                file.report("policy/duplicate-id", ("define", name), message, "give this one a name of its own", True)
            known.setdefault(name, expression)
    return known


def _single(rules: Iterable[Rule]) -> dict[str, Rule]:
    """By id; the second with an id is a finding, and so is what there is beyond MAX_RULES."""
    known: dict[str, Rule] = {}
    for rule in rules:
        if len(known) >= MAX_RULES:
            message = f"there are more than {MAX_RULES:,} rules; this one and those after it are not used"
            rule.file.report("policy/too-long", (*rule.where, "id"), message, "remove rules, or combine them")
            break
        if rule.id in known:
            first = known[rule.id].place("id")
            message = f"the id {rule.id} is used already, at {first}"
            rule.file.report("policy/duplicate-id", (*rule.where, "id"), message, "give this rule an id of its own")
        known.setdefault(rule.id, rule)
    return known


def _need_vocabulary(rules: Iterable[Rule]) -> None:
    """A rule that looks at `model` where no word is known would find nothing, and nobody would notice."""
    for rule in rules:
        if rule.names_model:
            message = f"{rule.id} looks at `model`, and there is no {VOCABULARY}"
            rule.file.report(
                "policy/no-vocabulary", (*rule.where, "id"), message, "add the vocabulary that comes with the rules"
            )


def _overlooked(paths: Iterable[str]) -> list[Finding]:
    """A rule in a file with the wrong name would not be asked, and nobody would know."""
    hint = f"rules are policies/*.yaml, beside them are packs/, waivers/ and {ENFORCEMENT}; or move it elsewhere"
    return [
        Finding("policy/ignored", PolicyFile(path).place(()), "this file holds no policy", hint)
        for path in paths
        if is_overlooked(path)
    ]
