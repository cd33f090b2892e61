"""Evaluate the Condition element of IAM policies.

Sources: IAM User Guide, "Condition operators" and "Set operators for multivalued context keys" (2026). AWS does not
document how an operator without ForAllValues or ForAnyValue treats several values; that raises Undetermined.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from cardops.sandbox.iam.patterns import Keys, arn_like, expand, like, literal


class Undetermined(ValueError):
    """AWS's documentation does not say how such a request is decided."""


def _same(pattern: str, value: str) -> bool:
    return literal(pattern) == value


def _same_ignoring_case(pattern: str, value: str) -> bool:
    return literal(pattern).lower() == value.lower()


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _inside(pattern: str, value: str) -> bool:
    return ip_address(value) in ip_network(pattern, strict=False)


def _ordered(read: Callable[[str], float], holds: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def test(wanted: str, value: str) -> bool:
        return holds(read(value), read(wanted))

    return test


_ORDER: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda value, wanted: value == wanted,
    "LessThan": lambda value, wanted: value < wanted,
    "LessThanEquals": lambda value, wanted: value <= wanted,
    "GreaterThan": lambda value, wanted: value > wanted,
    "GreaterThanEquals": lambda value, wanted: value >= wanted,
}
TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": _same,
    "StringEqualsIgnoreCase": _same_ignoring_case,
    "StringLike": like,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": _same_ignoring_case,
    "BinaryEquals": _same,
    "IpAddress": _inside,
    **{f"Numeric{name}": _ordered(float, holds) for name, holds in _ORDER.items()},
    **{f"Date{name}": _ordered(_moment, holds) for name, holds in _ORDER.items()},
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
_NAMES = {name.lower(): (name, False) for name in (*TESTS, "Null")}
_NAMES |= {name.lower(): (base, True) for name, base in _NEGATED.items()}


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator. ``quantifier`` is forallvalues, foranyvalue or empty; ``key`` is lower-case."""

    base: str
    negated: bool
    if_exists: bool
    quantifier: str
    key: str
    values: tuple[str, ...]

    def holds(self, keys: Keys, variables: bool) -> bool:
        """Evaluate the condition on the request's keys (lower-case names)."""
        actual = list(keys.get(self.key, ()))
        if self.base == "Null":
            return str(not actual).lower() in {value.lower() for value in self.values}
        if not actual or (self.quantifier and actual == [""]):
            return self._holds_without_value()
        if not self.quantifier and len(actual) > 1:
            raise Undetermined(f"{self.base} on {self.key}, which has several values, without a set operator")
        patterns = [found for text in self.values if (found := expand(text, keys, variables)) is not None]
        results = [self._matches(patterns, value) is not self.negated for value in actual]
        return any(results) if self.quantifier == "foranyvalue" else all(results)

    def _holds_without_value(self) -> bool:
        if self.if_exists or self.quantifier == "forallvalues":
            return True
        return self.negated and self.quantifier != "foranyvalue"

    def _matches(self, patterns: Sequence[str], value: str) -> bool:
        test = TESTS[self.base]
        try:
            return any(test(pattern, value) for pattern in patterns)
        except ValueError:
            return False  # a value that is not a number, date or address matches nothing


def condition(operator: str, key: str, values: Sequence[str]) -> Condition:
    """Build a condition from an operator such as ``ForAnyValue:StringLikeIfExists``; raises ValueError if unknown."""
    quantifier, _, name = operator.lower().rpartition(":")
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    if name not in _NAMES or quantifier not in ("", "forallvalues", "foranyvalue") or (if_exists and name == "null"):
        raise ValueError(f"{operator} is not a condition operator")
    base, negated = _NAMES[name]
    return Condition(base, negated, if_exists, quantifier, key.lower(), tuple(values))
