"""Faults that are switched on over HTTP: ``POST /_sandbox/faults``.

The body is one JSON object, which replaces all faults there were; ``{}`` ends them. ``GET`` shows what is on and how
often it matched and struck. Unknown keys are refused. All keys are optional::

    {"seed": 7,
     "calls": [{"fault": "throttle", "service": "ram", "rate": 0.2},
               {"fault": "drop_after", "operation": "CreateResourceShare", "nth": 1},
               {"fault": "crash_after", "nth": 5}],
     "associations": [{"entity": "arn:*", "seconds": 30}, {"entity": "222222222222", "fail": "No", "times": 1}],
     "search_lag_seconds": 60}

``calls``: one rule a line; of the rules that strike one call the first counts.

* ``fault``: ``throttle`` (the service's throttling error, no effect), ``error`` (5xx, no effect; ``status`` 500 or
  503), ``error_after`` (5xx although the call took effect), ``drop_before`` and ``drop_after`` (the connection closes
  without an answer, before or after the effect), ``crash_before`` and ``crash_after`` (the process ends at once with
  status CRASH_STATUS; the state has been saved where there is a data file).
* Which calls match: ``service`` (as requests are signed: sagemaker, ram, kms, sts, iam, organizations,
  servicequotas), ``operation`` (a name or a pattern such as ``Update*``),
  ``account`` (the caller's), ``mutating`` (true for crashes unless given, else both kinds).
* Which matching calls are struck: ``nth`` (only the n-th, from 1), ``rate`` (0 to 1: this share of them, chosen by
  ``seed``, the rule's place and the number of the call, so it does not depend on threads), ``times`` (at most that
  many). Without these: all. Each HTTP request counts, a client's retries too.
* ``throttle`` also takes ``per_second`` and ``burst`` (by default ``per_second``): a token bucket for each account and
  region, as AWS describes its throttling. It is full at first, each call takes a token, and a call that finds none is
  struck. A rule for each service or operation has buckets of its own.

``associations``: what RAM associations do; the first rule that matches counts. ``on`` is ``associate`` (the default)
or ``disassociate``; ``entity`` a pattern for the card's ARN or the principal; ``kind`` RESOURCE or PRINCIPAL;
``seconds`` how long the change takes by the sandbox's clock; ``fail`` the statusMessage with which an association
becomes FAILED; ``times`` how often the rule applies.

``search_lag_seconds``: how long what changes from now on stays hidden from Search.
"""

import hashlib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from cardops.sandbox.errors import AwsError

CRASH_STATUS = 86
KINDS = ("throttle", "error", "error_after", "drop_before", "drop_after", "crash_before", "crash_after")
_THROTTLE = dict.fromkeys(("sagemaker", "ram", "kms"), "ThrottlingException")
_THROTTLE |= dict.fromkeys(("sts", "iam"), "Throttling")
_THROTTLE |= dict.fromkeys(("organizations", "servicequotas"), "TooManyRequestsException")
_ERRORS = {
    500: {
        "sagemaker": "InternalFailure",
        "ram": "ServerInternalException",
        "kms": "KMSInternalException",
        "sts": "InternalFailure",
        "iam": "ServiceFailure",
        "organizations": "ServiceException",
        "servicequotas": "ServiceException",
    },
    503: {
        "sagemaker": "ServiceUnavailable",
        "ram": "ServiceUnavailableException",
        "kms": "ServiceUnavailable",
        "sts": "ServiceUnavailable",
        "iam": "ServiceUnavailable",
        "organizations": "ServiceUnavailable",
        "servicequotas": "ServiceUnavailable",
    },
}


class BadFaults(ValueError):
    """The description of faults is not understood."""


class Asked(NamedTuple):
    """The attributes of a call that rules match; ``time`` is epoch seconds by the sandbox's clock."""

    service: str
    operation: str
    account: str
    region: str
    mutating: bool
    time: float


@dataclass(slots=True)
class Bucket:
    """A token bucket: the tokens left at ``time``."""

    tokens: float
    time: float

    def take(self, now: float, per_second: float, most: float) -> bool:
        """Refill for the elapsed time, then take one token; False if there is none."""
        self.tokens = min(most, self.tokens + (now - self.time) * per_second)
        self.time = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass(slots=True)
class CallRule:
    """One line of ``calls``, with how often it matched and struck."""

    fault: str
    service: str | None = None
    operation: str = "*"
    account: str | None = None
    mutating: bool | None = None
    nth: int | None = None
    rate: float | None = None
    times: int | None = None
    status: int = 500
    per_second: float | None = None
    burst: float | None = None
    matched: int = 0
    struck: int = 0
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def strikes(self, seed: str, asked: Asked) -> bool:
        """Count a call; return True if this rule strikes it."""
        if self.service not in (None, asked.service) or self.account not in (None, asked.account):
            return False
        if self.mutating not in (None, asked.mutating) or not fnmatchcase(asked.operation, self.operation):
            return False
        self.matched += 1
        spent = self.times is not None and self.struck >= self.times
        if spent or self.nth not in (None, self.matched) or not self._drawn(seed) or self._allowed(asked):
            return False
        self.struck += 1
        return True

    def _allowed(self, asked: Asked) -> bool:
        """Take a token from the bucket of the call's account and region; False if it is empty."""
        if self.per_second is None:
            return False
        most = self.per_second if self.burst is None else self.burst
        bucket = self.buckets.setdefault(f"{asked.account}/{asked.region}", Bucket(most, asked.time))
        return bucket.take(asked.time, self.per_second, most)

    def _drawn(self, seed: str) -> bool:
        if self.rate is None:
            return True
        digest = hashlib.sha256(f"{seed}/{self.matched}".encode()).digest()
        return int.from_bytes(digest[:8], "big") < self.rate * 2**64

    def error(self, service: str) -> AwsError:
        """The error that a ``throttle`` or ``error`` answers with."""
        if self.fault == "throttle":
            return AwsError(_THROTTLE[service], "Rate exceeded", 429 if service == "ram" else 400)
        return AwsError(_ERRORS[self.status][service], "The request failed because of a fault", self.status)


@dataclass(slots=True)
class AssociationRule:
    """One line of ``associations``."""

    on: str = "associate"
    entity: str = "*"
    kind: str | None = None
    seconds: float | None = None
    fail: str | None = None
    times: int | None = None
    applied: int = 0

    def applies(self, on: str, kind: str, entity: str) -> bool:
        """Return True if this rule decides about a change of an association."""
        spent = self.times is not None and self.applied >= self.times
        return not spent and self.on == on and self.kind in (None, kind) and fnmatchcase(entity, self.entity)


@dataclass(slots=True)
class Faults:
    """The active faults."""

    seed: int = 0
    calls: list[CallRule] = field(default_factory=list)
    associations: list[AssociationRule] = field(default_factory=list)
    search_lag: float = 0.0

    def strike(self, asked: Asked) -> CallRule | None:
        """Count a call in every rule; return the first rule that strikes it."""
        struck = None
        for place, rule in enumerate(self.calls):
            if rule.strikes(f"{self.seed}/{place}", asked) and struck is None:
                struck = rule
        return struck

    def association(self, on: str, kind: str, entity: str) -> AssociationRule | None:
        """The rule for a change of an association, or None; it counts as applied."""
        for rule in self.associations:
            if rule.applies(on, kind, entity):
                rule.applied += 1
                return rule
        return None


def read(document: Any) -> Faults:
    """Return the faults that a JSON document describes; raises BadFaults."""
    given = _known(document, {"seed", "calls", "associations", "search_lag_seconds"}, "faults")
    calls = [_call_rule(row) for row in given.get("calls", [])]
    associations = [_association_rule(row) for row in given.get("associations", [])]
    return Faults(int(given.get("seed", 0)), calls, associations, float(given.get("search_lag_seconds", 0.0)))


def _known(value: Any, keys: set[str], what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadFaults(f"{what} must be a JSON object")
    unknown = sorted(value.keys() - keys)
    if unknown:
        raise BadFaults(f"{what} has unknown keys {', '.join(unknown)}; it knows {', '.join(sorted(keys))}")
    return value


def _call_rule(row: Any) -> CallRule:
    keys = {"fault", "service", "operation", "account", "mutating", "nth", "rate", "times", "status"}
    keys |= {"per_second", "burst"}
    given = _known(row, keys, "A rule of calls")
    rule = CallRule(**{"fault": "", **given})
    if rule.fault not in KINDS:
        raise BadFaults(f"fault must be one of {', '.join(KINDS)}, not {rule.fault!r}")
    if rule.service not in (None, *_THROTTLE) or rule.status not in _ERRORS:
        raise BadFaults(f"service must be one of {', '.join(_THROTTLE)}, and status 500 or 503")
    if rule.fault != "throttle" and (rule.per_second, rule.burst) != (None, None):
        raise BadFaults(f"per_second and burst go with throttle, not with {rule.fault}")
    if rule.per_second is None and rule.burst is not None:
        raise BadFaults("burst goes with per_second")
    if rule.mutating is None and rule.fault.startswith("crash"):
        rule.mutating = True
    return rule


def _association_rule(row: Any) -> AssociationRule:
    given = _known(row, {"on", "entity", "kind", "seconds", "fail", "times"}, "A rule of associations")
    rule = AssociationRule(**given)
    if rule.on not in ("associate", "disassociate") or rule.kind not in (None, "RESOURCE", "PRINCIPAL"):
        raise BadFaults("on must be associate or disassociate, and kind RESOURCE or PRINCIPAL")
    return rule
