"""The facts that rules see, as plain data. Nothing here reads a file or asks git."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

from cardops.merge.diff import diff
from cardops.model.findings import Location
from cardops.policy.enforcement import Scope
from cardops.policy.files import Where

Placing = Callable[[Where, bool], Location]
SubjectKind = Literal["card", "share"]
ChangeKind = Literal["added", "modified", "removed", "renamed"]


class CardSummary(NamedTuple):
    """The summary of a card that rules across files may see, besides its key."""

    status: str
    owner: str
    risk_rating: str
    tags: Mapping[str, str]
    encrypted: bool


class Deferred(Mapping[str, Any]):
    """A value that is read when it is first looked at."""

    def __init__(self, read: Callable[[], Any]) -> None:
        self._read = read

    def __getitem__(self, key: str) -> Any:
        return self._value[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def __len__(self) -> int:
        return len(self._value)

    def anew(self) -> dict[str, Any]:
        """The value, read now; it is not kept here."""
        return dict(self._read() or {})

    @cached_property
    def _value(self) -> Mapping[str, Any]:
        return self.anew()


def encode(value: Mapping[str, Any]) -> Deferred:
    """A value that takes little memory until it is looked at."""
    text = json.dumps(value)
    return Deferred(lambda: json.loads(text))


def decode(value: Mapping[str, Any]) -> dict[str, Any]:
    """The value as a dictionary, which a deferred one does not keep."""
    return value.anew() if isinstance(value, Deferred) else dict(value)


class Subject(NamedTuple):
    """A card or a share that its schema accepted.

    `value` is its file's parsed value, as it is written (defaults are not filled in). `key` is a card's
    `account id/region/name` or a share's name. `account` is the owner account's name in cardops.yaml, empty for a
    share. `brief` is there for a card whose value would have to be read anew. `place(where, at_key)` is called only
    for findings; it gives the deepest existing ancestor's place.
    """

    kind: SubjectKind
    key: str
    path: str
    value: Mapping[str, Any]
    place: Placing
    account: str = ""
    brief: "CardSummary | None" = None

    @property
    def name(self) -> str:
        """The name that the file gives it."""
        return self.key.rpartition("/")[2] if self.brief else str(self.value.get("name", ""))

    @property
    def card(self) -> str:
        """The key, if it is a card."""
        return self.key if self.kind == "card" else ""

    @property
    def share(self) -> str:
        """The key, if it is a share."""
        return self.key if self.kind == "share" else ""

    @property
    def scope(self) -> Scope:
        """Return the facts that overrides can select by."""
        if self.brief:
            about = self.brief
            return Scope(self.owner, self.account, self.path, about.risk_rating, about.status, about.tags)
        if self.kind == "share":
            return Scope("", "", self.path)
        content = self.value.get("content")
        uses = content.get("intended_uses") if isinstance(content, dict) else None
        risk = uses.get("risk_rating", "") if isinstance(uses, dict) else ""
        status, tags = str(self.value.get("status", "")), self.value.get("tags") or {}
        return Scope(self.owner, self.account, self.path, risk, status, tags)

    @property
    def owner(self) -> str:
        """The card's owner; empty for a share."""
        if self.brief:
            return self.brief.owner
        return str(self.value.get("owner", "")) if self.kind == "card" else ""


class Subjects:
    """Cards and shares that rules are held against."""

    def __init__(self, subjects: Iterable[Subject] = ()) -> None:
        self._all = tuple(subjects)
        self._by_path = {subject.path: subject for subject in self._all}

    def of(self, kind: SubjectKind) -> Sequence[Subject]:
        """All of a kind."""
        return [subject for subject in self._all if subject.kind == kind]

    def at(self, path: str) -> Subject | None:
        """The one that a file declares."""
        return self._by_path.get(path)

    def identity(self, _share: Subject) -> str:
        """Return a digest of everything that a share's rules see; empty if that is not known."""
        return ""

    def __iter__(self) -> Iterator[Subject]:
        return iter(self._all)


class Approver(NamedTuple):
    """Somebody whose review counts, and the groups of cardops.yaml that the person was in at that time."""

    name: str
    groups: tuple[str, ...] = ()


class Change(NamedTuple):
    """A change of one card or share between the base revision and now.

    `subject` is what it is now; for a removal what it was, placed where its file was. `before` is the parsed value at
    the base revision, None for what is new. `paths` are the changed places as `diff` writes them
    (`status`, `content.evaluation_details[holdout].datasets`); None: they are looked for when a rule asks.
    `contributors_known` is False where somebody may have
    written content whom git does not know.
    """

    kind: ChangeKind
    subject: Subject
    before: Mapping[str, Any] | None
    paths: tuple[str, ...] | None = ()
    authors: tuple[str, ...] = ()
    approvers: tuple[Approver, ...] = ()
    contributors_known: bool = True
    commit: str = ""

    def as_variables(self) -> dict[str, Any]:
        """The variables `card`, `share`, `before` and `change`, whose values are not kept.

        `card` or `share` is null for what was removed, and where the change is about the other kind. `change`: kind,
        paths, authors, approvers ([{name, groups}]), contributors_known, commit.
        """
        now = None if self.kind == "removed" else decode(self.subject.value)
        before = None if self.before is None else decode(self.before)
        card, share = (now, None) if self.subject.kind == "card" else (None, now)
        return {"card": card, "share": share, "before": before, "change": self._as_data(now, before)}

    def _as_data(self, now: Mapping[str, Any] | None, before: Mapping[str, Any] | None) -> dict[str, Any]:
        paths = self.paths
        if paths is None:
            paths = tuple(change.path for change in diff(before or {}, now or {}))
        return {
            "kind": self.kind,
            "paths": list(paths),
            "authors": list(self.authors),
            "approvers": [{"name": one.name, "groups": list(one.groups)} for one in self.approvers],
            "contributors_known": self.contributors_known,
            "commit": self.commit,
        }


class Facts(NamedTuple):
    """Everything that one evaluation may look at; `today` is YYYY-MM-DD, UTC.

    `changes` is None where no base revision was given: rules on a change are then not asked, and waivers of
    such rules are not held against what they match. `repository` is what `summary.summarize` returns.
    `config` places paths of cardops.yaml, for rules on the repository.
    """

    subjects: Subjects
    today: str
    changes: tuple[Change, ...] | None = None
    repository: Mapping[str, Any] = {}
    config: Placing | None = None
