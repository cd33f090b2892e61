"""One digest a resource: it changes with what would be done, and with nothing else."""

import pytest

from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import AccessLevel, Account, Card, Desired
from cardops.model.observed import Observed
from cardops.plan.steps import Phase, Plan, SetTags, Step
from support.builders import (
    APPROVED,
    CONTRIBUTE,
    DEV,
    HOME,
    NEW,
    OLD,
    PROD,
    READ,
    card,
    config,
    desired,
    grant,
    live,
    observed,
    only,
    planned,
    ram_share,
    share,
    with_tags,
    words,
)
from support.replacing import replace

BASE = card()
CHANGED = card(content=words("second"))


def moved(wanted: Desired, found: Observed, base: Card = BASE) -> dict[str, str]:
    """The digests of the plan that closes the gap."""
    return planned(wanted, found, bases=[base]).digests()


def test_a_commit_alone_changes_no_digest() -> None:
    assert moved(desired(CHANGED, commit=OLD), observed(live(BASE))) == moved(
        desired(CHANGED, commit=NEW), observed(live(BASE))
    )
    assert planned(desired(card(), commit=OLD), observed()).digest() == planned(desired(card()), observed()).digest()


def test_times_change_no_digest() -> None:
    wanted = desired(card(status=APPROVED), shares=[share()])
    states = [observed(live(BASE), shares=[ram_share(updated=when)]) for when in ("2026-01-01", "2026-02-02")]
    assert moved(wanted, states[0]) == moved(wanted, states[1])


def test_provenance_tags_change_no_digest() -> None:
    other = with_tags(live(BASE), {"cardops:commit": NEW, "cardops:pull-request": "7"})
    assert moved(desired(CHANGED), observed(live(BASE))) == moved(desired(CHANGED), observed(other))


def test_another_declared_value_changes_the_digest() -> None:
    one = moved(desired(CHANGED), observed(live(BASE)))
    other = moved(desired(card(content=words("third"))), observed(live(BASE)))
    assert one.keys() == other.keys()
    assert one != other


@pytest.mark.parametrize(
    "seen",
    [live(BASE, version=2), live(BASE, content=words("first", intended_uses="theirs"))],
    ids=["version", "content"],
)
def test_what_was_seen_is_part_of_the_digest(seen: object) -> None:
    assert moved(desired(CHANGED), observed(live(BASE))) != moved(desired(CHANGED), observed(seen))  # type: ignore[arg-type]


def test_the_reason_is_part_of_the_digest() -> None:
    step = only(planned(desired(CHANGED), observed(live(BASE)), bases=[BASE]), "update")
    assert step.digest() != replace(step, reason="another").digest()
    assert step.digest() != replace(step, kind="another").digest()
    assert step.digest() == replace(step, resource="another name for people").digest()


def test_each_resource_has_its_own_digest() -> None:
    both = [card("a", content=words("second")), card("b", content=words("second"))]
    lives = [live(card("a")), live(card("b"))]
    bases = [card("a"), card("b")]
    one = planned(desired(*both), observed(*lives), bases=bases)
    other = planned(desired(both[0], card("b", content=words("third"))), observed(*lives), bases=bases)
    a, b = (f"{step.key}" for step in one.steps)
    assert one.digests()[a] == other.digests()[a]
    assert one.digests()[b] != other.digests()[b]
    assert one.digest() != other.digest()


def test_the_whole_digest_names_the_repository() -> None:
    mine = planned(desired(), observed())
    theirs = planned(desired(settings=config(repository="gov-other-9z9z")), observed())
    assert mine.digests() == theirs.digests() == {}
    assert mine.digest() != theirs.digest()


def test_revoking_another_card_is_another_digest() -> None:
    def ending(name: str) -> dict[str, str]:
        cards = [
            card("a", APPROVED if name == "a" else card().status),
            card("b", APPROVED if name == "b" else card().status),
        ]
        shared = ram_share(DEV, CONTRIBUTE, ("a", "b"))
        return planned(desired(*cards, shares=[share()]), observed(*map(live, cards), shares=[shared])).digests()

    one, other = ending("a"), ending("b")
    assert one.keys() == other.keys()
    assert one != other


def test_a_level_that_means_more_is_another_digest() -> None:
    wide = AccessLevel("read", CONTRIBUTE.actions, CONTRIBUTE.managed)
    approved = card(status=APPROVED)
    shares = [share(grant("ml-prod", "read", APPROVED))]
    narrow = planned(desired(approved, shares=shares), observed(live(approved)))
    wider = planned(desired(approved, shares=shares, settings=config(access={"read": wide})), observed(live(approved)))
    assert only(narrow, "share").digest() != only(wider, "share").digest()


def test_an_account_that_became_external_is_another_digest() -> None:
    outside = config(accounts=config().accounts | {"ml-dev": Account("ml-dev", DEV, external=True)})
    inside = planned(desired(card(), shares=[share()]), observed(live(card())))
    opened = planned(desired(card(), shares=[share()], settings=outside), observed(live(card())))
    assert only(inside, "share").digest() != only(opened, "share").digest()


def test_another_key_for_a_new_card_is_another_digest() -> None:
    plain = planned(desired(card()), observed())
    encrypted = planned(desired(card(kms_key_id="alias/model-cards")), observed())
    assert only(plain, "create").digest() != only(encrypted, "create").digest()


def test_read_and_contribute_are_different_resources() -> None:
    both = share(grant("ml-prod", "read"), grant("ml-prod", "contribute"))
    found = planned(desired(card(), shares=[both]), observed(live(card())))
    assert len(found.digests()) == 2
    assert {READ.name, CONTRIBUTE.name} == {
        c.after for step in found.steps for c in step.changes if c.path.startswith("access")
    }
    assert PROD not in str(found.steps[0].reason)


def test_a_step_that_is_changed_has_another_digest() -> None:
    (step,) = planned(desired(card()), observed()).steps
    once = step.digest()
    assert step.digest() == once
    assert step == replace(step)
    assert replace(step, reason="another").digest() != once
    assert replace(step, changes=step.changes[1:]).digest() != once


def test_digests_are_made_only_where_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Step, "digest", lambda _: 1 / 0)
    plan = planned(desired(card()), observed())
    with pytest.raises(ZeroDivisionError):
        plan.digest()


def test_digests_are_what_they_were_since_plans_that_were_shown_name_them() -> None:
    changes = (Change("tags.é", ABSENT, {"b": 1, "a": HOME}), Change("status", "Draft", None))
    step = Step(Phase.CONTENT, "tag", HOME, "churn", "a key", "a reason", SetTags({}), changes, "version 1")
    assert step.digest() == "34f2452e29256ba82fda293bd8c2f8b2"
    assert Plan("gov", NEW, (step,)).digests() == {"a key": "f8159b2e5f9f9a40c627e28b6820c514"}
    assert Plan("gov", NEW, (step,)).digest() == "6bff86c6d412bb2ecff958da68ca329f"
