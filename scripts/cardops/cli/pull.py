"""`cardops pull`: what was written into live cards, as edits of their files."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.cli.options import find_root, format_option, load_work_tree, repository_option, write_atomically
from cardops.cli.today import today_option
from cardops.cli.trail import read_events, trail_option
from cardops.model.errors import ExitCode, UsageError, worst_exit_code
from cardops.model.findings import exit_code_for
from cardops.render import findings as findings_view
from cardops.render import pull as pulls

if TYPE_CHECKING:
    from cardops.commands.pull import PulledCard
    from cardops.desired.loader import Loaded
    from cardops.model.desired import Card, CardKey, Desired
    from cardops.model.observed import Observed
    from cardops.model.ports import Cloud


@click.command()
@click.argument("names", nargs=-1, metavar="[CARD]...")
@repository_option
@click.option("--branch", default="", metavar="NAME", help="Commit to this branch instead of editing the files here.")
@click.option("--version", type=click.IntRange(min=1), metavar="N", help="Restore this version of one card.")
@trail_option
@format_option(pulls.FORMATS)
@today_option
def command(
    names: tuple[str, ...],
    start: Path,
    branch: str,
    version: int | None,
    trail: tuple[Path, ...],
    form: str,
    today: str,
) -> int:
    """Write what was contributed through the API into the YAML: those lines and nothing else. Only reads AWS.

    CARD is a name, account/name or a glob; without one every card is looked at. Exits 3 when a card has a
    conflict, or cannot be pulled; the others are pulled all the same.

    \b
    Examples:
      cardops pull
      cardops pull customer-churn-v1 --branch pull/customer-churn-v1
      cardops pull customer-churn-v1 --version 4
    """
    if version is not None and len(names) != 1:
        raise UsageError("--version restores one card", "name the card")
    return PullRun(start, branch, today).run(names, version, trail, form)


class PullRun:
    """One pull: from the work tree into it, or from HEAD onto a branch."""

    def __init__(self, start: Path, branch: str, today: str) -> None:
        from cardops.desired.loader import load_repository
        from cardops.git.repository import Repository

        self.root = find_root(start)
        self.branch = branch
        self.today = today
        self.revisions: Repository = Repository(self.root)
        self.head = self.revisions.head()
        tree = self.revisions.tree(self.head) if branch else None
        self.loaded: Loaded = load_repository(tree, self.head) if tree else load_work_tree(self.root)

    def run(self, names: Sequence[str], version: int | None, trail: tuple[Path, ...], form: str) -> int:
        """0 when every card could be looked at and pulled; 1 for files that are not valid; else 3."""
        from cardops.aws.cloud import Boto3Cloud
        from cardops.commands.pull import PullOutcome

        desired, findings = self.loaded.desired, self.loaded.findings
        click.echo("\n".join(findings_view.lines(findings)), err=True, nl=bool(findings))
        if desired is None:
            return ExitCode.DENIED
        cards = _chosen(desired, names)
        cloud = Boto3Cloud(desired.config, "plan_role")
        observed = self._observe(desired, cloud, cards, bool(names))
        found = [self._checked(one, desired) for one in self._pull(desired, cloud, observed, cards, version)]
        found = _with_authors(found, trail)
        commit = self._write([one for one in found if one.outcome is PullOutcome.PULLED], version is not None)
        click.echo(pulls.FORMATS[form](found, self.branch, commit))
        for place, why in observed.unknown.items():
            click.echo(f"{click.style('unknown', fg='red')}: {place} could not be read: {why}", err=True)
        undone = any(one.outcome in (PullOutcome.CONFLICTING, PullOutcome.REFUSED) for one in found)
        finished = ExitCode.INCOMPLETE if undone or observed.unknown else ExitCode.DONE
        return worst_exit_code([finished, exit_code_for(findings)])

    def _observe(self, desired: "Desired", cloud: "Cloud", cards: "Sequence[Card]", thorough: bool) -> "Observed":
        from cardops.observed.last_applied import behind, refuse_stale
        from cardops.observed.reader import observe_contents

        observed = observe_contents(cloud, cards, thorough)
        refuse_stale(behind(self.revisions, observed, desired.config.repository, self.head))
        return observed

    def _pull(
        self, desired: "Desired", cloud: "Cloud", observed: "Observed", cards: "Iterable[Card]", version: int | None
    ) -> "Iterable[PulledCard]":
        from cardops.commands.pull import PulledCard, PullOutcome, contributions, restoration
        from cardops.desired.history import DeclarationHistory
        from cardops.observed.last_applied import LastApplied
        from cardops.plan.card_merge import MergeInputs

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
            sides = MergeInputs(card, live, base, repository, commit, self.today, self.loaded.locate, unmerged=unmerged)
            if version is None:
                yield contributions(sides, self._text(card))
            else:
                then = cloud.cards(card.key.place).describe(card.key.name, version)
                yield restoration(sides, then, self._text(card))

    def _text(self, card: "Card") -> str:
        source = self.loaded.source
        return source.read(card.location.path).decode("utf-8") if source else ""

    def _checked(self, one: "PulledCard", desired: "Desired") -> "PulledCard":
        """Refuses what would lose uncommitted work, and what would not be valid."""
        from cardops.commands.pull import PullOutcome
        from cardops.desired.edit_check import new_problems

        path, source = one.card.location.path, self.loaded.source
        if one.outcome is not PullOutcome.PULLED or source is None:
            return one
        if not self.branch and path in self.revisions.uncommitted():
            why = f"{path} has uncommitted changes: commit them, or pull onto a --branch"
            return replace(one, outcome=PullOutcome.REFUSED, why=why, changes=())
        if problems := new_problems(source, path, one.text.encode(), desired.config):
            why = f"{path} would not be valid; it was left as it is"
            return replace(one, outcome=PullOutcome.REFUSED, why=why, changes=(), findings=problems)
        return one

    def _write(self, pulled: "Sequence[PulledCard]", restored: bool) -> str:
        """The commit on the branch, or nothing where files were edited."""
        files = {one.card.location.path: one.text for one in pulled}
        if not self.branch:
            for path, text in files.items():
                write_atomically(self.root / path, text)
            return ""
        from cardops.git.branches import commit_to

        if not files:
            return ""
        message = pulls.commit_message(pulled, restored)
        contents = {path: text.encode() for path, text in files.items()}
        return commit_to(self.root, self.branch, self.head, contents, message)


def _chosen(desired: "Desired", names: Sequence[str]) -> "list[Card]":
    """The cards that the names select, every own card without a name. Raises UsageError for a name of none."""
    from cardops.desired.selectors import selected

    if not names:
        return [card for card in desired.cards.values() if card.origin is None]
    keys: dict[CardKey, None] = {}
    for name in names:
        found = list(selected(name, desired.cards, desired.config))
        if not found:
            raise UsageError(f"no card {name!r} is declared", "name it as its file does; globs and account/name work")
        keys |= dict.fromkeys(found)
    return [desired.cards[key] for key in keys]


def _with_authors(found: "list[PulledCard]", trail: tuple[Path, ...]) -> "list[PulledCard]":
    from cardops.audit.cloudtrail import CARD_WRITES, last_write

    events = read_events(trail)
    authors = (last_write(events, one.card.key.arn, CARD_WRITES, one.when) for one in found)
    return [replace(one, who=event.who) if event else one for one, event in zip(found, authors, strict=True)]
