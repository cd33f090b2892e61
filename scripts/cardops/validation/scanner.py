"""Cards read, checked and judged in one go, by several processes, and only where that was not done before.

Each process holds one card at a time, and takes more when it has done its own. What it finds comes back as a record,
in the order of the paths whoever was first. Where a rule ends a process nothing of this counts: cards are then read
one by one, and rules are asked in the way that names the culprit.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from cardops.cache.fingerprint import card_fingerprint, open_result_cache
from cardops.cache.store import Cache
from cardops.desired.cards import read_card
from cardops.desired.loader import CardFiles
from cardops.desired.schema import validator as schema
from cardops.desired.sources import Committed, Hashed, Source, WorkTree, WorktreeBacked, blob_hash
from cardops.model.desired import Config
from cardops.model.errors import UnreadableFileError
from cardops.model.findings import EvaluatedCards
from cardops.policy.loader import PolicySet
from cardops.validation import card_records as records
from cardops.validation import rule_cache as compiled
from cardops.validation.card_labels import Labelled
from cardops.validation.card_records import Recorded
from cardops.validation.rule_cache import Rules
from cardops.workers.child import Child, ChildDied, Do, processors
from cardops.workers.queue import Portions
from cardops.workers.spool import Shelf

if TYPE_CHECKING:
    from cardops.git.objects import Objects

SMALL = 128
"""Another process is worth its start from so many cards on."""
SECONDS = 10.0
"""CPU time for one card; whatever takes longer is looked at again, by those who can say why."""


class ScanResult:
    """Records by path, and what is to be said about the `rules` by the digest of the policies; `new` are records to
    keep, by name.
    """

    def __init__(self, rules: Rules | None = None) -> None:
        self.read: dict[str, Recorded | Labelled] = {}
        self.rules = rules
        self.new: dict[str, Any] = {}

    def add(self, one: Recorded, record: Any) -> None:
        """A card's, and what to keep of it where its file could be read."""
        self.read[one.path] = one
        if one.hash:
            self.new[f"{one.hash} {one.path}"] = record


class Scanner:
    """A way to read cards; `today`: the day that is judged by. Unless `cached`, nothing is taken from earlier runs.

    With `contents` cards have their content, as plans need it, and its digest. No cache keeps a content: that of a
    card which an earlier run has looked at is read when it is asked for.
    """

    def __init__(self, policies: Sequence[PolicySet], today: str, cached: bool = True, contents: bool = False) -> None:
        self.policies = policies
        self.today = today
        self.cached = cached
        self.contents = contents
        self._caches: dict[tuple[str, ...], Cache | None] = {}
        self._known: dict[Cache, dict[str, Recorded | Labelled]] = {}

    def __call__(self, source: Source, paths: Sequence[str], settings: Config | None) -> CardFiles:
        """See ReadCards."""
        results = self._results(source, paths, settings) if settings else None
        if results is None or settings is None:
            return CardFiles([read_card(source, path, settings, self.today, True) for path in paths])
        read = [results.read[path] for path in paths]
        judged = {}
        for policies in self.policies:
            rules = (results.rules or {})[policies.digest]
            told = ((one.path, one.found.get(policies.digest)) for one in read if one.found)
            found = {path: records.findings(some) for path, some in told if some}
            asked = frozenset(rule.id for rule in policies.on_single_cards())
            judged[policies.digest] = EvaluatedCards(asked, records.findings(rules["faults"]), found, rules["compiled"])
        return CardFiles(read, judged, self._cache(source, settings, "shares"), self.cached or not self.contents)

    def _results(self, source: Source, paths: Sequence[str], settings: Config) -> ScanResult | None:
        """None where a process was ended, and where a few cards are not worth one."""
        cache = self._cache(source, settings, "planned" if self.contents else "cards")
        if cache is None:
            return self._scan(source, paths, settings) if len(paths) > SMALL else None
        rules = self._kept(source, "rules", *(policies.digest for policies in self.policies))
        known = _hashes(source) if len(paths) > SMALL else {}
        hashes = {path: known[path] if path in known else _hash(source, path) for path in paths}
        summaries = self._cache(source, settings, "summaries") or cache
        earlier = ScanResult(compiled.kept(rules) if rules else None)
        earlier.read = self._found(cache, summaries, source, hashes, paths)
        missing = [path for path in paths if path not in earlier.read]
        if not missing and earlier.rules:
            return earlier
        new = self._scan(source, missing, settings, earlier.rules)
        if new is None:
            return None
        if rules and new.rules and new.rules is not earlier.rules:
            compiled.keep(new.rules, rules)
        for name, result in new.new.items():
            records.keep(name, result, cache, summaries)
        cache.save()
        summaries.save()
        new.read |= earlier.read
        return new

    def _found(
        self, cache: Cache, summaries: Cache, source: Source, hashes: Mapping[str, str], paths: Sequence[str]
    ) -> dict[str, Recorded | Labelled]:
        """What the cache holds, made once for sources one after the other that have the same file; what is no record is
        left out.
        """
        known = self._known.setdefault(cache, {})
        found = {path: one for path in paths if (one := known.get(path)) and one.hash == hashes[path]}
        new = [path for path in paths if path not in found and hashes[path]] if len(found) < len(paths) else []
        texts = cache.texts([f"{hashes[path]} {path}" for path in new])
        for path, text in zip(new, texts, strict=True):
            try:
                if text:
                    found[path] = records.remembered(source, path, hashes[path], text, summaries)
            except (TypeError, ValueError, AttributeError, KeyError, RecursionError):
                continue
        known |= found
        return found

    def _cache(self, source: Source, settings: Config, kind: str) -> Cache | None:
        return self._kept(source, kind, card_fingerprint(self.policies, settings, self.today))

    def _kept(self, source: Source, *key: str) -> Cache | None:
        """What earlier runs kept under a kind and what decides about it; opened once for all sources."""
        if not self.cached or not isinstance(source, WorkTree | Committed):
            return None
        if key not in self._caches:
            self._caches[key] = open_result_cache(source.root, *key)
        return self._caches[key]

    def _scan(
        self, source: Source, paths: Sequence[str], settings: Config, rules: Rules | None = None
    ) -> ScanResult | None:
        """Those of `paths`, and what is to be said about the rules where it is not known already."""
        many = len(paths) > SMALL
        if isinstance(source, Committed) and not many:
            source.fetch(paths)
        processes = max(1, min(processors(), len(paths) // SMALL))

        import cardops.validation.card_worker  # noqa: F401 - now, and not once in each child

        schema.preload()
        prepare = partial(self._prepare, source, paths, settings, rules)
        results = ScanResult(rules)
        begin = 1 if rules else 0
        with ExitStack() as stack:
            numbers = stack.enter_context(Portions(range(begin, len(paths) + 1)))
            children = []
            for _ in range(processes):
                reader = source.reader() if isinstance(source, Committed) and many else None
                stack.callback(reader.close if reader else int)
                shelf = Shelf() if self.contents else None
                child = stack.enter_context(Child(partial(prepare, reader, shelf), numbers, SECONDS))
                children.append((child, shelf))
            for event, shelf in ((event, shelf) for child, shelf in children for event in child.results()):
                if isinstance(event, ChildDied):
                    return None
                if event.number:
                    path, (hashed, found) = paths[event.number - 1], event.found
                    results.add(Recorded(source, path, hashed, found, shelf), found)
                else:
                    results.rules = event.found
        return results

    def _prepare(
        self,
        source: Source,
        paths: Sequence[str],
        settings: Config,
        rules: Rules | None,
        reader: "Objects | None",
        shelf: Shelf | None,
    ) -> Do:
        """The work of a child, made there."""
        from cardops.validation.card_worker import CardJudge

        files = source
        if isinstance(source, Committed) and reader:
            source.read_by(reader)
            files = WorktreeBacked(source, WorkTree(source.root))
        ready = {digest: known["compiled"] for digest, known in (rules or {}).items()}
        return CardJudge(self.policies, self.today, files, settings, shelf, ready, self.cached).works_on(paths)


def _hashes(source: Source) -> Mapping[str, str]:
    """What git knows already."""
    if isinstance(source, Hashed) and source.hashes:
        return source.hashes
    if not isinstance(source, WorkTree):
        return {}
    from cardops.git.index import unchanged

    return unchanged(source.root, "cards")


def _hash(source: Source, path: str) -> str:
    try:
        return blob_hash(source.read(path))
    except (UnreadableFileError, FileNotFoundError):
        return ""
