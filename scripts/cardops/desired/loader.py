"""Load all files of a source as desired state, collecting all findings."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from cardops.cache.store import Cache
from cardops.desired import parser as parse
from cardops.desired.cards import CardFile, read_card
from cardops.desired.checks import references
from cardops.desired.checks.paths import check_paths
from cardops.desired.documents import DeclaredFile, read_file, safe_text
from cardops.desired.facts import read_facts
from cardops.desired.lazy import Cards, Files
from cardops.desired.read_only import unmet_means
from cardops.desired.selectors import CardIndex
from cardops.desired.shares import ShareContext, parse_shares
from cardops.desired.sources import CONFIG, FOLDERS, Hashed, Source, is_overlooked, kind_of
from cardops.desired.uniqueness import UsableCards, select_usable
from cardops.model.desired import AwsFacts, Card, CardKey, Config, Desired
from cardops.model.errors import UnreadableFileError
from cardops.model.findings import EvaluatedCards, Finding, Location, sort_findings
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.reader import Path
from cardops.strict_yaml.reader import load as load_text

NEEDED_TO_CHECK = frozenset({"region", "home", "accounts", "access"})


class Counts(NamedTuple):
    """How many cards and shares."""

    cards: int = 0
    shares: int = 0


NONE = Counts()


class CardFiles(NamedTuple):
    """Cards' files in the order of their paths; `judged`: by the digest of the policies; `kept`: of other documents."""

    files: Sequence[CardFile]
    judged: Mapping[str, EvaluatedCards] = {}
    kept: Cache | None = None
    on_demand: bool = False
    """True if cards should be made on demand, since making one reads its file again."""


ReadCards = Callable[[Source, Sequence[str], Config | None], CardFiles]
"""Another way to read cards than one by one."""


class Loaded(NamedTuple):
    """Everything that a revision declares.

    `declared` counts the files, `considered` the cards and shares of those that can be used.
    `desired` is None only when cardops.yaml cannot be used. `broken` and `broken_shares` have files that cannot
    be parsed, so they are neither changed nor taken for removed; `unreadable` and `unreadable_shares` say
    that not even the identity of such a file is known, so nothing of that kind may be taken for removed.
    `source` is where it was read from, `sound` are the files of the cards that can be used, and `keys` theirs.
    `judged` is there where rules were asked while cards were read, `kept` where results of earlier runs may be used.
    """

    desired: Desired | None
    findings: Sequence[Finding] = ()
    considered: Counts = NONE
    declared: Counts = NONE
    broken: frozenset[CardKey] = frozenset()
    unreadable: bool = False
    broken_shares: frozenset[str] = frozenset()
    unreadable_shares: bool = False
    source: Source | None = None
    files: Files = Files()
    sound: Mapping[CardKey, CardFile] = {}
    keys: CardIndex = CardIndex()
    judged: Mapping[str, EvaluatedCards] = {}
    kept: Cache | None = None

    def locate(self, card: Card, field: str) -> Location:
        """Locate a field, named as a change names it (`content.intended_uses.risk_rating`), in the card's file.

        A field that is not there is at the deepest of its ancestors that is.
        """
        from cardops.merge.diff import steps_to

        path = card.location.path
        try:
            document = load_text(self.source.read(path)) if self.source else None
        except (UnreadableFileError, YamlError, FileNotFoundError):
            return card.location
        return Location(path, *document.place(steps_to(document.value, field))) if document else card.location


def load_repository(
    source: Source,
    commit: str = "",
    today: str = "",
    keep: bool = False,
    read_cards: ReadCards | None = None,
    kept: Cache | None = None,
) -> Loaded:
    """Everything that `source` declares. Never raises for what is in the files.

    With `today` (YYYY-MM-DD, UTC) also warnings about what ends soon. `keep`: `files` has the parsed files by
    path, for rules to be held against; ten thousand fill the memory. `read_cards` reads cards in another way.
    `kept` has what earlier runs know of the other files.
    """
    paths = [*dict.fromkeys(sorted(source.paths()))]
    findings, lost = _overlooked(source, [path for path in paths if kind_of(path) is None])
    config_file, share_files = _read_files(source, paths, kept)
    facts, wrong = read_facts(source, paths)
    findings += [*wrong, *check_paths(paths)]
    settings, usable = _config(config_file, paths, findings, facts)
    read = (read_cards or partial(_one_by_one, today=today, keep=keep))(
        source, [path for path in paths if kind_of(path) == "card"], settings
    )
    cards = select_usable(read.files, settings)
    shares = parse_shares(share_files, ShareContext(settings, cards.every, cards.nameless, today))
    findings += [*cards.findings, *(finding for file in share_files for finding in file.findings)]
    findings += unmet_means(settings, shares.good) if settings else ()
    return Loaded(
        desired=Desired(settings, _cards(read, cards), shares.good, commit) if settings and usable else None,
        findings=sort_findings(findings),
        considered=Counts(len(cards.sound), len(shares.good)),
        declared=Counts(len(read.files), len(share_files)),
        broken=cards.broken,
        unreadable=bool(cards.nameless) or "cards" in lost,
        broken_shares=shares.broken,
        unreadable_shares=shares.unreadable or "shares" in lost,
        source=source,
        files=Files(read.files, [*share_files, *([config_file] if config_file else [])]) if keep else Files(),
        sound=cards.sound,
        keys=cards.keys,
        judged=read.judged,
        kept=read.kept,
    )


def _cards(read: CardFiles, cards: UsableCards) -> Mapping[CardKey, Card]:
    return Cards(cards.sound) if read.on_demand else {key: one.card for key, one in cards.sound.items() if one.card}


def _read_files(
    source: Source, paths: Iterable[str], kept: Cache | None
) -> tuple[DeclaredFile | None, list[DeclaredFile]]:
    hashes: Mapping[str, str] = source.hashes if kept and isinstance(source, Hashed) else {}
    read: dict[str, list[DeclaredFile]] = {"config": [], "share": []}
    for path in paths:
        if (kind := kind_of(path)) in ("config", "share"):
            read[kind].append(read_file(source, path, kind, kept, hashes.get(path, "")))
    return next(iter(read["config"]), None), read["share"]


def _one_by_one(source: Source, paths: Sequence[str], settings: Config | None, today: str, keep: bool) -> CardFiles:
    return CardFiles([read_card(source, path, settings, today, keep) for path in paths])


def locate_problems(source: Source, path: str, where: Path, at_key: bool = False) -> Location:
    """Locate a value of a file. The file is read again, since only findings need places."""
    try:
        document = load_text(source.read(path))
    except (UnreadableFileError, YamlError):
        return Location(safe_text(path))
    return Location(safe_text(path), *document.place(where, "key" if at_key else "value"))


def _config(
    file: DeclaredFile | None, paths: list[str], findings: list[Finding], facts: AwsFacts
) -> tuple[Config | None, bool]:
    """The configuration as far as it allows to check the rest, and whether it can be used for more."""
    if file is None:
        hint = "rename cardops.yml to cardops.yaml" if "cardops.yml" in paths else "`cardops init` writes one"
        findings.append(Finding("file/missing", Location(CONFIG), "there is no cardops.yaml", hint))
        return None, False
    file.report(file.problems)
    settings = None
    if file.valid or _sound_enough(file):
        file.report(references.check_config(file.value))
        settings = parse.config(_checkable(file))._replace(facts=facts)
        file.report(references.check_means(settings))
    findings.extend(file.findings)
    return settings, not file.findings


def _sound_enough(file: DeclaredFile) -> bool:
    """Tell whether cards and shares can be checked against a configuration that does not fit its schema."""
    if not isinstance(file.value, dict) or not file.value.keys() | {"access"} >= NEEDED_TO_CHECK:
        return False
    return not any(problem.path[0] in NEEDED_TO_CHECK for problem in file.problems if problem.path)


def _checkable(file: DeclaredFile) -> dict[str, Any]:
    if file.valid:
        value: dict[str, Any] = file.value
        return value
    return {"repository": "", **{key: file.value[key] for key in NEEDED_TO_CHECK if key in file.value}}


def _overlooked(source: Source, paths: Iterable[str]) -> tuple[list[Finding], set[str]]:
    """Findings for what declares nothing, and the folders of which something cannot be read."""
    findings: list[Finding] = []
    lost: set[str] = set()
    for path in paths:
        if path not in FOLDERS and not is_overlooked(path):
            continue
        at = Location(safe_text(path))
        try:
            source.read(path)
        except UnreadableFileError as error:
            lost.add(path.partition("/")[0])
            findings.append(Finding("file/unreadable", at, error.message, error.hint))
        else:
            hint = "end its name with .yaml, or move it elsewhere"
            findings.append(Finding("file/ignored", at, "this file declares nothing", hint, "warn"))
    return findings, lost
