"""Find the last-applied declaration of a card, in the commit that its tags name."""

from collections.abc import Mapping

from cardops.desired.history import DeclarationHistory
from cardops.git.repository import Repository
from cardops.merge.three_way import merge
from cardops.model import canonical
from cardops.model.desired import APPLYING, COMMIT, DIGEST, VERSION, Card, CardKey, Desired
from cardops.model.errors import CloudError, NotFoundError, StaleRunError
from cardops.model.findings import Finding, Location
from cardops.model.observed import Observed, ObservedCard
from cardops.model.ports import Cloud
from cardops.model.provenance import is_managed
from cardops.observed.reader import commits


class LastApplied:
    """Finds last-applied declarations in git's history.

    `unmerged` are contents as they would be live if a write of ours had not been interrupted before it could
    merge back what somebody else had written just before it.
    """

    def __init__(self, declarations: DeclarationHistory, cloud: Cloud) -> None:
        self.unmerged: dict[CardKey, bytes] = {}
        self.declarations = declarations
        self.cloud = cloud

    def find(self, desired: Desired, observed: Observed) -> dict[CardKey, Card]:
        """The base of every declared card that was read in full; none where git no longer has it."""
        bases = {}
        for key, live in observed.cards.items():
            card = desired.cards.get(key)
            if card is None or live.content is None or not is_managed(live.tags, desired.config.repository):
                continue
            if (base := self._base(card, live)) is not None:
                bases[key] = base
        return bases

    def renamed(self, desired: Desired, observed: Observed) -> dict[CardKey, CardKey]:
        """Live cards of ours that git declares no more, and whose file declares a card that is not live."""
        by_path = {card.location.path: key for key, card in desired.cards.items()}
        found = {}
        for key, live in observed.cards.items():
            if key in desired.cards or not is_managed(live.tags, desired.config.repository):
                continue
            was = self._cards_of(live.tags.get(COMMIT, "")).get(key)
            now = by_path.get(was.location.path) if was else None
            if now is not None and now not in observed.cards and not self._lives_elsewhere(now, observed):
                found[key] = now
        return found

    def _lives_elsewhere(self, key: CardKey, observed: Observed) -> bool:
        """Tell whether a card of an unread partition exists: only then is the old one removed."""
        if not observed.in_other_partition(key.place):
            return False
        try:
            self.cloud.cards(key.place).describe(key.name)
        except CloudError:
            return False
        return True

    def _base(self, card: Card, live: ObservedCard) -> Card | None:
        applied = self._declared(card, live.tags.get(COMMIT, ""))
        interrupted, written = self._interrupted(live)
        if card.origin is not None:
            return self._copied(card, live, written)
        if interrupted:
            if written is not None and (whole := self._merged_back(live, written)) != live.content:
                self.unmerged[card.key] = whole
            sent = self._declared(card, interrupted)
            return _with_tags_of(applied, sent, live) if sent and applied else sent
        if applied is not None and applied.digest == live.tags.get(DIGEST):
            return applied
        return card if card.digest == live.tags.get(DIGEST) else None

    def _copied(self, card: Card, live: ObservedCard, written: ObservedCard | None) -> Card | None:
        """A hub copy as cardops last wrote it: its content was never in git, but its versions are all there."""
        left = live.tags.get(VERSION, "")
        if written is None and not left.isdecimal():
            return None
        try:
            last = written or self._version(live, int(left))
        except CloudError:
            return None
        if last.flaw:
            return None
        declared = self._declared(card, live.tags.get(COMMIT, "")) or card
        return declared._replace(text=last.content or b"{}")

    def _version(self, live: ObservedCard, version: int) -> ObservedCard:
        return live if version == live.version else self.cloud.cards(live.key.place).describe(live.key.name, version)

    def _interrupted(self, live: ObservedCard) -> tuple[str, ObservedCard | None]:
        """Find the commit and content of our own write that took effect but left no tags.

        It is newer than the version that it was announced over: somebody may have written the same words before.
        """
        commit, digest, over = (*live.tags.get(APPLYING, "").split("/"), "", "")[:3]
        left = live.tags.get(VERSION, "")
        if not digest or not left.isdecimal():
            return "", None
        oldest = max(int(left), int(over) if over.isdecimal() else 0) + 1
        for version in range(oldest, live.version + 1):
            try:
                seen = self._version(live, version)
            except NotFoundError:
                continue
            if canonical.digest(seen.content or b"") == digest:
                return commit, seen
        return "", None

    def _merged_back(self, live: ObservedCard, written: ObservedCard) -> bytes:
        """The live content with what the last version before our write had; in doubt theirs stays.

        What the write's plan had seen is in it already, and merging it again changes nothing.
        """
        left = int(live.tags[VERSION])
        if written.version <= left + 1:
            return live.content or b"{}"
        seen = [self._version(live, version) for version in (left, written.version - 1)]
        if any(one.flaw for one in seen):
            return live.content or b"{}"
        contents = (one.content for one in seen)
        base, theirs = (canonical.from_bytes(content or b"{}") for content in contents)
        ours, now = (canonical.from_bytes(card.content or b"{}") for card in (written, live))
        return canonical.to_bytes(merge(ours, now, merge(base, theirs, ours).content).content)

    def _declared(self, card: Card, commit: str) -> Card | None:
        if not self._known(commit):
            return None
        return self.declarations.card(commit, card.key, card.location.path)

    def _cards_of(self, commit: str) -> Mapping[CardKey, Card]:
        desired = self.declarations.loaded(commit).desired if self._known(commit) else None
        return desired.cards if desired else {}

    def _known(self, commit: str) -> bool:
        return bool(commit) and self.declarations.revisions.knows(commit)


def _with_tags_of(applied: Card, sent: Card, live: ObservedCard) -> Card:
    """The write that was interrupted left no tags, so those of the declaration before it may still be there."""
    left = {key: value for key, value in applied.tags.items() if live.tags.get(key) == value}
    return sent._replace(tags=left | dict(sent.tags))


def last_applied(revisions: Repository, observed: Observed, repository: str, tip: str) -> str:
    """The newest commit that AWS carries and `tip` contains, or nothing."""
    return revisions.newest({commit for commit, _ in commits(observed, repository) if commit}, tip)


def behind(revisions: Repository, observed: Observed, repository: str, tip: str) -> list[Finding]:
    """Commits that AWS carries and `tip` does not contain: a stale run, or two repositories."""
    findings = []
    for commit, carriers in commits(observed, repository):
        if not commit or (revisions.knows(commit) and revisions.contains(commit, tip)):
            continue
        first, more = min(carriers), f" and {len(carriers) - 1} more" if len(carriers) > 1 else ""
        findings.append(
            Finding(
                "run/behind",
                Location("cardops.yaml"),
                f"AWS carries commit {commit[:12]} (on {first}{more}) and HEAD lacks it",
                "fetch and merge the newest main; after a rewritten history pass --rewritten-history",
                level="warn",
            )
        )
    return findings


def refuse_stale(found: list[Finding]) -> None:
    """Raises StaleRunError for the first finding of `behind`."""
    for finding in found:
        raise StaleRunError(finding.message, finding.hint)
