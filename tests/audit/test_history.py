"""Which commit a version came from, and what each of them changed."""

from dataclasses import replace

from cardops.audit.history import AppliedVersion, DeclaredVersion, HistoryEntry, join
from cardops.model import canonical
from cardops.model.desired import Status
from cardops.model.observed import CardVersion

DRAFT, PENDING, APPROVED, _ = Status


def content(purpose: str, **more: str) -> bytes:
    return canonical.to_bytes({"intended_uses": {"purpose_of_model": purpose} | more})


def version(number: int, text: bytes, status: Status = DRAFT) -> tuple[CardVersion, bytes]:
    when = f"2026-01-{number:02}T12:00:00+00:00"
    return CardVersion(number, status, when, when), text


def commit(name: str, day: int, text: bytes, status: Status = DRAFT, **more: tuple[str, ...]) -> DeclaredVersion:
    return DeclaredVersion(
        name, f"2026-01-{day:02}T09:00:00+00:00", "Ada <ada@example.org>", f"subject {name}", status, text, **more
    )


def rows(entries: list[HistoryEntry]) -> list[tuple[int, str, str]]:
    return [(entry.version, entry.origin, entry.commit) for entry in entries]


def test_a_version_that_holds_what_a_commit_declared_is_its_version() -> None:
    found = join(
        [version(1, content("first")), version(2, content("second"))],
        [commit("a", 1, content("first")), commit("b", 2, content("second"), signed_off=("risk-lead",))],
    )
    assert rows(found) == [(1, "git", "a"), (2, "git", "b")]
    assert found[1].changes == ("content.intended_uses.purpose_of_model",)
    assert (found[1].author, found[1].subject) == ("Ada <ada@example.org>", "subject b")
    assert found[1].signed_off == ("risk-lead",)


def test_a_version_that_no_commit_declared_came_through_the_api() -> None:
    found = join(
        [version(1, content("first")), version(2, content("first", risk_rating="Low"))],
        [commit("a", 1, content("first"))],
    )
    assert rows(found) == [(1, "git", "a"), (2, "api", "")]
    assert found[1].changes == ("content.intended_uses.risk_rating",)


def test_the_record_of_a_run_names_the_commit_of_a_merged_version() -> None:
    versions = [version(1, content("first")), version(2, content("second", risk_rating="Low"))]
    declared = [commit("a", 1, content("first")), commit("b", 2, content("second"))]
    assert rows(join(versions, declared)) == [(1, "git", "a"), (0, "commit", "b"), (2, "api", "")]
    found = join(versions, declared, {2: AppliedVersion("b", ("risk-lead",))})
    assert rows(found) == [(1, "git", "a"), (2, "merged", "b")]
    assert found[1].signed_off == ("risk-lead",)


def test_a_commit_that_only_moved_the_status_has_a_row_of_its_own() -> None:
    found = join(
        [version(1, content("first"), APPROVED)],
        [commit("a", 1, content("first")), commit("b", 3, content("first"), APPROVED)],
    )
    assert rows(found) == [(1, "git", "a"), (0, "commit", "b")]
    assert (found[1].status, found[1].changes) == (APPROVED, ("status",))


def test_a_revert_is_the_later_commit_and_not_the_first_one() -> None:
    texts = [content("first"), content("second"), content("first")]
    versions = [version(number, text) for number, text in enumerate(texts, 1)]
    declared = [commit(name, day, text) for name, day, text in zip("abc", (1, 2, 3), texts, strict=True)]
    assert rows(join(versions, declared)) == [(1, "git", "a"), (2, "git", "b"), (3, "git", "c")]


def test_a_commit_that_changed_nothing_of_the_card_has_no_row() -> None:
    found = join([version(1, content("first"))], [commit("a", 1, content("first")), commit("b", 2, content("first"))])
    assert rows(found) == [(1, "git", "a")]


def test_within_one_second_a_version_comes_before_the_commit_that_made_none() -> None:
    made, text = CardVersion(1, DRAFT, "2026-01-01T09:00:00.700000+00:00", ""), content("first")
    declared = [commit("a", 1, text), commit("b", 1, text, APPROVED)]
    assert rows(join([(made, text)], declared)) == [(1, "git", "a"), (0, "commit", "b")]


def test_a_commit_that_changes_only_what_stands_around_the_content_has_a_row_of_its_own() -> None:
    text = content("first")
    declared = [
        replace(commit("a", 1, text, APPROVED), envelope={"owner": "team-a"}),
        replace(
            commit("b", 2, text, APPROVED), envelope={"owner": "team-a", "model_package": {"group": "x", "version": 1}}
        ),
        replace(
            commit("c", 3, text, APPROVED), envelope={"owner": "team-b", "model_package": {"group": "x", "version": 2}}
        ),
    ]
    found = join([version(1, text, APPROVED)], declared)
    assert rows(found) == [(1, "git", "a"), (0, "commit", "b"), (0, "commit", "c")]
    assert [entry.changes for entry in found[1:]] == [("model_package",), ("model_package.version", "owner")]


def test_a_commit_with_a_version_names_both_kinds_of_changes() -> None:
    first, second = content("first"), content("second")
    declared = [
        replace(commit("a", 1, first), envelope={"owner": "team-a"}),
        replace(commit("b", 2, second), envelope={"owner": "team-b"}),
    ]
    found = join([version(1, first), version(2, second)], declared)
    assert found[1].changes == ("content.intended_uses.purpose_of_model", "owner")
