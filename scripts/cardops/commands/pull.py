"""Pull: bring what was contributed to live cards into git, in the work tree or on a branch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cardops.audit.cloudtrail import CARD_WRITES, TrailEvent, last_write
from cardops.commands.pull_edits import PulledCard, PullOutcome, contributions, restoration
from cardops.commands.workspace import Workspace, load_head, load_workspace, write_atomically
from cardops.desired.edit_check import new_problems
from cardops.desired.history import DeclarationHistory
from cardops.desired.selectors import selected
from cardops.git.branches import commit_to
from cardops.git.repository import Repository
from cardops.model.desired import AccountRegion, Card, CardKey, Desired
from cardops.model.errors import ExitCode, UsageError, worst_exit_code
from cardops.model.findings import Finding, exit_code_for
from cardops.model.observed import Observed
from cardops.model.ports import Cloud
from cardops.observed.last_applied import LastApplied, behind, refuse_stale
from cardops.observed.reader import observe_contents
from cardops.plan.card_merge import MergeInputs

MAX_SUBJECT = 72


@dataclass(frozen=True, slots=True)
class PullResult:
    """The results of a pull. `unknown` are places that could not be read, `findings` those of the files."""

    cards: Sequence[PulledCard]
    unknown: dict[AccountRegion, str]
    findings: Sequence[Finding]

    def exit_code(self) -> ExitCode:
        """INCOMPLETE where a card conflicts, was refused or could not be read; DENIED for invalid files."""
        undone = any(one.outcome in (PullOutcome.CONFLICTING, PullOutcome.REFUSED) for one in self.cards)
        finished = ExitCode.INCOMPLETE if undone or self.unknown else ExitCode.DONE
        return worst_exit_code([finished, exit_code_for(self.findings)])


@dataclass(frozen=True, slots=True)
class PullRun:
    """One pull: from the work tree into it, or from HEAD onto `branch`."""

    workspace: Workspace
    revisions: Repository
    branch: str
    today: str

    @classmethod
    def open(cls, start: Path, branch: str, today: str) -> "PullRun":
        """Load the repository at or above `start`. Raises UsageError, GitError and InvalidConfigError."""
        if branch:
            workspace, revisions = load_head(start)
        else:
            workspace = load_workspace(start)
            revisions = Repository(workspace.root)
        return cls(workspace, revisions, branch, today)

    def pull(
        self, cloud: Cloud, names: Sequence[str], version: int | None, events: tuple[TrailEvent, ...] = ()
    ) -> PullResult:
        """Compute the edits for the named cards, all own cards without a name. Writes nothing. Raises CardopsError."""
        desired = self.workspace.desired
        cards = select_cards(desired, names)
        observed = observe_contents(cloud, cards, thorough=bool(names))
        refuse_stale(behind(self.revisions, observed, desired.config.repository, self.revisions.head()))
        found = [self._checked(one) for one in self._edits(cloud, observed, cards, version)]
        return PullResult(_with_authors(found, events), dict(observed.unknown), self.workspace.findings)

    def write(self, cards: Sequence[PulledCard], restored: bool) -> str:
        """Write the edited files, or commit them to the branch; returns the commit. Raises UsageError, GitError."""
        pulled = [one for one in cards if one.outcome is PullOutcome.PULLED]
        files = {one.card.location.path: one.text for one in pulled}
        root = self.workspace.root
        if not self.branch:
            for path, text in files.items():
                write_atomically(root / path, text)
            return ""
        if not files:
            return ""
        contents = {path: text.encode() for path, text in files.items()}
        return commit_to(root, self.branch, self.revisions.head(), contents, commit_message(pulled, restored))

    def _edits(
        self, cloud: Cloud, observed: Observed, cards: Sequence[Card], version: int | None
    ) -> Iterator[PulledCard]:
        desired, locate = self.workspace.desired, self.workspace.loaded.locate
        memory = LastApplied(DeclarationHistory(self.revisions), cloud)
        bases = memory.find(desired, observed)
        for card in cards:
            live = observed.cards.get(card.key)
            if live is None:
                if card.key.place not in observed.unknown:
                    yield PulledCard(card, PullOutcome.UNCHANGED)
                continue
            repository, commit = desired.config.repository, desired.commit
            base, unmerged = bases.get(card.key), memory.unmerged.get(card.key)
            sides = MergeInputs(card, live, base, repository, commit, self.today, locate, unmerged=unmerged)
            if version is None:
                yield contributions(sides, self._text(card))
            else:
                then = cloud.cards(card.key.place).describe(card.key.name, version)
                yield restoration(sides, then, self._text(card))

    def _text(self, card: Card) -> str:
        source = self.workspace.loaded.source
        return source.read(card.location.path).decode("utf-8") if source else ""

    def _checked(self, one: PulledCard) -> PulledCard:
        """Refuse what would lose uncommitted work, and what would not be valid."""
        path, source = one.card.location.path, self.workspace.loaded.source
        if one.outcome is not PullOutcome.PULLED or source is None:
            return one
        if not self.branch and path in self.revisions.uncommitted():
            why = f"{path} has uncommitted changes: commit them, or pull onto a --branch"
            return replace(one, outcome=PullOutcome.REFUSED, why=why, changes=())
        if problems := new_problems(source, path, one.text.encode(), self.workspace.config):
            why = f"{path} would not be valid; it was left as it is"
            return replace(one, outcome=PullOutcome.REFUSED, why=why, changes=(), findings=problems)
        return one


def select_cards(desired: Desired, names: Sequence[str]) -> list[Card]:
    """The cards that names or globs select, every card with content of its own without a name. Raises UsageError."""
    if not names:
        return [card for card in desired.cards.values() if card.origin is None]
    keys: dict[CardKey, None] = {}
    for name in names:
        found = list(selected(name, desired.cards, desired.config))
        if not found:
            raise UsageError(f"no card {name!r} is declared", "name it as its file does; globs and account/name work")
        keys |= dict.fromkeys(found)
    return [desired.cards[key] for key in keys]


def commit_message(pulled: Sequence[PulledCard], restored: bool) -> str:
    """Write a commit message that names the fields, their live version, and its author if known."""
    names = ", ".join(one.card.key.name for one in pulled)
    subject = f"Restore version {pulled[0].version} of {names}" if restored else f"Pull live contributions to {names}"
    if len(subject) > MAX_SUBJECT:
        subject = f"Pull live contributions to {len(pulled)} cards"
    parts = [subject]
    for one in pulled:
        by = f" by {one.who}" if one.who else ""
        at = f" of {one.when}" if one.when else ""
        fields = "\n".join(f"- {change.path}" for change in one.changes)
        parts.append(f"{one.card.key.name}, version {one.version}{at}{by}:\n{fields}")
    return "\n\n".join(parts) + "\n"


def _with_authors(found: list[PulledCard], events: tuple[TrailEvent, ...]) -> list[PulledCard]:
    authors = (last_write(events, one.card.key.arn, CARD_WRITES, one.when) for one in found)
    return [replace(one, who=event.who) if event else one for one, event in zip(found, authors, strict=True)]
