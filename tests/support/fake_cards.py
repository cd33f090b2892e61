"""Model cards in memory: versions, tags, a status, and a crash where a test wants one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cardops.model.desired import AccountRegion, CardKey, Status
from cardops.model.errors import NotFoundError
from cardops.model.observed import ObservedCard
from support.replacing import replace


class Crash(BaseException):
    """The process is gone: nothing may catch it and go on."""


@dataclass(slots=True)
class FakeCards:
    """Implements ports.Cards for one place. `before` and `after` are called around each mutating call."""

    place: AccountRegion
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None
    versions: dict[str, list[ObservedCard]] = field(default_factory=dict)
    tagged: dict[str, dict[str, str]] = field(default_factory=dict)

    def search(self, contents: bool) -> Iterator[ObservedCard]:
        for name, versions in self.versions.items():
            content = versions[-1].content if contents else None
            yield replace(versions[-1], content=content, tags=dict(self.tagged[name]))

    def names(self) -> Iterator[str]:
        yield from self.versions

    def describe(self, name: str, version: int | None = None) -> ObservedCard:
        versions = self.versions.get(_name(name), [])
        if not versions or (version is not None and not 1 <= version <= len(versions)):
            raise NotFoundError(f"there is no {name}")
        return versions[-1 if version is None else version - 1]

    def tags(self, arn: str) -> dict[str, str]:
        return dict(self.tagged[_name(arn)])

    def create(self, name: str, content: bytes, status: Status, tags: Mapping[str, str], kms: str) -> None:
        with_key = ObservedCard(CardKey(*self.place, name), status, 1, content, {}, kms)
        self._mutate(
            "create", lambda: (self.versions.update({name: [with_key]}), self.tagged.update({name: dict(tags)}))
        )

    def write_content(self, name: str, content: bytes) -> None:
        self._mutate("write_content", lambda: self.contribute(name, content))

    def contribute(self, name: str, content: bytes) -> None:
        """A new version, by whomever, without calling `before` and `after`."""
        versions = self.versions[_name(name)]
        versions.append(replace(versions[-1], version=len(versions) + 1, content=content))

    def set_status(self, name: str, status: Status) -> None:
        versions = self.versions[_name(name)]
        self._mutate("set_status", lambda: versions.append(replace(versions.pop(), status=status)))

    def add_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        self._mutate("add_tags", lambda: self.tagged[_name(arn)].update(tags))

    def remove_tags(self, arn: str, keys: Sequence[str]) -> None:
        self._mutate("remove_tags", lambda: [self.tagged[_name(arn)].pop(key, None) for key in keys])

    def delete(self, name: str) -> None:
        self._mutate("delete", lambda: (self.versions.pop(name), self.tagged.pop(name)))

    def _mutate(self, call: str, effect: Callable[[], object]) -> None:
        self.before(call)
        effect()
        self.after(call)


def _name(name_or_arn: str) -> str:
    return name_or_arn.rpartition("/")[2]
