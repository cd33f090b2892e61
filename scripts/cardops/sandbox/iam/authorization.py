"""Authorize a call: its actions on resources, the policies that apply, and the error of a refusal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cardops.sandbox.core.operations import Call
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.applicable import Applicable, applicable, principal_keys
from cardops.sandbox.iam.conditions import Undetermined
from cardops.sandbox.iam.evaluator import Decision, Document, Policies, Verdict, decide, needs_own_policy, scan
from cardops.sandbox.iam.grammar import policy
from cardops.sandbox.iam.organization import ORGANIZATION_ID, is_member
from cardops.sandbox.iam.request import Request

GRANT = "kms-grant"
"""The Sid of a statement that stands for a KMS grant."""
_KINDS = {
    "scp": "service control policy",
    "rcp": "resource control policy",
    "identity": "identity-based policy",
    "resource": "resource-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
}


@dataclass(frozen=True, slots=True)
class Target:
    """One action on one resource that a call needs. ``context`` has the condition keys about the resource."""

    action: str
    resource: str = "*"
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    owner: str = ""


Targets = Callable[[Call], list[Target]]
ResourcePolicy = Callable[[Call, Target], Document | None]
_TARGETS: dict[tuple[str, str], Targets] = {}
_RESOURCE_POLICIES: dict[str, ResourcePolicy] = {}


def targets(service: str, *operations: str) -> Callable[[Targets], Targets]:
    """Register the function that lists what operations (``*``: all) need; others need their own action on ``*``."""

    def register(function: Targets) -> Targets:
        for name in operations:
            _TARGETS[service, name] = function
        return function

    return register


def resource_policy(prefix: str) -> Callable[[ResourcePolicy], ResourcePolicy]:
    """Register the function that finds the resource policies for the actions of a service."""

    def register(function: ResourcePolicy) -> ResourcePolicy:
        _RESOURCE_POLICIES[prefix] = function
        return function

    return register


def authorize(call: Call) -> None:
    """Raise the service's access-denied error unless the caller may do all that the call needs."""
    if not call.caller.account:
        return  # unsigned calls are decided by the role's trust policy alone
    function = _TARGETS.get((call.service, call.operation)) or _TARGETS.get((call.service, "*"))
    needed = function(call) if function else [Target(f"{call.service}:{call.operation}")]
    own = applicable(call.state, call.options, call.caller)
    for target in needed:
        verdict = evaluate(call, target, own)
        if verdict.decision is not Decision.ALLOWED:
            raise denied(call, target, verdict)


def evaluate(call: Call, target: Target, own: Applicable) -> Verdict:
    """Decide one target; what AWS leaves open is denied."""
    parts = target.resource.split(":")
    owner = target.owner or (parts[4] if len(parts) > 5 else "") or call.caller.account
    here = owner == call.caller.account
    if here and own.unrestricted and ":model-card/" in target.resource and target.action.startswith("sagemaker:"):
        return Verdict(Decision.ALLOWED, "identity")  # RAM's policies deny nothing
    find = _RESOURCE_POLICIES.get(target.action.partition(":")[0])
    document = find(call, target) if find else None
    own_policy = needs_own_policy(target.action, target.resource)
    if own.unrestricted and document is None and here and not own_policy:
        return Verdict(Decision.ALLOWED, "identity")
    request = Request(
        call.caller.arn,
        target.action,
        target.resource,
        owner=owner,
        session_of=call.caller.role_arn or "",
        late_context=lambda: _context(call, target, owner),
    )
    policies = Policies(own.identity, document, own.boundary, own.session, own.scps, management=own.management)
    try:
        if own.unrestricted and not here:
            return _across(request, document)
        verdict = decide(request, policies)
    except Undetermined:
        return Verdict(Decision.IMPLICIT_DENY, "identity")
    granted = verdict.by == "identity" and verdict.decision is Decision.IMPLICIT_DENY and _has_grant(document)
    return Verdict(Decision.ALLOWED, "resource") if granted else verdict


def _across(request: Request, document: Document | None) -> Verdict:
    """Decide for an administrator whom nothing limits: across accounts the resource's policy alone is left to ask."""
    found = scan(() if document is None else (document,), request, with_principal=True)
    return Verdict(found.decision, "identity" if found.decision is Decision.ALLOWED else "resource", found.matched)


def _has_grant(document: Document | None) -> bool:
    """Return True if a KMS grant is among the statements, which needs no identity policy."""
    return document is not None and any(statement.sid == GRANT for statement in policy(document).statements)


def _context(call: Call, target: Target, owner: str) -> dict[str, str | Sequence[str]]:
    keys: dict[str, str | Sequence[str]] = dict(
        principal_keys(call.state, call.options, call.caller, call.region, call.now)
    )
    if is_member(call.options, owner):
        keys["aws:ResourceOrgID"] = ORGANIZATION_ID
    hidden = owner != call.caller.account and not call.options.resource_tags_across_accounts
    shown = {key: value for key, value in target.context.items() if not (hidden and "ResourceTag/" in key)}
    return keys | shown


def denied(call: Call, target: Target, verdict: Verdict) -> AwsError:
    """Return the error for a target that the caller may not do."""
    kind = _KINDS[verdict.by]
    if verdict.decision is Decision.EXPLICIT_DENY:
        why = f"with an explicit deny in a {kind}"
    else:
        why = f"because no {kind} allows the {target.action} action"
    message = (
        f"User: {call.caller.arn} is not authorized to perform: {target.action} on resource: {target.resource} {why}"
    )
    if call.service in ("iam", "sts"):
        return AwsError("AccessDenied", message, 403)
    return AwsError("AccessDeniedException", message, 403 if call.service == "ram" else 400)
