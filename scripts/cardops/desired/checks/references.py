"""Check references between files: unknown or duplicate accounts, cards and access levels."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cardops.desired.documents import DeclaredFile
from cardops.desired.problems import Path, Problem
from cardops.desired.read_only import check_account
from cardops.desired.selectors import is_glob, selected
from cardops.model.desired import LOCKED_STATUSES, CardKey, Config
from cardops.model.findings import Finding
from cardops.model.partitions import partition_of
from cardops.model.permissions import may_write

KMS_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):kms:(?P<region>[a-z0-9-]+):")
SUPPORTED_PARTITION = "aws"
UNKNOWN_CARD = "reference/unknown-card"
MOST_GUESSED = 50
"""Unknown cards of a share for which a similar name is looked for: among 10,000 cards that takes a moment each."""


def check_config(value: dict[str, Any]) -> Iterator[Problem]:
    """The home account, and ids that two accounts claim."""
    accounts = value["accounts"]
    if value["home"] not in accounts:
        yield _unknown("account", value["home"], accounts, ("home",), "reference/unknown-account")
    yield from _partition(value["region"], ("region",))
    first: dict[str, str] = {}
    for alias, entry in accounts.items():
        other = first.setdefault(entry["id"], alias)
        if other != alias:
            message = f"the accounts '{other}' and '{alias}' have the same id"
            yield Problem(("accounts", alias, "id"), message, "reference/duplicate-account", "keep one of them")


def check_means(config: Config) -> Iterator[Problem]:
    """Means of read-only that contradict each other or the account that declares them."""
    for alias, account in config.accounts.items():
        for key, message, hint in check_account(alias, account, config.facts.customer_permissions):
            yield Problem(("accounts", alias, key), message, "read-only/contradiction", hint)


def check_accounts(value: dict[str, Any], config: Config) -> Iterator[Problem]:
    """The accounts that a card names."""
    rule = "reference/unknown-account"
    if "account" in value and value["account"] not in config.accounts:
        yield _unknown("account", value["account"], config.accounts, ("account",), rule)
    yield from _partition(value.get("region", ""), ("region",))
    key = KMS_ARN.match(value.get("kms_key_id", ""))
    region = value.get("region", config.region)
    if key and (key["partition"], key["region"]) != (partition_of(region), region):
        there, here = f"{key['partition']}/{key['region']}", f"{partition_of(region)}/{region}"
        message = f"the key is in {there}, and the card in {here}"
        yield Problem(("kms_key_id",), message, "reference/partition", "name a key of the card's Region")
    origin = value.get("aggregate_from", {}).get("account")
    if origin is not None and origin not in config.accounts:
        yield _unknown("account", origin, config.accounts, ("aggregate_from", "account"), rule)


def check_grants(value: dict[str, Any], config: Config) -> Iterator[Problem]:
    """Principals and access levels of a share."""
    for index, grant in enumerate(value["grants"]):
        at: Path = ("grants", index)
        to, access = grant["to"], grant["access"]
        if not to.startswith("arn:") and to not in config.accounts:
            yield _unknown_principal(to, config, (*at, "to"))
        partition = to.split(":")[1] if to.startswith("arn:") else partition_of(config.region)
        if partition != partition_of(config.region):
            message = f"the principal is in the partition {partition}, and the cards in {partition_of(config.region)}"
            yield Problem((*at, "to"), message, "reference/partition", "RAM shares nothing between partitions")
        if access not in config.access:
            yield _unknown("access level", access, config.access, (*at, "access"), "reference/unknown-access")
        elif may_write(config.access[access].actions):
            for position, status in enumerate(grant["while"]):
                if status in LOCKED_STATUSES:
                    message = f"access '{access}' can write, and a card that is {status} must not change"
                    hint = f"remove {status} from while, or grant a level that only reads"
                    yield Problem((*at, "while", position), message, "access/write-while-locked", hint)


def check_cards(
    value: dict[str, Any], config: Config, keys: Sequence[CardKey], hidden: frozenset[str]
) -> Iterator[Problem]:
    """Cards that a share names. `hidden` are names that may be in files whose key is not known."""
    unknown = 0
    for index, reference in enumerate(value["cards"]):
        if is_glob(reference):
            continue
        at: Path = ("cards", index)
        found = list(selected(reference, keys, config))
        account, _, name = reference.rpartition("/")
        if account and account not in config.accounts:
            yield _unknown("account", account, config.accounts, at, "reference/unknown-account")
        elif not found and name not in hidden:
            unknown += 1
            if unknown > MOST_GUESSED:
                yield Problem(at, f"unknown card '{reference}'", UNKNOWN_CARD, "check the name, or remove it")
            else:
                yield _unknown_card(reference, name, config, keys, at)
        elif len({key.account for key in found}) > 1:
            message = f"several accounts have a card '{name}'"
            yield Problem(at, message, "reference/ambiguous-card", "write account/name, or */name for all")


def check_owners(value: dict[str, Any], config: Config, keys: Sequence[CardKey]) -> Iterator[Problem]:
    """Accounts that a share would give their own cards, where it gives them no others."""
    owners = {key.account for reference in value["cards"] for key in selected(reference, keys, config)}
    for index, grant in enumerate(value["grants"]):
        account = config.accounts.get(grant["to"])
        if account and owners == {account.id}:
            message = f"'{grant['to']}' owns every card of this share"
            yield Problem(("grants", index, "to"), message, "reference/own-account", "remove the grant")


def unmatched_globs(value: dict[str, Any], config: Config, keys: Sequence[CardKey]) -> Iterator[Problem]:
    """Globs that select nothing: allowed, since the card may come later."""
    for index, reference in enumerate(value["cards"]):
        if is_glob(reference) and not any(selected(reference, keys, config)):
            yield Problem(("cards", index), "no card matches", "reference/no-match", "check the name, or remove it")


def duplicates(
    files: Iterable[tuple[DeclaredFile, str]], rule: str, what: str
) -> Iterator[tuple[DeclaredFile, Finding]]:
    """For each file whose identity another file has too, a finding that names the other place."""
    by_identity: dict[str, list[DeclaredFile]] = {}
    for file, identity in files:
        by_identity.setdefault(identity, []).append(file)
    for same in by_identity.values():
        for file in same if len(same) > 1 else ():
            other = next(one for one in same if one is not file).place(("name",))
            finding = Finding(
                rule, file.place(("name",)), f"this {what} is also declared at {other}", "keep one of them"
            )
            yield file, finding


def _partition(region: str, at: Path) -> Iterator[Problem]:
    if (partition := partition_of(region)) != SUPPORTED_PARTITION:
        message = f"the Region {region} is in the partition {partition}, which cardops does not support yet"
        yield Problem(at, message, "reference/partition", f"use a Region of the partition {SUPPORTED_PARTITION}")


def _unknown(what: str, name: str, known: Iterable[str], at: Path, rule: str) -> Problem:
    from difflib import get_close_matches

    names = sorted(known)
    close = get_close_matches(name, names, 1)
    listed = f"known: {', '.join(names[:10])}{', …' if len(names) > 10 else ''}" if names else "there are none"
    return Problem(at, f"unknown {what} '{name}'", rule, f"did you mean '{close[0]}'?" if close else listed)


def _unknown_card(reference: str, name: str, config: Config, keys: Sequence[CardKey], at: Path) -> Problem:
    owners = {key.account for key in keys if key.name == name}
    elsewhere = [f"{alias}/{name}" for alias, account in config.accounts.items() if account.id in owners]
    if elsewhere:
        return Problem(at, f"unknown card '{reference}'", UNKNOWN_CARD, f"did you mean '{elsewhere[0]}'?")
    return _unknown("card", reference, {key.name for key in keys}, at, UNKNOWN_CARD)


def _unknown_principal(to: str, config: Config, at: Path) -> Problem:
    alias = next((account.alias for account in config.accounts.values() if account.id == to), "")
    problem = _unknown("account", to, config.accounts, at, "reference/unknown-account")
    if alias:
        return Problem(at, "an account is named, not numbered", problem.rule, f"write {alias}")
    return problem
