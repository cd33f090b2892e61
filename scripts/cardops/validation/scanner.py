"""Read, validate and evaluate many cards in parallel, with the cache.

Each process holds one card at a time. Its result comes back as a record. If a rule ends a process, nothing of the scan
counts: cards are then read one by one, and rules are evaluated in the way that names the culprit.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from cardops.cache.fingerprint import open_result_cache
from cardops.cache.store import Cache, key_of
from cardops.desired.cards import read_card
from cardops.desired.loader import CardFiles
from cardops.desired.schema import validator as schema
from cardops.desired.sources import Committed, Hashed, Source, WorkTree, WorktreeBacked, blob_hash
from cardops.git.index import unchanged
from cardops.git.objects import Objects
from cardops.model.desired import Config
from cardops.model.errors import UnreadableFileError
from cardops.model.findings import EvaluatedCards
from cardops.policy.loader import PolicySet
from cardops.validation import card_records as records
from cardops.validation.card_records import Record, RecordedCard
from cardops.workers.child import Child, ChildDied, Do, processors

CARDS_PER_PROCESS = 128
"""Minimum number of cards for another worker process."""
SECONDS = 10.0
"""CPU time for one card. Whatever takes longer is evaluated again rule by rule, to name the culprit."""
FAULTS = "faults"

Faults = Mapping[str, list[Record]]
"""Findings about the rules' expressions, as JSON by the digest of the policies."""


class ScanResult:
    """Cards by path, and the `faults` of rules where they are known."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.cards: dict[str, RecordedCard] = {}
        self.faults = faults
        self.records: dict[str, Record] = {}
        """Records to keep, by their name in the cache."""

    def add(self, source: Source, path: str, hashed: str, record: Record) -> None:
        """Add a card. Its record is kept only if its file could be read."""
        self.cards[path] = RecordedCard(source, path, hashed, record)
        if hashed:
            self.records[f"{hashed} {path}"] = record


class Scanner:
    """Reads cards for `load_repository`. `today` is the day of the evaluation, as YYYY-MM-DD in UTC.

    Unless `cached`, no result of an earlier run is used. With `contents` the cards' digests are computed, as plans need
    them. A card's content is read again from its file whenever it is asked for.
    """

    def __init__(self, policies: Sequence[PolicySet], today: str, cached: bool = True, contents: bool = False) -> None:
        self.policies = policies
        self.today = today
        self.cached = cached
        self.contents = contents
        self._caches: dict[tuple[str, ...], Cache | None] = {}
        self._known: dict[Cache, dict[str, RecordedCard]] = {}

    def __call__(self, source: Source, paths: Sequence[str], settings: Config | None) -> CardFiles:
        """See ReadCards."""
        results = self._results(source, paths, settings) if settings else None
        if results is None or settings is None:
            return CardFiles([read_card(source, path, settings, self.today, True) for path in paths])
        read = [results.cards[path] for path in paths]
        evaluated = {}
        for policies in self.policies:
            reported = ((one.path, one.found.get(policies.digest)) for one in read if one.found)
            found = {path: records.findings_from_json(some) for path, some in reported if some}
            asked = frozenset(rule.id for rule in policies.on_single_cards())
            faults = records.findings_from_json((results.faults or {})[policies.digest])
            evaluated[policies.digest] = EvaluatedCards(asked, faults, found)
        return CardFiles(read, evaluated, self._cache(source, settings, "shares"), True)

    def _results(self, source: Source, paths: Sequence[str], settings: Config) -> ScanResult | None:
        """Return None where a process was ended, and where a few cards are not worth one."""
        cache = self._cache(source, settings, "planned" if self.contents else "cards")
        if cache is None:
            return self._scan(source, paths, settings) if len(paths) > CARDS_PER_PROCESS else None
        rules = self._open(source, "rules", *(policies.digest for policies in self.policies))
        known = _hashes(source) if len(paths) > CARDS_PER_PROCESS else {}
        hashes = {path: known[path] if path in known else _hash(source, path) for path in paths}
        earlier = ScanResult(rules.get(FAULTS) if rules else None)
        earlier.cards = self._found(cache, source, hashes, paths)
        missing = [path for path in paths if path not in earlier.cards]
        if not missing and earlier.faults is not None:
            return earlier
        new = self._scan(source, missing, settings, earlier.faults)
        if new is None:
            return None
        if rules and earlier.faults is None:
            rules.put(FAULTS, new.faults)
            rules.save()
        for name, record in new.records.items():
            cache.put(name, record)
        cache.save()
        new.cards |= earlier.cards
        return new

    def _found(
        self, cache: Cache, source: Source, hashes: Mapping[str, str], paths: Sequence[str]
    ) -> dict[str, RecordedCard]:
        """Return the cards that the cache has, each made once for all sources that have the same file."""
        known = self._known.setdefault(cache, {})
        found = {path: one for path in paths if (one := known.get(path)) and one.hash == hashes[path]}
        new = [path for path in paths if path not in found and hashes[path]] if len(found) < len(paths) else []
        texts = cache.texts([f"{hashes[path]} {path}" for path in new])
        for path, text in zip(new, texts, strict=True):
            try:
                if text:
                    found[path] = RecordedCard(source, path, hashes[path], json.loads(text))
            except (TypeError, ValueError, AttributeError, LookupError, RecursionError):
                continue
        known |= found
        return found

    def _cache(self, source: Source, settings: Config, kind: str) -> Cache | None:
        return self._open(source, kind, card_fingerprint(self.policies, settings, self.today))

    def _open(self, source: Source, *key: str) -> Cache | None:
        """Return the results of a kind with the other parts of the key, opened once for all sources."""
        if not self.cached or not isinstance(source, WorkTree | Committed):
            return None
        if key not in self._caches:
            self._caches[key] = open_result_cache(source.root, *key)
        return self._caches[key]

    def _scan(
        self, source: Source, paths: Sequence[str], settings: Config, faults: Faults | None = None
    ) -> ScanResult | None:
        """Read and evaluate the cards of `paths`, and check the rules where their `faults` are not known.

        Returns None if a process was ended.
        """
        many = len(paths) > CARDS_PER_PROCESS
        if isinstance(source, Committed) and not many:
            source.fetch(paths)
        processes = max(1, min(processors(), len(paths) // CARDS_PER_PROCESS))

        import cardops.validation.card_worker  # noqa: F401 - once, and not in each child; a warm run does without CEL

        schema.preload()
        prepare = partial(self._prepare, source, paths, settings)
        results = ScanResult(faults)
        first = 0 if faults is None else 1
        with ExitStack() as stack:
            children = []
            for start in range(first, first + processes):
                reader = source.reader() if isinstance(source, Committed) and many else None
                stack.callback(reader.close if reader else int)
                numbers = range(start, len(paths) + 1, processes)
                children.append(stack.enter_context(Child(partial(prepare, reader), numbers, SECONDS)))
            for event in (event for child in children for event in child.results()):
                if isinstance(event, ChildDied):
                    return None
                if event.number:
                    results.add(source, paths[event.number - 1], *event.found)
                else:
                    results.faults = event.found
        return results

    def _prepare(self, source: Source, paths: Sequence[str], settings: Config, reader: Objects | None) -> Do:
        """Return the work of a child. Runs in the child."""
        files = source
        if isinstance(source, Committed) and reader:
            source.read_by(reader)
            files = WorktreeBacked(source, WorkTree(source.root))
        from cardops.validation.card_worker import CardWorker

        return CardWorker(self.policies, self.today, files, settings, self.contents).works_on(paths)


def card_fingerprint(policies: Sequence[PolicySet], settings: Config, today: str) -> str:
    """Return a digest of everything that decides about a card: the rules, the accounts, and the day."""
    accounts = {alias: account.id for alias, account in settings.accounts.items()}
    known = json.dumps([accounts, settings.home, settings.region], sort_keys=True)
    return key_of(*(some.digest for some in policies), known, today)


def _hashes(source: Source) -> Mapping[str, str]:
    """Return the blob hashes that git knows without reading files."""
    if isinstance(source, Hashed) and source.hashes:
        return source.hashes
    return unchanged(source.root, "cards") if isinstance(source, WorkTree) else {}


def _hash(source: Source, path: str) -> str:
    try:
        return blob_hash(source.read(path))
    except (UnreadableFileError, FileNotFoundError):
        return ""
