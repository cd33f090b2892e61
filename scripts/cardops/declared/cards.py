"""One card's file as a card, or as findings and a key."""

from typing import Any, NamedTuple

from cardops.declared import content, expiry, parse, references
from cardops.declared.files import DeclaredFile, read_file
from cardops.declared.source import Source
from cardops.model import Card, CardKey, Config

KEY_PARTS = frozenset({"name", "account", "region"})


class CardFile(NamedTuple):
    """`key` is None where it cannot be told; `card` is None where the file does not give one."""

    file: DeclaredFile
    key: CardKey | None = None
    card: Card | None = None


def read_card(source: Source, path: str, settings: Config | None, today: str = "", keep: bool = False) -> CardFile:
    """Read, check and parse one card's file; with `today` (YYYY-MM-DD, UTC) also what that day has ended.

    `keep` its value, too.
    """
    file = read_file(source, path, "card")
    key = _key(file, settings)
    name = str(key) if key else ""
    file.report(file.problems, card=name)
    if not file.valid:
        return CardFile(file, key)
    card = _card(file, key, name, settings)
    if today and not file.findings:
        file.report(expiry.check_ignores(file.value, today), card=name)
    if not keep:
        file.drop_value()
    return CardFile(file, key, card)


def _card(file: DeclaredFile, key: CardKey | None, name: str, settings: Config | None) -> Card | None:
    value: dict[str, Any] = file.value
    if settings:
        file.report(references.check_accounts(value, settings), card=name)
    file.report(content.check_tags(value.get("tags", {})), card=name)
    for index in range(len(value.get("ignore", ()))):
        file.report(content.check_date(value, "ignore", index, "expires"), card=name)
    file.report(content.check_evaluations(value.get("content", {})), "warn", name)
    card = parse.card(value, key or CardKey("", "", value["name"]), file.location)
    file.report(content.check_content(card.content), card=name)
    return card if key else None


def _key(file: DeclaredFile, settings: Config | None) -> CardKey | None:
    """The key, where the parts that make it are sound, whatever else is wrong."""
    value = file.value
    if settings is None or not isinstance(value, dict) or "name" not in value:
        return None
    if any(problem.path and problem.path[0] in KEY_PARTS for problem in file.problems):
        return None
    return parse.card_key(value, settings)
