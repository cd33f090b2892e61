"""Sequences of git edits, live edits, applies, pulls and crashes, in any order, against a model of what must hold.

The model knows for each field what git last declared and cardops applied (base), what git declares and what is
live; the real code knows tags, versions and commits. They must agree after every operation.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardops.apply.results import StepOutcome
from cardops.apply.runner import ApplyRunner
from cardops.commands.pull_edits import PullOutcome, contributions, written
from cardops.desired.history import DeclarationHistory
from cardops.desired.loader import load_repository
from cardops.model import canonical
from cardops.model.desired import Desired
from cardops.model.observed import Observed
from cardops.observed.last_applied import LastApplied
from cardops.observed.reader import observe_cards, observe_contents
from cardops.plan.builder import make_plan
from cardops.plan.card_merge import MergeInputs
from cardops.plan.inputs import PlanInputs
from cardops.plan.steps import Plan
from cardops.strict_yaml.emitter import dump
from support.builders import HOME, REPO, TODAY
from support.fake_cards import Crash, FakeCards
from support.profiles import examples

CONFIG = dump(
    {
        "version": 1,
        "repository": REPO,
        "region": HOME.region,
        "home": "home",
        "accounts": {"home": {"id": HOME.account}},
    }
)
PATH = "cards/churn.yaml"
FIELDS = ("p", "q", "first", "second")
"""Two keys of a mapping, and two items of a list."""

Fields = dict[str, str]


def content(fields: Fields) -> Any:
    """The fields as a card's content."""
    items = [{"name": name, "evaluation_observation": fields[name]} for name in fields if name in FIELDS[2:]]
    details = {name: fields[name] for name in FIELDS[:2] if name in fields}
    return {"additional_information": {"custom_details": details}, "evaluation_details": items}


def fields_of(text: bytes) -> Fields:
    """The reverse."""
    found = canonical.from_bytes(text)
    items = {item["name"]: item["evaluation_observation"] for item in found["evaluation_details"]}
    return found["additional_information"]["custom_details"] | items


class Tree:
    """A commit's files."""

    def __init__(self, text: str) -> None:
        self.files = {"cardops.yaml": CONFIG.encode(), PATH: text.encode()}

    def paths(self) -> list[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


class Git:
    """Commits in a row. Implements what Bases asks of Revisions."""

    def __init__(self) -> None:
        self.texts = [f"# the card\nname: churn\nstatus: Draft\nowner: a\n{dump({'content': content({})})}"]

    @property
    def head(self) -> str:
        return f"{len(self.texts):040x}"

    def knows(self, commit: str) -> bool:
        return 0 < int(commit, 16) <= len(self.texts)

    def tree(self, commit: str, paths: object = None) -> Any:
        del paths  # there are just two files
        return Tree(self.texts[int(commit, 16) - 1])

    def edit(self, fields: Fields) -> None:
        self.texts.append(written(self.texts[-1], content(fields)))

    def desired(self) -> Desired:
        found = load_repository(self.tree(self.head), self.head).desired
        assert found is not None
        return found


class Cloud:
    """One place with cards and no shares."""

    def __init__(self) -> None:
        self.port = FakeCards(HOME)

    def cards(self, place: object) -> FakeCards:
        assert place == HOME
        return self.port

    def sharing(self, place: object) -> Any:
        raise AssertionError(place)


@dataclass
class Model:
    """`pending`: what an interrupted apply was about to send, and git's declaration then."""

    base: Fields = field(default_factory=dict)
    git: Fields = field(default_factory=dict)
    live: Fields = field(default_factory=dict)
    pending: tuple[Fields, Fields] | None = None

    def merged(self) -> Fields | None:
        """The three sides in one, or None for a conflict."""
        found = {}
        for name in FIELDS:
            base, git, live = (side.get(name) for side in (self.base, self.git, self.live))
            if base != git and base != live and git != live:
                return None
            if (value := git if git != base else live) is not None:
                found[name] = value
        return found


class World:
    """The real code in the middle, the model beside it."""

    def __init__(self) -> None:
        self.git, self.cloud, self.model = Git(), Cloud(), Model()
        self.seen: list[Fields] = [{}]
        self.apply()

    @property
    def port(self) -> FakeCards:
        return self.cloud.port

    def plan(self) -> Plan:
        desired = self.git.desired()
        observed = Observed(observe_cards(self.port, HOME, desired), (), {HOME: {}})
        memory = self._memory()
        return make_plan(PlanInputs(desired, observed, TODAY, memory.find(desired, observed), unmerged=memory.unmerged))

    def _memory(self) -> LastApplied:
        return LastApplied(DeclarationHistory(self.git), self.cloud)  # type: ignore[arg-type] # they stand in for both

    def edit_git(self, name: str, value: str) -> None:
        self._commit(changed(self.model.git, name, value))

    def revert(self, back: int) -> None:
        self._commit(self.seen[-1 - back % len(self.seen)])

    def _commit(self, fields: Fields) -> None:
        self.git.edit(fields)
        self.seen.append(fields)
        self.model.git = fields

    def edit_live(self, name: str, value: str) -> None:
        fields = self._live_with(name, value)
        if self.model.pending and self.model.pending[0] == fields:
            return  # who writes just what an interrupted apply was about to send cannot be told from it
        self.port.contribute("churn", canonical.to_bytes(content(fields)))
        self.model.live = fields

    def _live_with(self, name: str, value: str) -> Fields:
        """What a person writes who changes one field, and leaves the others in the order in which they are."""
        return changed(fields_of(self.port.describe("churn").content or b""), name, value)

    def pull(self) -> None:
        desired = self.git.desired()
        (card,) = desired.cards.values()
        observed = observe_contents(self.cloud, [card], thorough=False)  # type: ignore[arg-type] # see _memory
        expected = self.model.merged()
        if card.key not in observed.cards:
            assert expected == self.model.git
            return
        base = self._memory().find(desired, observed).get(card.key)
        sides = MergeInputs(card, observed.cards[card.key], base, REPO, self.git.head, TODAY)
        done = contributions(sides, self.git.texts[-1])
        if expected is None:
            assert done.outcome is PullOutcome.CONFLICTING
        elif expected == self.model.git:
            assert done.outcome is PullOutcome.UNCHANGED
        else:
            assert done.outcome is PullOutcome.PULLED
            self.git.texts.append(done.text)
            self.seen.append(expected)
            self.model.git = expected

    def apply(self, race: tuple[str, str] | None = None) -> None:
        """A whole apply; with `race` somebody writes a field just before our write."""
        raced: list[Fields] = []

        def before(call: str) -> None:
            if call == "write_content" and race and not raced:
                raced.append(self._live_with(*race))
                self.port.contribute("churn", canonical.to_bytes(content(raced[0])))

        self.port.before = before
        results = ApplyRunner(self.plan(), self.cloud).apply()  # type: ignore[arg-type] # see _memory
        self.port.before = lambda _: None
        sent = self.model.merged()
        if sent is None:
            assert results == []
            return
        ours = Model(self.model.live, sent, raced[0] if raced else self.model.live)
        merged = ours.merged()
        if merged is None:
            assert [result.outcome for result in results] == [StepOutcome.HELD]
            name, _ = race or ("", "")
            self.model.live = {key: value for key, value in sent.items() if key != name}
            self.model.live |= {name: raced[0][name]} if name in raced[0] else {}
        else:
            assert {result.outcome for result in results} <= {StepOutcome.CREATED, StepOutcome.UPDATED}
            self.model.live, self.model.base = merged, self.model.git
        self.model.pending = None

    def crash(self, call: int, after: bool) -> None:
        """An apply that ends before or after its n-th mutating call. Calls: announce, write, tags, forget."""
        count = 0

        def crash(now: bool) -> Callable[[str], None]:
            def check(_: str) -> None:
                nonlocal count
                count += now is after
                if now is after and count == call:
                    raise Crash

            return check

        self.port.before, self.port.after = crash(False), crash(True)
        try:
            ApplyRunner(self.plan(), self.cloud).apply()  # type: ignore[arg-type] # see _memory
        except Crash:
            finished = False
        else:
            finished = True
        self.port.before = self.port.after = lambda _: None
        sent = self.model.merged()
        if sent is None:
            return
        done = call - (not after)
        if sent == self.model.live:  # tags only: one call says that the declaration is applied
            self.model.base = self.model.git if finished or done >= 1 else self.model.base
        else:
            if finished or done >= 1:
                self.model.pending = (sent, self.model.git)
            if finished or done >= 2:
                self.model.live, self.model.base = sent, self.model.git
        if finished:
            self.model.pending = None

    def agrees(self) -> None:
        assert fields_of(self.port.describe("churn").content or b"") == self.model.live


def changed(fields: Fields, name: str, value: str) -> Fields:
    """The fields with one set, or without it where the value is empty."""
    return {key: item for key, item in (fields | {name: value}).items() if item}


names = st.sampled_from(FIELDS)
values = st.sampled_from(["", "x", "y"])
unique = st.integers(0, 10**6).map(str) | st.just("")
operations = st.one_of(
    st.tuples(st.just("edit_git"), names, unique),
    st.tuples(st.just("edit_live"), names, unique),
    st.tuples(st.just("edit_git"), names, values),
    st.tuples(st.just("edit_live"), names, values),
    st.tuples(st.just("revert"), st.integers(0, 3)),
    st.tuples(st.just("apply")),
    st.tuples(st.just("apply"), st.tuples(names, unique)),
    st.tuples(st.just("crash"), st.integers(1, 4), st.booleans()),
    st.tuples(st.just("pull")),
)


@given(st.lists(operations, max_size=14))
@examples(100)
def test_nothing_that_one_side_changed_is_lost_and_nothing_reverted_comes_back(found: list[tuple[Any, ...]]) -> None:
    world = World()
    for name, *arguments in found:
        getattr(world, name)(*arguments)
        world.agrees()
    if world.model.merged() is None:
        assert [finding.rule for finding in world.plan().findings][:1] == ["content/conflict"]
        return
    world.apply()
    world.pull()
    world.agrees()
    assert world.model.git == world.model.live
    assert world.plan().differences() == []
    world.apply()
    assert world.plan().steps == ()


def test_a_write_that_was_interrupted_is_remembered_when_the_next_one_is_interrupted_too() -> None:
    world = World()
    world.edit_git("p", "old")
    world.apply()
    world.edit_git("p", "new")
    world.crash(2, after=True)
    world.edit_git("q", "more")
    world.crash(2, after=False)
    world.edit_git("p", "old")
    world.apply()
    world.agrees()
    assert fields_of(world.port.describe("churn").content or b"")["p"] == "old"


def test_words_that_somebody_wrote_and_took_back_are_not_the_write_that_crashed_before_it_was_sent() -> None:
    """The pulled words are announced as git's, and an older version of somebody else's holds just the same."""
    world = World()
    world.edit_live("p", "0")
    world.pull()
    world.edit_live("p", "")
    world.crash(1, after=True)
    world.apply()
    world.agrees()
    assert fields_of(world.port.describe("churn").content or b"") == {"p": "0"}


@pytest.mark.parametrize("later", [False, True])
def test_what_was_written_just_before_a_write_that_crashed_comes_back(later: bool) -> None:
    world = World()
    world.edit_git("p", "new")
    pending = [content({"q": "theirs"})]

    def before(call: str) -> None:
        if call == "write_content" and pending:
            world.port.contribute("churn", canonical.to_bytes(pending.pop()))

    def after(call: str) -> None:
        if call == "write_content":
            raise Crash

    world.port.before, world.port.after = before, after
    with pytest.raises(Crash):
        ApplyRunner(world.plan(), world.cloud).apply()  # type: ignore[arg-type] # see _memory
    world.port.before = world.port.after = lambda _: None
    assert fields_of(world.port.describe("churn").content or b"") == {"p": "new"}
    if later:
        world.port.contribute("churn", canonical.to_bytes(content({"p": "new", "first": "later"})))
    ApplyRunner(world.plan(), world.cloud).apply()  # type: ignore[arg-type] # see _memory
    expected = {"p": "new", "q": "theirs"} | ({"first": "later"} if later else {})
    assert fields_of(world.port.describe("churn").content or b"") == expected
    assert world.plan().steps == ()
