"""A rule that is broken, at a place, with a way out."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from cardops.model.errors import CardopsError, ExitCode

Level = Literal["deny", "warn", "audit"]


class Location(NamedTuple):
    """`path` is relative to the repository's root, with forward slashes; `line` and `column` count from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Finding(NamedTuple):
    """`path:line:column: RULE level: message (hint: ...)`; `suppressed` carries a waiver's reason.

    `card` names the card (account/region/name), `share` the share, whose widening steps a finding of level deny holds;
    a rule of policies/ that names neither holds all widening. `detail` may hold content of a card: only a plan, a
    pull or a drift shows it, never a record, a log or a format of findings.
    """

    rule: str
    location: Location
    message: str
    hint: str = ""
    level: Level = "deny"
    card: str = ""
    share: str = ""
    suppressed: str = ""
    detail: str = ""

    def __str__(self) -> str:
        hint = f" (hint: {self.hint})" if self.hint else ""
        return f"{self.location}: {self.rule} {self.level}: {self.message}{hint}"


class EvaluatedCards(NamedTuple):
    """The findings of single-card rules, by path, from an evaluation before the rest.

    `asked` are the ids of those rules; `faults` is what is wrong with the expressions of any rule.
    """

    asked: frozenset[str]
    faults: tuple[Finding, ...]
    found: Mapping[str, tuple[Finding, ...]]


class InvalidConfigError(CardopsError):
    """cardops.yaml has findings of level deny, so nothing else of the repository can be used."""

    exit_code = ExitCode.DENIED

    def __init__(self, findings: Iterable[Finding], where: str = "cardops.yaml") -> None:
        super().__init__(f"{where} cannot be used", "correct the findings above, and run `cardops validate`")
        self.findings = tuple(findings)


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted by place, then rule, each once."""
    return sorted(set(findings), key=lambda f: (f.location, f.rule, f.message, f))


def exit_code_for(findings: Iterable[Finding]) -> ExitCode:
    """DENIED when any finding of level deny is not suppressed."""
    denied = any(f.level == "deny" and not f.suppressed for f in findings)
    return ExitCode.DENIED if denied else ExitCode.DONE


def plural(count: int, unit: str) -> str:
    """Return a count with its unit: `1 row`, `2,049 rows`."""
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"
