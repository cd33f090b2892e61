"""Represent the emergency brake on a card: access that no plan gives back until its release. No I/O.

It stands in the card's tag `cardops:brake`, so every checkout and every run sees it. The value is a list of scopes
`SHARE=PRINCIPAL`, each of which may be `all`; whatever else stands there means everything.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

BRAKE = "cardops:brake"
ALL = "all"
LONGEST = 256
"""The most characters of a tag's value."""
_WORD = re.compile(r"[A-Za-z0-9_.:/+@-]+")
_ACCOUNT = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):")


class Scope(NamedTuple):
    """Access that is stopped: of one share or all of them, to one principal or all of them."""

    share: str = ALL
    principal: str = ALL

    def covers(self, share: str, principal: str) -> bool:
        """Tell whether access through a share to a principal is stopped.

        An account stands for its roles too; an organization or a unit of one may reach every account.
        """
        return self.share in (ALL, share) and (
            self.principal in (ALL, principal) or _reaches(principal, self.principal)
        )


class Brake(NamedTuple):
    """Everything that is stopped on one card; without scopes it is not braked."""

    scopes: frozenset[Scope] = frozenset()

    @property
    def stops_everything(self) -> bool:
        """True if nothing at all may widen for the card: no access, content, status or approval."""
        return Scope() in self.scopes

    def stops(self, share: str, principal: str) -> bool:
        """Tell whether access to the card through a share to a principal is stopped."""
        return any(scope.covers(share, principal) for scope in self.scopes)

    def text(self) -> str:
        """The tag's value. Scopes that do not fit, or hold characters that tags do not take, become everything."""
        if self.stops_everything:
            return ALL
        words = sorted("=".join(scope) for scope in self.scopes)
        fits = all(_WORD.fullmatch(part) for scope in self.scopes for part in scope)
        return text if fits and len(text := " ".join(words)) <= LONGEST else ALL


def brake_of(tags: Mapping[str, str]) -> Brake:
    """The brake that a card's tags carry."""
    if BRAKE not in tags:
        return Brake()
    scopes = frozenset(_scope(word) for word in tags[BRAKE].split())
    return Brake(scopes or frozenset({Scope()}))


def with_scopes(brake: Brake, scopes: Iterable[Scope]) -> Brake:
    """The brake with these scopes added."""
    return Brake(brake.scopes | frozenset(scopes))


def _scope(word: str) -> Scope:
    share, found, principal = word.partition("=")
    return Scope(share, principal) if found and share and principal else Scope()


def _reaches(principal: str, account: str) -> bool:
    if not principal.startswith("arn:"):
        return False
    found = _ACCOUNT.match(principal)
    return found is None or found[1] == account
