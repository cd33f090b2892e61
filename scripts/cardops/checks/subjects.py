"""What is declared, as rules see it."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from cardops.declared.load import Loaded
from cardops.declared.source import CONFIG
from cardops.findings import Finding
from cardops.matching import Catalogue, selected
from cardops.policy.evaluate import evaluate
from cardops.policy.facts import Brief, Change, Deferred, Facts, Subject
from cardops.policy.load import Policies
from cardops.policy.summary import summarize


def subjects_of(loaded: Loaded) -> tuple[Subject, ...]:
    """Cards and shares that their schema accepted. `loaded` must have kept its files."""
    desired = loaded.desired
    if desired is None:
        return ()
    aliases = {account.id: alias for alias, account in desired.config.accounts.items()}
    found = []
    for key, card in desired.cards.items():
        file = loaded.files[card.location.path]
        if file.document is None:
            value: Mapping[str, Any] = Deferred(partial(getattr, file, "value"))
            brief = Brief(card.status.value, card.owner, card.risk_rating, card.tags, bool(card.kms_key_id))
        else:
            value, brief = file.value, None
        found.append(Subject("card", str(key), file.path, value, file.place, aliases[key.account], brief))
    for share in desired.shares:
        file = loaded.files[share.location.path]
        found.append(Subject("share", share.name, share.location.path, file.value, file.place))
    return tuple(found)


def whole(subject: Subject) -> Subject:
    """With its value, read now if it was not."""
    return subject._replace(value=dict(subject.value))


def hold_against(
    policies: Policies, loaded: Loaded, today: str, changes: tuple[Change, ...] | None = None
) -> list[Finding]:
    """What the policies find in everything that is declared, and in the changes where there are any to look at."""
    desired = loaded.desired
    if desired is None:
        return list(policies.findings)
    if not policies.rules and not policies.waivers:
        return list(policies.findings)
    subjects = subjects_of(loaded)
    config: Mapping[str, Any] = loaded.files[CONFIG].value
    keys = Catalogue(desired.cards)
    cards = {
        share.name: [str(key) for name in share.cards for key in selected(name, keys, desired.config)]
        for share in desired.shares
    }
    facts = Facts(subjects, today, changes, summarize(config, subjects, cards))
    return evaluate(policies, facts, loaded.judged.get(policies.digest), loaded.kept)


def asks_for_approvers(policies: Iterable[Policies]) -> set[str]:
    """The ids of the rules on a change that look at who approved it."""
    return {
        rule.id for some in policies for rule in some.rules.values() if rule.on == "change" and rule.names("approvers")
    }
