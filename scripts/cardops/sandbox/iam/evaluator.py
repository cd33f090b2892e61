"""Decide a request as AWS does: explicit deny, SCPs, resource policy, identity policies, boundary, session policies.

Sources: IAM User Guide (2026), "How AWS enforcement code logic evaluates requests", "Cross-account policy evaluation
logic", "Permissions boundaries", "AWS JSON policy elements: Principal" and "NotPrincipal"; Organizations User Guide,
"Service control policies" (no effect on the management account and on service-linked roles).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cardops.sandbox.iam.grammar import Policy, Statement, policy
from cardops.sandbox.iam.patterns import expand, like, resource_like
from cardops.sandbox.iam.request import Request

Document = str | Mapping[str, Any] | Policy
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")
_OWN_POLICY_DECIDES = ("kms:", "sts:assumerole")


class Decision(StrEnum):
    """The values of EvalDecision in a simulation's answer."""

    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicitDeny"
    EXPLICIT_DENY = "explicitDeny"


@dataclass(frozen=True)
class Policies:
    """Every policy that applies. None means no such policy, which differs from a policy that allows nothing.

    ``scps`` and ``rcps`` have one tuple a level, from the organization's root down to the account; ``management``
    marks a principal of the management account.
    """

    identity: tuple[Document, ...] = ()
    resource: Document | None = None
    boundary: Document | None = None
    session: tuple[Document, ...] | None = None
    scps: tuple[tuple[Document, ...], ...] = ()
    rcps: tuple[tuple[Document, ...], ...] = ()
    management: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, the kind of policy that made it, and the statements that did."""

    decision: Decision
    by: str
    matched: tuple[tuple[Policy, Statement], ...] = ()


def decide(request: Request, policies: Policies) -> Verdict:
    """Decide a request; raises Undetermined for what AWS leaves open and MalformedPolicy for invalid policies."""
    kinds = _by_kind(request, policies)
    for kind, documents in kinds:
        found = scan(
            documents, request, with_principal=kind in ("resource", "rcp"), bounded=policies.boundary is not None
        )
        if found.decision is Decision.EXPLICIT_DENY:
            return Verdict(found.decision, kind, found.matched)
    for kind, documents in kinds:
        if kind in ("scp", "rcp"):
            found = scan(documents, request, with_principal=kind == "rcp")
            if found.decision is not Decision.ALLOWED:
                return Verdict(Decision.IMPLICIT_DENY, kind)
    return _grant(request, policies)


def _by_kind(request: Request, policies: Policies) -> list[tuple[str, tuple[Document, ...]]]:
    linked = ":role/aws-service-role/" in request.identity
    bound = not linked and not policies.management
    levels = [("scp", level) for level in policies.scps if bound]
    levels += [("rcp", level) for level in policies.rcps if not linked]
    return [
        *levels,
        ("identity", policies.identity),
        ("resource", _one(policies.resource)),
        ("boundary", _one(policies.boundary)),
        ("session", policies.session or ()),
    ]


def _one(document: Document | None) -> tuple[Document, ...]:
    return () if document is None else (document,)


def _grant(request: Request, policies: Policies) -> Verdict:
    """Decide a request that nothing denies explicitly."""
    how = granted_by(policies.resource, request)
    if request.is_federated:
        return Verdict(Decision.ALLOWED if how else Decision.IMPLICIT_DENY, "resource")
    own = scan(policies.identity, request)
    identity = request.principal.endswith(":root") or own.decision is Decision.ALLOWED
    if request.account != request.resource_account:
        if not how or not identity:
            return Verdict(Decision.IMPLICIT_DENY, "identity" if how else "resource")
    elif how == "direct":
        return Verdict(Decision.ALLOWED, "resource")
    elif not how and needs_own_policy(request.action, request.resource):
        return Verdict(Decision.IMPLICIT_DENY, "resource")
    elif not identity and how != "role":
        return Verdict(Decision.IMPLICIT_DENY, "identity")
    for kind, documents in (("boundary", _limit(policies.boundary)), ("session", policies.session)):
        if documents is not None and scan(documents, request).decision is not Decision.ALLOWED:
            return Verdict(Decision.IMPLICIT_DENY, kind)
    return Verdict(Decision.ALLOWED, "identity" if identity else "resource", own.matched)


def needs_own_policy(action: str, resource: str) -> bool:
    """Return True if only the resource's own policy can allow: key policies and trust policies."""
    return resource != "*" and action.lower().startswith(_OWN_POLICY_DECIDES)


def _limit(document: Document | None) -> tuple[Document, ...] | None:
    return None if document is None else (document,)


def granted_by(document: Document | None, request: Request) -> str:
    """Return how a resource policy allows a request: ``direct``, ``role``, ``account`` or "" (not at all).

    ``direct`` is a user, a session, a service or ``*``: no implicit deny of identity, boundary or session policies
    counts then, within one account.
    """
    if document is None:
        return ""
    allows = (statement for statement in policy(document).statements if statement.allows)
    found = {_names(statement, request, bounded=False) for statement in allows if _covers(statement, request)}
    return next((how for how in ("direct", "role", "account") if how in found), "")


def scan(
    documents: Iterable[Document], request: Request, *, with_principal: bool = False, bounded: bool = False
) -> Verdict:
    """Evaluate documents of one kind by themselves; ``with_principal`` for kinds that name principals."""
    allowed: list[tuple[Policy, Statement]] = []
    for document in documents:
        parsed = policy(document)
        for statement in parsed.statements:
            if with_principal and not _names(statement, request, bounded):
                continue
            if _covers(statement, request):
                if not statement.allows:
                    return Verdict(Decision.EXPLICIT_DENY, "", ((parsed, statement),))
                allowed.append((parsed, statement))
    return Verdict(Decision.ALLOWED if allowed else Decision.IMPLICIT_DENY, "", tuple(allowed))


def _names(statement: Statement, request: Request, bounded: bool) -> str:
    """Return how the statement names the principal, or "". Principals take no partial wildcards."""
    if statement.principals is None:
        return ""
    found = {_match(kind, name, request) for kind, name in statement.principals}
    if not statement.except_principals:
        return next((how for how in ("direct", "role", "account") if how in found), "")
    # NotPrincipal excepts a principal only if its account is named too, and never one with a boundary.
    if request.principal.endswith(":root"):
        excepted = found != {""}
    else:
        excepted = "account" in found and bool(found & {"direct", "role"})
    return "" if excepted and not bounded else "direct"


def _match(kind: str, name: str, request: Request) -> str:
    if kind != "AWS":
        return "direct" if name in ("*", request.principal) and request.is_federated else ""
    if name == "*":
        return "direct"
    if request.is_federated:
        return ""
    root = _ROOT.fullmatch(name)
    if (root[1] if root else name) == request.account:
        return "direct" if name == request.principal else "account"
    if name == request.identity and ":role/" in name:
        return "role"
    return "direct" if name == request.principal else ""


def _covers(statement: Statement, request: Request) -> bool:
    """Match action, resource and conditions."""
    action = request.action.lower()
    if any(like(pattern, action) for pattern in statement.actions) is statement.except_actions:
        return False
    if statement.resources is not None and not _has_resource(statement, request):
        return False
    return all(condition.holds(request.keys, statement.variables) for condition in statement.conditions)


def _has_resource(statement: Statement, request: Request) -> bool:
    patterns: list[str | None] = list(statement.resources or ())
    if statement.variables and any("${" in text for text in statement.resources or ()):
        patterns = [expand(text, request.keys, True) for text in statement.resources or ()]
    if statement.except_resources and None in patterns:
        return False
    found = any(pattern is not None and resource_like(pattern, request.resource) for pattern in patterns)
    return found is not statement.except_resources
