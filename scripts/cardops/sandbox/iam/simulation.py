"""SimulatePrincipalPolicy, SimulateCustomPolicy and GetContextKeysForPrincipalPolicy.

Sources: IAM API Reference, SimulatePrincipalPolicy and EvaluationResult (2026): one result an action, decisions on
ARNs in ResourceSpecificResults, SCPs evaluated and reported in OrganizationsDecisionDetail, resource policies not
supported for roles, a few keys about the principal filled in and all others left to ContextEntries.
"""

import re
from collections.abc import Sequence
from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import marked_page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.applicable import Applicable, applicable, organization_keys
from cardops.sandbox.iam.conditions import Undetermined
from cardops.sandbox.iam.entities import Entity
from cardops.sandbox.iam.errors import invalid, no_such
from cardops.sandbox.iam.evaluator import Decision, Policies, Verdict, decide, scan
from cardops.sandbox.iam.grammar import Kind, MalformedPolicy, Policy, check
from cardops.sandbox.iam.policy_keys import context_keys
from cardops.sandbox.iam.request import Request
from cardops.sandbox.iam.roles import invalid_source
from cardops.sandbox.identity import Caller

PAGE = 100
MAX_INPUT = 131_072
_SOURCE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(user|role)/(.+)")
_CALLER = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(user|role|group)/.+")
_ORDER = (Decision.ALLOWED, Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY)
_TYPES = {"inline": ("role", "user"), "aws-managed": ("aws-managed",), "user-managed": ("user-managed",)}
_FILLED = ("aws:principalaccount", "aws:principalid", "aws:principaltype", "aws:userid", "aws:username")
_ALWAYS = frozenset({*_FILLED, "aws:principalorgid", "aws:principalorgpaths", "aws:principalorgmasteraccountid"})


def _inputs(call: Call, name: str) -> tuple[Policy, ...]:
    texts = call.get(name, [])
    if sum(len(text) for text in texts) > MAX_INPUT:
        raise invalid(f"{name} has more than {MAX_INPUT} characters.")
    found = []
    for number, text in enumerate(texts, 1):
        try:
            found.append(Policy(check(text, Kind.IDENTITY).statements, f"{name}.{number}", "none"))
        except MalformedPolicy as error:
            raise invalid(f"Syntax errors in {name}: {error}") from error
    return tuple(found)


def _source(call: Call) -> tuple[Entity, Applicable]:
    arn = call.params["PolicySourceArn"]
    found = _SOURCE.fullmatch(arn)
    if found is None:
        raise invalid_source(arn)
    if found[1] != call.caller.account:
        raise AwsError("AccessDenied", f"{arn} belongs to another account.", 403)
    iam = call.state.iam_of(found[1])
    held = iam.roles if found[2] == "role" else iam.users
    entity = held.get(found[3].rpartition("/")[2])
    if entity is None or entity.arn != arn:
        raise no_such(found[2], found[3])
    path = f"{entity.path}{entity.name}".lstrip("/")
    if entity.kind == "role":
        caller = Caller(found[1], entity.name, "simulated", path, id=entity.id)
    else:
        caller = Caller(found[1], user=path, id=entity.id)
    return entity, applicable(call.state, call.options, caller)


def _excluded(call: Call) -> set[str]:
    """Return the kinds of policy that PolicyExclusionList leaves out."""
    kinds = {str(row.get("PolicyType", "")) for row in call.get("PolicyExclusionList", []) if not row.get("PolicyArn")}
    return {kind for name in kinds for kind in _TYPES.get(name, (name,))}


def _policies(call: Call, own: Applicable, resource: str | None) -> Policies:
    """Return the policies of the source, less the excluded ones, with those of the request."""
    out = _excluded(call)
    arns = {
        str(row["PolicyArn"]).rpartition("/")[2] for row in call.get("PolicyExclusionList", []) if row.get("PolicyArn")
    }
    identity = tuple(item for item in own.identity if item.type not in out and item.id not in arns)
    boundary: Policy | None = None if "permission-boundary" in out else own.boundary
    if given := _inputs(call, "PermissionsBoundaryPolicyInputList"):
        boundary = Policy(tuple(statement for item in given for statement in item.statements))
    scps = () if "scp" in out else own.scps
    more = _inputs(call, "PolicyInputList")
    return Policies((*identity, *more), resource, boundary, None, scps, management=own.management)


def _context(call: Call) -> dict[str, str | Sequence[str]]:
    found: dict[str, str | Sequence[str]] = {}
    for row in call.get("ContextEntries", []):
        if not {"ContextKeyName", "ContextKeyValues"} <= row.keys():
            raise invalid("A context entry needs ContextKeyName and ContextKeyValues.")
        values = row["ContextKeyValues"]
        found[row["ContextKeyName"]] = values[0] if len(values) == 1 else list(values)
    return found


class _Simulation:
    """One simulation: the principal, its policies and the context, for many actions and resources."""

    def __init__(self, call: Call, principal: str, policies: Policies, filled: dict[str, str]) -> None:
        self._call, self._principal, self._policies = call, principal, policies
        given = _context(call)
        known = {key.lower() for key in given}
        self._context = {key: value for key, value in filled.items() if key.lower() not in known} | given
        self._keys = {key.lower() for key in self._context} | _ALWAYS

    def _request(self, action: str, resource: str) -> Request:
        # Keys that the simulator does not fill in are absent, not derived from the request as in a real call.
        derived = ("aws:PrincipalArn", "aws:ResourceAccount")
        absent: dict[str, Sequence[str]] = {key: () for key in derived if key.lower() not in self._keys}
        return Request(self._principal, action, resource, absent | self._context, self._owner(resource))

    def _owner(self, resource: str) -> str:
        """Return the resource's account; the principal's own one where its policies alone are to decide."""
        given = self._call.get("ResourceOwner", "")
        if given:
            return given.split(":")[4] if given.startswith("arn:") else str(given)
        refuses = self._call.options.simulate_across_accounts == "refuses" or self._policies.resource
        return "" if refuses else self._principal.split(":")[4]

    def decide(self, action: str, resource: str) -> Verdict:
        try:
            return decide(self._request(action, resource), self._policies)
        except (Undetermined, MalformedPolicy) as error:
            raise AwsError("PolicyEvaluation", f"The policies cannot be evaluated: {error}", 500) from error

    def result(self, action: str, resources: Sequence[str]) -> dict[str, Any]:
        """Return EvaluationResult: the strictest decision, and that on each resource."""
        verdicts = {resource: self.decide(action, resource) for resource in resources}
        strictest = max(verdicts.values(), key=lambda verdict: _ORDER.index(verdict.decision))
        row: dict[str, Any] = {
            "EvalActionName": action,
            "EvalResourceName": "*",
            "EvalDecision": strictest.decision.value,
            "MatchedStatements": _matched(verdicts.values()),
            "MissingContextValues": [] if resources != ["*"] else self._missing(),
        }
        row |= self._details(action, list(verdicts))
        if list(resources) != ["*"]:
            specific = [self._specific(action, resource, verdict) for resource, verdict in verdicts.items()]
            row["ResourceSpecificResults"] = specific
        return row

    def _details(self, action: str, resources: list[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        requests = [self._request(action, resource) for resource in resources]
        if self._policies.scps and not self._policies.management:
            levels = [scan(level, one).decision for one in requests for level in self._policies.scps]
            allowed = all(decision is Decision.ALLOWED for decision in levels)
            found["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": allowed}
        if self._policies.boundary is not None:
            found["PermissionsBoundaryDecisionDetail"] = self._boundary(requests)
        return found

    def _boundary(self, requests: list[Request]) -> dict[str, bool]:
        boundary = self._policies.boundary
        decisions = [scan((boundary,), one).decision for one in requests] if boundary is not None else []
        return {"AllowedByPermissionsBoundary": all(item is Decision.ALLOWED for item in decisions)}

    def _specific(self, action: str, resource: str, verdict: Verdict) -> dict[str, Any]:
        row: dict[str, Any] = {
            "EvalResourceName": resource,
            "EvalResourceDecision": verdict.decision.value,
            "MatchedStatements": _matched([verdict]),
            "MissingContextValues": self._missing(),
        }
        if self._policies.boundary is not None:
            row["PermissionsBoundaryDecisionDetail"] = self._boundary([self._request(action, resource)])
        return row

    def _missing(self) -> list[str]:
        """Return the keys that identity policies and the boundary use and that nothing gave."""
        held = [*self._policies.identity, *([self._policies.boundary] if self._policies.boundary else [])]
        used = {key for item in held if isinstance(item, Policy) for key in context_keys(item)}
        return sorted(used - self._keys)


def _matched(verdicts: Any) -> list[dict[str, str]]:
    pairs = dict.fromkeys((item.id, item.type) for verdict in verdicts for item, _ in verdict.matched if item.id)
    return [{"SourcePolicyId": name, "SourcePolicyType": kind} for name, kind in pairs]


def _answer(call: Call, simulation: _Simulation) -> dict[str, Any]:
    actions, resources = call.params["ActionNames"], call.get("ResourceArns") or ["*"]
    for action in actions:
        if ":" not in action or "*" in action:
            raise invalid(f"{action} is not a valid action name.")
    rows, marker = marked_page(call, actions, call.get("MaxItems", PAGE), str)
    results = [simulation.result(action, resources) for action in rows]
    answer: dict[str, Any] = {"EvaluationResults": results, "IsTruncated": marker is not None}
    return answer if marker is None else {**answer, "Marker": marker}


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(call: Call) -> dict[str, Any]:
    """Simulate requests of a role or user, with its boundary and the SCPs of its account."""
    entity, own = _source(call)
    resource = _resource_policy(call)
    if resource and entity.kind == "role":
        raise invalid("Resource policies are not supported for roles.")
    principal = call.get("CallerArn", entity.arn)
    if not _CALLER.fullmatch(principal):
        raise invalid(f"Invalid CallerArn: {principal}")
    filled = _filled(call, principal, entity) | organization_keys(call.state, call.options, call.caller.account)
    return _answer(call, _Simulation(call, principal, _policies(call, own, resource), filled))


def _filled(call: Call, principal: str, entity: Entity | None) -> dict[str, str]:
    parts = principal.split(":")
    role = ":role/" in principal
    found = {"aws:PrincipalAccount": parts[4], "aws:PrincipalType": "AssumedRole" if role else "User"}
    if entity is not None:
        found["aws:userid"] = entity.id
    return found if role else found | {"aws:username": principal.rpartition("/")[2]}


def _resource_policy(call: Call) -> str | None:
    text: str | None = call.get("ResourcePolicy")
    if text is None:
        if call.get("ResourceOwner"):
            raise invalid("ResourceOwner is used with ResourcePolicy only.")
        return None
    try:
        check(text, Kind.RESOURCE)
    except MalformedPolicy as error:
        raise invalid(f"Syntax errors in ResourcePolicy: {error}") from error
    return text


@operation("iam", "SimulateCustomPolicy")
def simulate_custom_policy(call: Call) -> dict[str, Any]:
    """Simulate requests under the given policies alone."""
    resource = _resource_policy(call)
    principal = call.get("CallerArn", f"arn:{call.partition}:iam::{call.caller.account}:user/simulated")
    empty = Applicable((), None, None, (), False)
    return _answer(call, _Simulation(call, principal, _policies(call, empty, resource), _filled(call, principal, None)))


@operation("iam", "GetContextKeysForPrincipalPolicy")
def get_context_keys_for_principal_policy(call: Call) -> dict[str, Any]:
    """List the condition keys that a principal's policies use."""
    _, own = _source(call)
    held = [
        *own.identity,
        *([own.boundary] if own.boundary else []),
        *_inputs(call, "PolicyInputList"),
    ]
    return {"ContextKeyNames": sorted({key for item in held for key in context_keys(item)})}
