"""The `repository` variable, and the names under which facts are bound for all rules at once."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from cardops.policy.enforcement import Enforcement, params_of
from cardops.policy.facts import CardSummary, Subject
from cardops.policy.rules import Rule

PARTS = (
    "cards",
    "shares",
    "accounts",
    "approvers",
    "home",
    "region",
    "signoff",
    "waivers",
    "overrides",
    "policy_changes",
)
DECLARED = ("cards", "shares")
"""The parts that grow with the repository."""


class Summary(Mapping[str, Any]):
    """The result of `summarize`, with cards and shares made on first access."""

    def __init__(
        self, config: Mapping[str, Any], declared: Callable[[], tuple[dict[str, Any], dict[str, Any]]]
    ) -> None:
        self._parts = _of_config(config)
        self._make = declared

    def __getitem__(self, part: str) -> Any:
        if part in DECLARED and part not in self._parts:
            self._parts |= zip(DECLARED, self._make(), strict=True)
        return self._parts[part]

    def __iter__(self) -> Iterator[str]:
        return iter(PARTS)

    def __len__(self) -> int:
        return len(PARTS)


def summarize(
    config: Mapping[str, Any], subjects: Iterable[Subject], selected: Callable[[], Mapping[str, Iterable[str]]]
) -> Summary:
    """The summary of a repository. `config` is cardops.yaml's value; `selected` gives the keys of each share's cards.

    - `cards`: by name (`account/name` where a name is not unique, `account/region/name` where that is not either):
      `{name, account, region, status, owner, risk_rating, tags, encrypted, path, shares: [names]}`
    - `shares`: by name: `{name, cards: [names in cards], grants: [{to, access, while, expires}], expires, path}`
    - `accounts`: by name: `{name, id, external, leaving, stage}`; `stage` is empty where none is declared
    - `approvers`: group → names; `home`, `region`, `signoff`: as in cardops.yaml
    - `waivers`: `[{rule, card, share, reason, approved_by, expires, path}]`, added by the evaluation

    A rule on a share sees that share and its cards only, see `neighbours`.
    """
    return Summary(config, partial(_declared, config, subjects, selected))


def _declared(
    config: Mapping[str, Any], subjects: Iterable[Subject], selected: Callable[[], Mapping[str, Iterable[str]]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    everything = list(subjects)
    chosen_keys = selected()
    cards = _cards(config, [subject for subject in everything if subject.kind == "card"])
    names = {key: name for name, (key, _) in cards.items()}
    shares = {}
    for share in (subject for subject in everything if subject.kind == "share"):
        chosen = [names[key] for key in chosen_keys.get(share.name, ()) if key in names]
        for name in chosen:
            cards[name][1]["shares"].append(share.name)
        shares[share.name] = _share(share, chosen)
    return {name: card for name, (_, card) in cards.items()}, shares


def _of_config(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "accounts": {name: _account(name, entry) for name, entry in config.get("accounts", {}).items()},
        "approvers": {group: list(names) for group, names in config.get("approvers", {}).items()},
        "home": config.get("home", ""),
        "region": config.get("region", ""),
        "signoff": config.get("signoff", "reviews"),
        "waivers": [],
        "overrides": [],
        "policy_changes": [],
    }


def related_cards(subject: Subject, repository: Mapping[str, Any]) -> dict[str, Any]:
    """Instead of all shares and cards, those that a rule on a share may name: it, and the cards that it selects.

    What a rule names is converted for each share anew. All of it would make the work grow with the square of the
    repository; a rule that compares shares is one on the repository.
    """
    share = repository.get("shares", {}).get(subject.name)
    if subject.kind == "card" or share is None:
        return {}
    cards = {name: repository["cards"][name] for name in share["cards"]}
    return {"shares": {subject.name: share}, "cards": cards}


def _cards(config: Mapping[str, Any], subjects: list[Subject]) -> dict[str, tuple[str, dict[str, Any]]]:
    """By the shortest name that tells them apart: the key and the summary."""
    named = [(subject, subject.name) for subject in subjects]
    plain = Counter(name for _, name in named)
    within = Counter((subject.account, name) for subject, name in named)
    cards = {}
    for subject, name in named:
        place = subject.key.split("/")[1] if subject.brief else subject.value.get("region")
        region = str(place or config.get("region", ""))
        shown = name
        if plain[name] > 1:
            alone = within[subject.account, name] == 1
            shown = f"{subject.account}/{name}" if alone else f"{subject.account}/{region}/{name}"
        cards[shown] = (subject.key, _card(subject, name, region))
    return cards


def _card(subject: Subject, name: str, region: str) -> dict[str, Any]:
    brief = subject.brief or _brief(subject.value)
    return {
        "name": name,
        "account": subject.account,
        "region": region,
        "status": brief.status,
        "owner": brief.owner,
        "risk_rating": brief.risk_rating,
        "tags": brief.tags,
        "encrypted": brief.encrypted,
        "path": subject.path,
        "shares": [],
    }


def _brief(value: Mapping[str, Any]) -> CardSummary:
    return CardSummary(
        value.get("status", ""),
        str(value.get("owner", "")),
        value.get("content", {}).get("intended_uses", {}).get("risk_rating", ""),
        value.get("tags", {}),
        bool(value.get("kms_key_id")),
    )


def _share(subject: Subject, cards: list[str]) -> dict[str, Any]:
    grants = [
        {"to": grant["to"], "access": grant["access"], "while": grant["while"], "expires": grant.get("expires", "")}
        for grant in subject.value.get("grants", ())
    ]
    expires = subject.value.get("expires", "")
    return {"name": subject.name, "cards": cards, "grants": grants, "expires": expires, "path": subject.path}


def _account(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "id": entry.get("id", ""),
        "external": entry.get("external", False),
        "leaving": entry.get("leaving", False),
        "stage": entry.get("stage", ""),
    }


def params_name(rule: str) -> str:
    """Return the name under which a rule's parameters are bound: one of its own, since all rules share their facts."""
    return f"{rule.replace('-', '_')}.params"


def names_of(variable: str) -> list[str]:
    """Return the names that stand for a variable.

    The repository's parts are variables of their own, since what an expression names is converted as a whole.
    """
    return [f"repository.{part}" for part in PARTS] if variable == "repository" else [variable]


def parameters(rules: Iterable[Rule], enforcement: Enforcement) -> dict[str, Any]:
    """Return the parameters in force, of the rules that name them."""
    named = (rule for rule in rules if rule.names("params"))
    return {params_name(rule.id): params_of(rule, enforcement) for rule in named}


def repository_variables(repository: Mapping[str, Any]) -> dict[str, Any]:
    """Return the repository's summary as variables, one for each part."""
    return {f"repository.{part}": repository[part] for part in PARTS if part in repository}
