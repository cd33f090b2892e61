"""Edits in git, live edits, applies, crashes, clock and status moves in any order, against a model of a few fields.

The real commands run over HTTP; the model knows, for each field, what git last declared and cardops applied, what
git declares now and what is live. It is told of a crash only which calls had taken effect.
"""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from support.killable_workspace import KillableWorkspace
from support.profiles import by_profile
from support.workspace import DEV, allowed, arn, operations

pytestmark = pytest.mark.slow

FIELDS = ("p", "q", "r")
STATUSES = ("Draft", "PendingReview", "Approved")
EXAMPLES = by_profile(5, 20, 100)

Fields = dict[str, str]


def merged(base: Fields, git: Fields, live: Fields) -> Fields | None:
    """The three sides in one, or None for a conflict."""
    found = {}
    for name in FIELDS:
        was, ours, theirs = (side.get(name) for side in (base, git, live))
        if was != ours and was != theirs and ours != theirs:
            return None
        if (value := ours if ours != was else theirs) is not None:
            found[name] = value
    return found


class Life(RuleBasedStateMachine):
    """One card in one repository. `stack` and `beginning` are the test's: where every example starts."""

    stack: KillableWorkspace
    beginning: tuple[Any, str]

    @initialize()
    def begin(self) -> None:
        """The card exists, with no fields, as a Draft that ml-dev may write."""
        saved, commit = self.beginning
        self.stack.restore(saved)
        self.stack.git("checkout", "-q", "-B", "main", commit)
        self.base: Fields = {}
        self.git: Fields = {}
        self.live: Fields = {}
        self.status = self.live_status = "Draft"
        self.sent: list[Fields] = []

    def _commit(self) -> None:
        content = {"additional_information": {"custom_details": self.git}} if self.git else {}
        declare(self.stack, self.status, content)

    @rule(name=st.sampled_from(FIELDS), value=st.sampled_from(["", "x", "y"]))
    def edit_git(self, name: str, value: str) -> None:
        """A merge changes a field."""
        self.git = changed(self.git, name, value)
        self._commit()

    @rule(status=st.sampled_from(STATUSES))
    def move(self, status: str) -> None:
        """A merge changes the status."""
        self.status = status
        self._commit()

    @rule()
    def pull(self) -> None:
        """Git takes what is live, as a pull request would bring it."""
        whole = merged(self.base, self.git, self.live)
        if whole is not None:
            self.git = whole
            self._commit()

    @rule(name=st.sampled_from(FIELDS), value=st.sampled_from(["", "x", "y", "z"]))
    def edit_live(self, name: str, value: str) -> None:
        """ml-dev writes a field of the live card, where it may."""
        fields = changed(self.live, name, value)
        if fields in self.sent:
            return  # who writes just what an interrupted apply was about to send cannot be told from it
        content = {"additional_information": {"custom_details": fields}} if fields else {}
        client = self.stack.client(DEV)
        wrote = allowed(client.update_model_card, ModelCardName=arn("churn"), Content=json.dumps(content))
        assert not (wrote and self.live_status == "Approved"), "ml-dev could write an Approved card"
        self.live = fields if wrote else self.live

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        """Credentials, client tokens and invitations get old."""
        self.stack.backend.advance(hours * 3600.0)

    @rule()
    def apply(self) -> None:
        """An apply that nothing interrupts does what the model says."""
        done = self.stack.apply()
        assert done.code == (0 if self._end() else 3), (done.out, done.err)
        self.sent.clear()
        self.agrees()

    @rule(at=st.integers(1, 9), after=st.booleans())
    def crash(self, at: int, after: bool) -> None:
        """An apply that ends at a call. What had taken effect is read from the journal, not from what cardops keeps."""
        start, whole = self.stack.now(), merged(self.base, self.git, self.live)
        if not self.stack.killed(at, after):
            self._end()
            self.sent.clear()
            return
        calls = self.stack.journal(start, mutating=True)
        content = [call for call in calls if "Content" in call["parameters"]]
        marked = any(tag["Key"] == "cardops:digest" for call in calls for tag in call["parameters"].get("Tags", ()))
        statuses = [call["parameters"]["ModelCardStatus"] for call in calls if "ModelCardStatus" in call["parameters"]]
        self.live_status = statuses[-1] if statuses else self.live_status
        if content and whole is not None:
            self.live, self.base = whole, self.git
        elif marked:
            self.base = self.git
        if whole is not None:
            self.sent.append(whole)

    def _end(self) -> bool:
        """What an apply leads to; whether all of it is done."""
        whole = merged(self.base, self.git, self.live)
        if whole is None or (self.status == "Approved" and whole != self.git):
            if self.live_status == "Approved" != self.status:
                self.live_status = self.status
            return False
        self.live, self.base, self.live_status = whole, self.git, self.status
        return True

    @invariant()
    def agrees(self) -> None:
        """AWS holds what the model says."""
        if not hasattr(self, "live"):
            return
        found = self.stack.live("churn")
        details = found["content"].get("additional_information", {}).get("custom_details", {})
        assert (found["status"], details) == (self.live_status, self.live)

    def teardown(self) -> None:
        """At the end one more apply, and nothing is left to do; nor was any promise broken on the way."""
        if not hasattr(self, "live"):
            return
        if merged(self.base, self.git, self.live) is None:
            return
        self.pull()
        self.apply()
        start = self.stack.now()
        assert self.stack.apply().code == 0
        assert operations(self.stack.journal(start, mutating=True)) == []


def changed(fields: Fields, name: str, value: str) -> Fields:
    """The fields with one set, or without it where the value is empty."""
    return {key: item for key, item in fields.items() if key != name} | ({name: value} if value else {})


def declare(stack: KillableWorkspace, status: str, content: Any) -> str:
    """The card's file, committed."""
    stack.write("cards/churn.yaml", json.dumps({"name": "churn", "status": status, "owner": "a", "content": content}))
    return stack.commit()


@pytest.fixture(scope="module")
def life(stack: KillableWorkspace) -> type[Life]:
    """The machine with its stack, after the first apply: each example starts there, whatever the last one left."""
    commit = declare(stack, "Draft", {})
    assert stack.apply().code == 0

    class Here(Life):
        pass

    Here.stack, Here.beginning = stack, (stack.save(), commit)
    return Here


@pytest.mark.parametrize("number", range(4))
def test_any_order_of_events_loses_nothing_and_ends_where_git_says(life: type[Life], number: int) -> None:
    run_state_machine_as_test(
        seed(number)(life),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
