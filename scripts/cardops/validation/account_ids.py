"""An account's name stands for one id, for ever: every key of a card, and every grant, has the id in it."""

from collections.abc import Iterator

from cardops.desired.loader import locate_problems
from cardops.desired.sources import CONFIG, Source
from cardops.model.desired import Config
from cardops.model.findings import Finding


def changed_ids(before: Config | None, now: Config, source: Source) -> Iterator[Finding]:
    """A finding of level deny, about no single card, for each name that meant another account before."""
    for alias, account in now.accounts.items():
        was = before.accounts.get(alias) if before else None
        if was is not None and was.id != account.id:
            yield Finding(
                "account/id-changed",
                locate_problems(source, CONFIG, ("accounts", alias, "id")),
                f"{alias} was account {was.id}, and a name never changes its account",
                f"give {account.id} a name of its own, `cardops move` the cards, and mark {alias} as leaving",
            )
