"""What the calls alone say: who could do what with which card after each of them. Shares no code with plan or apply.

The witness reads the journal's mutating calls and git's files. It knows SageMaker's and RAM's calls and nothing of
how cardops decides, so that one mistake cannot be in both.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import yaml

READ = frozenset({"sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions"})
WRITE = "sagemaker:UpdateModelCard"
MANAGED = {"AWSRAMPermissionSageMakerModelCards": READ | {WRITE}}
RANKS = {"Draft": 0, "PendingReview": 1, "Approved": 2}
NARROWED, WRITTEN, PROMOTED, SHARED = range(4)
"""The order of what may happen to one card in the applies of one commit."""
ORDER = ("narrowed", "written", "promoted", "shared")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One commit's files, read with a plain YAML parser."""

    accounts: Mapping[str, str]
    levels: Mapping[str, frozenset[str]]
    cards: Mapping[str, tuple[str, Any]]
    shares: tuple[Mapping[str, Any], ...]
    packages: Mapping[str, str] = field(default_factory=dict)
    """The card that names each model package version (`group/version`)."""

    def allows(self, card: str, principal: str, actions: frozenset[str], status: str) -> bool:
        """Whether somebody may have these actions while the card has this status."""
        return any(
            self.accounts[grant["to"]] == principal
            and status in grant["while"]
            and actions <= self.levels[grant["access"]]
            for share in self.shares
            if card in self.cards and any(fnmatchcase(card, pattern) for pattern in share["cards"])
            for grant in share["grants"]
        )

    def approves(self, card: str, content: Any) -> bool:
        """Whether just this content is declared as Approved; a hub copy declares none, so its origin's counts."""
        status, declared = self.cards.get(card, ("", None))
        return status == "Approved" and (declared is None or declared == content)


def _package(named: Mapping[str, Any]) -> str:
    return f"{named['group']}/{named['version']}"


def declared(files: Mapping[str, str]) -> Declaration:
    """From the text of each file by its path."""
    found = {path: yaml.safe_load(text) for path, text in files.items()}
    config = found["cardops.yaml"]
    levels = {
        name: frozenset(level["actions"]) if "actions" in level else MANAGED[level["managed"]]
        for name, level in config["access"].items()
    }
    cards = [card for path, card in found.items() if path.startswith("cards/")]
    return Declaration(
        {alias: account["id"] for alias, account in config["accounts"].items()},
        levels,
        {card["name"]: (card["status"], card.get("content")) for card in cards},
        tuple(share for path, share in found.items() if path.startswith("shares/")),
        {
            "{group}/{version}".format(**card["model_package"]): card["name"]
            for card in cards
            if "model_package" in card
        },
    )


@dataclass(slots=True)
class Card:
    """A card of the home account as the calls left it."""

    status: str
    content: Any


@dataclass(slots=True)
class Share:
    """A resource share as the calls left it."""

    name: str
    cards: set[str]
    principals: set[str]
    actions: frozenset[str]


class Access(NamedTuple):
    """Somebody can do something with a card."""

    card: str
    principal: str
    actions: frozenset[str]


@dataclass(slots=True)
class Oracle:
    """Follows the journal. `arns` are the shares by name, oldest first, as RAM lists them, deleted ones included."""

    home: str
    arns: Mapping[str, list[str]]
    cards: dict[str, Card] = field(default_factory=dict)
    shares: dict[str, Share] = field(default_factory=dict)
    permissions: dict[str, frozenset[str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)
    braked: set[str] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)
    """Model package versions that cardops approved."""
    named: dict[str, str] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def watch(self, calls: Iterable[Mapping[str, Any]], window: list[Declaration], same_commit: bool = False) -> None:
        """The calls of one apply. `window`: what git declared since the last apply that finished, newest last.

        With `same_commit` it is the next attempt at what was interrupted.
        """
        if not same_commit:
            self.reached.clear()
        for one in window:
            self.named |= one.packages
        for call in calls:
            if call["error"] not in (None, "ConnectionDroppedAfter"):
                continue
            ours = call["role"] == "cardops-apply" or call["role"] == "cardops-consumer"
            for card, step in self._take(call):
                if ours:
                    self._in_order(call, card, step)
                if ours and card in self.braked and step != NARROWED:
                    self.complaints.append(f"{call['n']} {call['operation']}: {card} was {ORDER[step]} while braked")
            self._promises(call, window)

    def _in_order(self, call: Mapping[str, Any], card: str, step: int) -> None:
        if step < self.reached.get(card, NARROWED):
            self.complaints.append(
                f"{call['n']} {call['operation']}: {card} was {ORDER[step]} after it was {ORDER[self.reached[card]]}"
            )
        self.reached[card] = max(step, self.reached.get(card, NARROWED))

    def _promises(self, call: Mapping[str, Any], window: list[Declaration]) -> None:
        for name, card in self.cards.items():
            if card.status == "Approved" and not any(one.approves(name, card.content) for one in window):
                self.complaints.append(f"{call['n']} {call['operation']}: {name} is Approved with unreviewed content")
        for package in self.approved:
            named = self.cards.get(self.named.get(package, ""))
            if named is None or named.status != "Approved":
                self.complaints.append(f"{call['n']} {call['operation']}: {package} is approved without its card")
        for access in self.access():
            card = self.cards[access.card]
            if card.status == "Approved" and WRITE in access.actions:
                self.complaints.append(
                    f"{call['n']} {call['operation']}: {access.principal} can write {access.card}, which is Approved"
                )
            if not any(one.allows(*access, card.status) for one in window):
                self.complaints.append(
                    f"{call['n']} {call['operation']}: {access.principal} has {sorted(access.actions)} on "
                    f"{access.card} while {card.status}, which nothing declares"
                )

    def access(self) -> Iterator[Access]:
        """Who can do what now."""
        for share in self.shares.values():
            for card in share.cards & self.cards.keys():
                for principal in share.principals:
                    yield Access(card, principal, share.actions)

    def _take(self, call: Mapping[str, Any]) -> list[tuple[str, int]]:
        """The state after a call; what it did to which card."""
        take = getattr(self, f"_{call['operation']}", None)
        if take is None or (call["account"] != self.home and not self._elsewhere(call)):
            return []
        return list(take(call["parameters"]))

    def _elsewhere(self, call: Mapping[str, Any]) -> bool:
        """A consumer's call on a card of the home account, which it names by ARN."""
        return f":{self.home}:" in str(call["parameters"].get("ModelCardName", ""))

    def _CreateModelCard(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802 - AWS's names
        name = given["ModelCardName"]
        if name in self.cards:
            self.complaints.append(f"{name} was created twice")
        self.cards[name] = Card(given["ModelCardStatus"], json.loads(given["Content"]))
        yield name, WRITTEN

    def _UpdateModelCard(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802
        name = given["ModelCardName"].rpartition("/")[2]
        card = self.cards[name]
        if ("Content" in given) == ("ModelCardStatus" in given):
            self.complaints.append(f"{name}: content and status in one call")
        if "Content" in given:
            card.content = json.loads(given["Content"])
            yield name, WRITTEN
        else:
            before, card.status = card.status, given["ModelCardStatus"]
            if before != card.status:
                yield name, PROMOTED if RANKS.get(card.status, -1) > RANKS[before] else NARROWED

    def _AddTags(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802
        if any(tag["Key"] == "cardops:brake" for tag in given["Tags"]):
            self.braked.add(given["ResourceArn"].rpartition("/")[2])
        yield from ()

    def _DeleteTags(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802
        if "cardops:brake" in given["TagKeys"]:
            self.braked.discard(given["ResourceArn"].rpartition("/")[2])
        yield from ()

    def _UpdateModelPackage(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802
        package = given["ModelPackageArn"].partition(":model-package/")[2]
        self.approved.discard(package)
        if given.get("ModelApprovalStatus") == "Approved" and given.get("CustomerMetadataProperties"):
            self.approved.add(package)
        yield from ()

    def _CreatePermission(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802
        self.permissions[given["name"]] = actions(given["policyTemplate"])
        yield from ()

    def _CreatePermissionVersion(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802
        self.permissions[given["permissionArn"].rpartition("/")[2]] = actions(given["policyTemplate"])
        yield from ()

    def _CreateResourceShare(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802
        if given["clientToken"] in self.tokens:
            return
        made = sum(name == given["name"] for name in self.tokens.values())
        self.tokens[given["clientToken"]] = given["name"]
        if given.get("allowExternalPrincipals") is None:
            self.complaints.append(f"{given['name']}: left to RAM whether outsiders may be associated")
        (permission,) = given["permissionArns"]
        share = Share(given["name"], set(), set(given["principals"]), self._actions(permission))
        self.shares[self.arns[given["name"]][made]] = share
        yield from self._hold(share, given.get("resourceArns", []))

    def _AssociateResourceShare(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802
        share = self.shares[given["resourceShareArn"]]
        share.principals |= set(given.get("principals", []))
        yield from self._hold(share, given.get("resourceArns", []))

    def _DisassociateResourceShare(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802
        share = self.shares[given["resourceShareArn"]]
        gone = {arn.rpartition("/")[2] for arn in given.get("resourceArns", [])}
        affected = share.cards & gone if gone else set(share.cards)
        share.cards -= gone
        share.principals -= set(given.get("principals", []))
        yield from ((card, NARROWED) for card in affected)

    def _DeleteResourceShare(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802
        share = self.shares.pop(given["resourceShareArn"], None)  # its answer may be lost, and it is sent again
        yield from ((card, NARROWED) for card in (share.cards if share else ()))

    def _AssociateResourceSharePermission(self, given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # noqa: N802
        share = self.shares[given["resourceShareArn"]]
        before, share.actions = share.actions, self._actions(given["permissionArn"])
        yield from ((card, NARROWED if share.actions < before else SHARED) for card in share.cards)

    def _hold(self, share: Share, arns: Iterable[str]) -> Iterator[tuple[str, int]]:
        for arn in arns:
            name = arn.rpartition("/")[2]
            if name not in self.cards:
                self.complaints.append(f"{name} was shared before it was there")
            share.cards.add(name)
            yield name, SHARED

    def _actions(self, permission: str) -> frozenset[str]:
        name = permission.rpartition("/")[2]
        return MANAGED[name] if name in MANAGED else self.permissions[name]


def actions(template: str) -> frozenset[str]:
    """Those of a permission's policy template."""
    return frozenset(json.loads(template)["Action"])
