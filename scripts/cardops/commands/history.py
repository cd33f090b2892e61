"""Join a card's versions with the commits that declared them and the runs that wrote them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cardops.audit.history import AppliedVersion, DeclaredVersion, HistoryEntry, join
from cardops.commands.workspace import Workspace
from cardops.desired.history import DeclarationHistory
from cardops.git.repository import Repository
from cardops.model.desired import APPROVED_BY, COMMIT, Card, Config
from cardops.model.errors import CloudError
from cardops.model.observed import CardVersion
from cardops.model.ports import Cards, Cloud


def card_history(
    workspace: Workspace, card: Card, records: list[dict[str, object]], cloud: Cloud
) -> tuple[list[HistoryEntry], dict[str, str]]:
    """The card's history, oldest first, and the place that could not be read, with the reason. Raises GitError."""
    declared = list(_declared(card, workspace.config, DeclarationHistory(Repository(workspace.root)), records))
    versions, tags, unknown = list[tuple[CardVersion, bytes]](), dict[str, str](), dict[str, str]()
    try:
        port = cloud.cards(card.key.place)
        versions, tags = _versions(port, card), port.tags(card.key.arn)
    except CloudError as problem:
        unknown[str(card.key.place)] = str(problem)
    return list(join(versions, _with_tags(declared, tags), _applied(card, records))), unknown


def _versions(port: Cards, card: Card) -> list[tuple[CardVersion, bytes]]:
    """Every version with its content, oldest first."""
    found = port.versions(card.key.name)
    return [(one, port.describe(card.key.name, one.version).content or b"{}") for one in found]


def _declared(
    card: Card, config: Config, declarations: DeclarationHistory, records: list[dict[str, object]]
) -> Iterator[DeclaredVersion]:
    """The commits that changed the card's file, oldest first."""
    revisions = declarations.revisions
    passages = list(reversed(list(declarations.passages(card, revisions.head()))))
    heads = revisions.headers([passage.commit for passage in passages])
    for passage in passages:
        there = declarations.card(passage.commit, card.key, card.location.path)
        if there is None:
            continue
        before = declarations.config(passage.parent) or config
        trailers = revisions.trailers([passage.commit], before.signing_keys)
        moved = passage.before is None or _content_state(passage.before) != _content_state(there)
        signed = signed_by(there, records, moved) or tuple(one.name for one in trailers if not one.refusal)
        head = heads[passage.commit]
        told = (head.when, head.author, head.subject)
        yield DeclaredVersion(passage.commit, *told, there.status, there.content, signed, _envelope(there))


def _content_state(card: Card) -> tuple[str, str]:
    return card.status.value, card.digest


def _envelope(card: Card) -> dict[str, Any]:
    """Return everything that a card's file declares beside status and content."""
    found = {
        "owner": card.owner,
        "tags": dict(card.tags),
        "kms_key_id": card.kms_key_id,
        "model_package": card.model_package and card.model_package._asdict(),
        "aggregate_from": card.origin and card.origin._asdict(),
        "live_sections": list(card.live_sections),
        "ignore": [one._asdict() for one in card.ignore],
    }
    return {key: value for key, value in found.items() if value}


def signed_by(card: Card, records: list[dict[str, object]], older: bool = True) -> tuple[str, ...]:
    """Return the people who signed off exactly this state, as a run recorded it; none if no run did.

    Records of earlier releases tell only of status and content; they count where `older`.
    """
    state = {"account": card.key.account, "region": card.key.region, "card": card.key.name}
    state |= {"status": card.status.value, "digest": card.digest}
    for record in records:
        for one in _entries(record, "signoffs"):
            if "declared" not in one and not older:
                continue
            wanted = state | ({"declared": card.declared} if "declared" in one else {})
            if wanted.items() <= {key: value for key, value in one.items() if key in wanted}.items():
                names = one["approved_by"]
                return tuple(map(str, names)) if isinstance(names, list) else ()
    return ()


def _applied(card: Card, records: list[dict[str, object]]) -> Mapping[int, AppliedVersion]:
    """Versions that a run wrote, with the commit that it applied."""
    found = {}
    for record in records:
        for one in _entries(record, "cards"):
            if (one["account"], one["region"], one["card"]) != tuple(card.key):
                continue
            after, before = one["after"], one["before"]
            if isinstance(after, dict) and (not isinstance(before, dict) or before["version"] < after["version"]):
                found[int(after["version"])] = AppliedVersion(str(one["commit"]))
    return found


def _with_tags(declared: list[DeclaredVersion], tags: Mapping[str, str]) -> list[DeclaredVersion]:
    """The live card's own tags say who signed off the commit that they name, where nothing else does."""
    by = tuple(filter(None, [tags.get(APPROVED_BY, "")]))
    return [
        replace(one, signed_off=by) if by and one.commit == tags.get(COMMIT) and not one.signed_off else one
        for one in declared
    ]


def _entries(record: dict[str, object], name: str) -> list[dict[str, object]]:
    found = record.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
