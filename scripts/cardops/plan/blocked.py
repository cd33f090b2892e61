"""Blocked: raised for a card that has to wait."""

from cardops.model.desired import Card
from cardops.model.findings import Finding


class Blocked(Exception):
    """A card has to wait; the findings say why."""

    def __init__(self, *findings: Finding) -> None:
        name = findings[0].card.rpartition("/")[2]
        super().__init__(findings[0].message.removeprefix(f"{name}: "))
        self.findings = findings


def held(card: Card, rule: str, message: str, hint: str) -> Blocked:
    """A card that waits, at its file."""
    return Blocked(Finding(rule, card.location, f"{card.key.name}: {message}", hint, card=str(card.key)))
