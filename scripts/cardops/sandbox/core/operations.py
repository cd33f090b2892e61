"""The registry of operations and the Call that each of them receives."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cardops.sandbox.core.service_models import service_model
from cardops.sandbox.errors import AwsError
from cardops.sandbox.faults import Faults
from cardops.sandbox.iam.organization import is_member
from cardops.sandbox.identity import Caller, partition_of
from cardops.sandbox.options import Options
from cardops.sandbox.search_index import SearchIndexes
from cardops.sandbox.state import Region, State, Token


@dataclass(slots=True)
class Call:
    """A validated call: caller, parameters, time (epoch seconds), and the state it acts on."""

    service: str
    operation: str
    region: str
    caller: Caller
    params: dict[str, Any]
    now: float
    state: State
    options: Options
    faults: Faults
    indexes: SearchIndexes

    @property
    def home(self) -> Region:
        """The caller's own account in the region of the call."""
        return self.state.region(self.caller.account, self.region)

    @property
    def partition(self) -> str:
        """The partition of the call's region."""
        return partition_of(self.region)

    def arn_prefix(self, service: str) -> str:
        """Return the start of the ARNs of the caller's resources, up to the colon after the account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.caller.account}:"

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter, or the default when it is absent or null."""
        value = self.params.get(name)
        return default if value is None else value

    def models_error(self, code: str) -> bool:
        """Return True if botocore's model lists this error for the operation."""
        return code in service_model(self.service).errors_of(self.operation)

    def in_organization(self, account: str) -> bool:
        """Return True if the account belongs to the sandbox's organization."""
        return is_member(self.options, account)


Operation = Callable[[Call], dict[str, Any]]
OPERATIONS: dict[tuple[str, str], Operation] = {}


def operation(service: str, name: str) -> Callable[[Operation], Operation]:
    """Register a function as an operation of a service."""

    def register(function: Operation) -> Operation:
        OPERATIONS[service, name] = function
        return function

    return register


def perform(call: Call) -> dict[str, Any]:
    """Run a validated call; raises NotImplementedException for an unknown operation."""
    function = OPERATIONS.get((call.service, call.operation))
    if function is None:
        raise AwsError("NotImplementedException", f"The sandbox does not have {call.service}:{call.operation}", 501)
    return _once(call, function)


def _once(call: Call, function: Operation) -> dict[str, Any]:
    """Honour client tokens: repeat the answer for the same parameters, refuse other parameters.

    Source: the clientToken members in botocore's RAM model ("the retry fails with an IdempotentParameterMismatch").
    """
    name = "clientToken" if call.service == "ram" else "ClientToken"
    token = call.get(name)
    if token is None:
        return function(call)
    tokens = call.home.tokens
    key = f"{call.operation}/{token}"
    text = json.dumps({item: value for item, value in call.params.items() if item != name}, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = tokens.get(key)
    if known and call.now - known.created < call.options.client_token_seconds:
        if known.digest != digest:
            code = "IdempotentParameterMismatchException" if call.service == "ram" else "ConflictException"
            raise AwsError(code, "The client token was used before with different parameters")
        return known.answer
    answer = function(call)
    if call.service == "ram":
        answer = {**answer, name: token}
    tokens[key] = Token(digest, answer, call.now)
    return answer
