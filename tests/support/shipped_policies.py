"""This repository's own cards, shares and cardops.yaml as facts, with statuses and sign-offs as a test wants them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cardops.desired.loader import load_repository
from cardops.desired.selectors import selected
from cardops.model.findings import Location
from cardops.policy.facts import Approver, Change, Facts, Subject, Subjects
from cardops.policy.files import Files, Folder
from cardops.policy.loader import PolicySet, load_policies
from cardops.policy.summary import summarize
from cardops.strict_yaml.reader import load

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2026-12-01"
BOTH = (Approver("risk-lead", ("model-risk",)), Approver("privacy-lead", ("data-protection",)))


def shipped() -> PolicySet:
    """The policies of this repository."""
    return load_policies(Folder(ROOT))


def value_of(path: Path) -> Any:
    """A file's value."""
    return load(path.read_bytes()).value


def subjects(status: str = "") -> list[Subject]:
    """All cards, in `status` if one is given, and all shares."""
    cards = [_subject("card", path, {"status": status} if status else {}) for path in _yaml("cards")]
    return [*cards, *(_subject("share", path, {}) for path in _yaml("shares"))]


def facts(given: Iterable[Subject], changes: tuple[Change, ...] | None = None) -> Facts:
    """Facts about them, and about this repository's cardops.yaml."""
    everything = tuple(given)
    paths = ["cardops.yaml", *(subject.path for subject in everything)]
    files = Files({path: (ROOT / path).read_bytes() for path in paths})
    desired = load_repository(files).desired
    assert desired is not None
    cards = {
        share.name: [
            str(key) for reference in share.cards for key in selected(reference, desired.cards, desired.config)
        ]
        for share in desired.shares
    }
    config = value_of(ROOT / "cardops.yaml")
    return Facts(Subjects(everything), TODAY, changes, summarize(config, everything, lambda: cards))


def change(subject: Subject, before: Mapping[str, Any] | None, approvers: tuple[Approver, ...] = ()) -> Change:
    """A change by ada, approved by `approvers`."""
    return Change("modified" if before else "added", subject, before, (), ("ada",), approvers)


def _yaml(folder: str) -> list[Path]:
    return sorted((ROOT / folder).glob("*.yaml"))


def _subject(kind: Any, path: Path, changed: Mapping[str, Any]) -> Subject:
    document = load(path.read_bytes())
    value = {**document.value, **changed}
    at = path.relative_to(ROOT).as_posix()

    def place(where: Any, at_key: bool) -> Location:
        return Location(at, *document.place(where, "key" if at_key else "value"))

    account = value.get("account", "shared-services") if kind == "card" else ""
    key = f"111111111111/eu-west-1/{value['name']}" if kind == "card" else str(value["name"])
    return Subject(kind, key, at, value, place, account)
