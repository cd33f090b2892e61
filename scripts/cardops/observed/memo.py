"""Memoize AWS reads so that several plans see the same snapshot."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar, cast

from cardops.model.desired import AccountRegion
from cardops.model.errors import CloudError
from cardops.model.ports import Cards, Cloud, Identities, Invitations, Keys, Quotas, Registry, Sharing

READS = frozenset(
    {
        *("search", "names", "describe", "versions", "tags"),
        *("shares", "associations", "permissions", "actions", "accepted", "pending"),
        *("approvals", "arn", "policy", "grants", "role_id", "simulate", "value"),
    }
)
Port = TypeVar("Port", Cards, Sharing, Invitations, Registry, Keys, Identities, Quotas)


class MemoizedCloud:
    """A Cloud that only reads and remembers every answer, errors included."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._ports: dict[tuple[str, AccountRegion], object] = {}

    def cards(self, place: AccountRegion) -> Cards:
        """Model cards there."""
        return self._port("cards", place, self._cloud.cards)

    def sharing(self, place: AccountRegion) -> Sharing:
        """RAM there."""
        return self._port("sharing", place, self._cloud.sharing)

    def invitations(self, place: AccountRegion) -> Invitations:
        """RAM there, as the one that others share with."""
        return self._port("invitations", place, self._cloud.invitations)

    def registry(self, place: AccountRegion) -> Registry:
        """The model registry there."""
        return self._port("registry", place, self._cloud.registry)

    def keys(self, place: AccountRegion) -> Keys:
        """KMS there."""
        return self._port("keys", place, self._cloud.keys)

    def identities(self, place: AccountRegion) -> Identities:
        """IAM there."""
        return self._port("identities", place, self._cloud.identities)

    def quotas(self, place: AccountRegion) -> Quotas:
        """Service Quotas there."""
        return self._port("quotas", place, self._cloud.quotas)

    def _port(self, name: str, place: AccountRegion, reach: Callable[[AccountRegion], Port]) -> Port:
        if (name, place) not in self._ports:
            self._ports[name, place] = _Memory(reach(place))
        return cast(Port, self._ports[name, place])


class _Memory:
    """A read-through cache around any port; calls that write are not available."""

    def __init__(self, port: object) -> None:
        self._inner = port
        self._answers: dict[str, object] = {}

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name not in READS:
            raise AttributeError(f"{name} is no read")
        return partial(self._answer, name)

    def _answer(self, name: str, *arguments: object, **named: object) -> object:
        asked = repr((name, arguments, named))
        if asked not in self._answers:
            self._answers[asked] = self._ask(name, arguments, named)
        answer = self._answers[asked]
        if isinstance(answer, CloudError):
            raise answer
        return iter(answer) if isinstance(answer, tuple) else answer

    def _ask(self, name: str, arguments: tuple[object, ...], named: dict[str, object]) -> object:
        try:
            answer = getattr(self._inner, name)(*arguments, **named)
            return tuple(answer) if isinstance(answer, Iterator) else answer
        except CloudError as problem:
            return problem
