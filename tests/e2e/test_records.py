"""What a run leaves and what it answers: records, the ledger, history, why; and plans that gate their own resources."""

import hashlib
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from cardops.model import canonical
from support.ledger import LEDGER, predicates
from support.signed_changes import merge, reviews, start
from support.workspace import DEV, OWNER, Workspace, arn, operations

SCHEMAS = Path(__file__).parents[2] / "policies" / "schemas"


def fits(name: str, text: str) -> Any:
    document = json.loads(text)
    Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text())).validate(document)
    return document


def test_every_run_leaves_a_record_and_history_and_why_answer_from_it(world: Workspace) -> None:
    start(world)
    head, merged = merge(world, "Approved")
    refused = world.apply("--ledger", "--record", "../record.json")
    assert refused.code == 3
    first = json.loads((world.root.parent / "record.json").read_text())["predicate"]
    assert (first["commit"], first["exit_code"], first["complete"]) == (merged, 3, False)
    assert [(one["card"], "signed" in one["reason"]) for one in first["held"]] == [("churn", True)]
    asked = fits("why", world.cardops("why", "churn", "--format", "json").out)
    assert (asked["declared"], asked["live"]) == ("Approved", "PendingReview")
    assert asked["since"] == {"when": first["finished"], "commit": merged, "job": ""}
    assert asked["next"] == "somebody who did not contribute to it"
    said = world.cardops("why", "churn").out
    assert "churn (111111111111/eu-west-1): git says Approved, AWS says PendingReview\n  held: churn is to be" in said
    assert "cards/churn.yaml:1:1: signoff/missing warn: churn is to be Approved, and nobody signed it off" in said
    assert world.apply("--ledger", "--reviews", reviews(world, head, merged, "lead")).code == 0
    again, last = predicates(world)
    assert again == first
    assert (last["exit_code"], last["complete"], last["held"]) == (0, True, [])
    assert [(one["card"], one["approved_by"], one["pull_request"]) for one in last["signoffs"]] == [
        ("churn", ["lead"], "7")
    ]
    assert last["cards"][0]["before"] == {"status": "PendingReview", "version": 1}
    assert last["cards"][0]["after"] == {"status": "Approved", "version": 1}
    state = json.loads(world.git("show", f"{LEDGER}:state/111111111111-eu-west-1.json"))
    assert state["cards"]["churn"]["status"] == "Approved"
    assert world.git("rev-list", "--count", LEDGER) == "2"
    assert "nothing holds it: AWS has what git declares" in world.cardops("why", "churn").out
    rows = fits("history", world.cardops("history", "churn", "--format", "json").out)["entries"]
    assert [(row["version"], row["origin"], row["signed_off"]) for row in rows] == [
        (1, "git", []),
        (0, "commit", ["lead"]),
    ]
    assert rows[1]["commit"] == merged
    assert "signed off by lead" in world.cardops("history", "churn").out


def test_a_record_names_the_content_that_is_live_by_its_digest_and_holds_none(world: Workspace) -> None:
    world.card("churn", purpose="secret words")
    world.commit()
    assert world.apply().code == 0
    world.contribute("churn", {"intended_uses": {"purpose_of_model": "secret words", "risk_rating": "Low"}}, DEV)
    world.card("churn", purpose="other secret words")
    commit = world.commit()
    assert world.apply("--ledger").code == 0
    text = world.git("show", f"{LEDGER}:{world.git('ls-tree', '-r', '--name-only', LEDGER, 'runs/')}")
    names = [subject["name"].rpartition(":")[2] for subject in json.loads(text)["subject"]]
    assert names == ["commit", "model-card/churn"]
    assert "words" not in text
    rows = json.loads(world.cardops("history", "churn", "--format", "json").out)["entries"]
    assert [(row["version"], row["origin"]) for row in rows] == [(1, "git"), (2, "api"), (3, "merged")]
    assert rows[2]["commit"] == commit
    assert "words" not in world.cardops("history", "churn").out


def test_read_only_commands_make_no_mutating_call_and_name_what_they_do_not_know(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    begun = world.now()
    assert world.cardops("why", "churn").code == 0
    assert "the next apply: create churn" in world.cardops("why", "churn").out
    absent = world.cardops("history", "churn")
    assert absent.code == 3
    assert "no version" in absent.out
    assert world.journal(begun, mutating=True) == []
    for command in ("why", "history"):
        done = world.cardops(command, "chrun")
        assert done.code == 64
        assert "Did you mean 'churn'?" in done.err


def test_plans_gate_only_what_they_name_and_what_moved_is_held_and_named(world: Workspace) -> None:
    world.git("commit", "-q", "--allow-empty", "-m", "root")
    for name in ("a", "b", "c"):
        world.card(name)
    world.commit()
    assert world.apply().code == 0
    world.git("checkout", "-q", "-b", "change")
    for name in ("a", "b", "c"):
        world.card(name, purpose="second")
    world.commit()
    (world.root.parent / "plans").mkdir()
    planned = world.cardops("plan", "--against", "main", "--out", "../plans/1.json")
    assert planned.code == 0, planned.err
    world.git("checkout", "-q", "main")
    world.git("merge", "-q", "--no-ff", "change")
    world.contribute("b", {"intended_uses": {"purpose_of_model": "first", "risk_rating": "Low"}}, DEV)
    begun = world.now()
    done = world.apply("--expect", "@../plans", "--ledger", "--format", "markdown")
    assert done.code == 3
    written = [call["parameters"] for call in world.journal(begun, mutating=True) if call["role"]]
    assert {
        value for one in written for value in one.values() if isinstance(value, str) and "b" in value.split("/")[-1:]
    } == set()
    assert [world.live(name)["content"]["intended_uses"]["purpose_of_model"] for name in "abc"] == [
        "second",
        "first",
        "second",
    ]
    assert done.out.startswith("✋ **Applied in part: 1 card waiting for somebody, 2 steps done.**")
    assert "- `b` (update) held: it moved since it was shown; nothing was written" in done.out
    assert not predicates(world)[-1]["complete"]
    digest = done.out.split("with the digest `")[1].split("`")[0]
    assert world.apply("--expect", "0" * 32).code == 3
    released = world.apply("--expect", digest, "--ledger")
    assert released.code == 0, released
    assert world.live("b")["content"]["intended_uses"] == {"purpose_of_model": "second", "risk_rating": "Low"}
    assert predicates(world)[-1]["complete"]


def test_a_record_reads_new_cards_in_bulk_or_each_once(world: Workspace) -> None:
    """Where the index has them already they are not asked for one by one; where it lags, once."""
    bodies = []
    for names, lag, times in ((("a", "b", "c"), 0, 0), (("d", "e", "f"), 3600, 1)):
        world.control("faults", {"search_lag_seconds": lag})
        for name in names:
            world.card(name)
        world.commit()
        start = world.now()
        assert world.apply("--record", "../record.json").code == 0
        after = [call["n"] for call in world.journal(start, mutating=True)][-1]
        asked = operations([call for call in world.journal(after) if call["account"] == OWNER])
        assert (asked.count("DescribeModelCard"), asked.count("ListTags")) == (3 * times, 3 * times)
        bodies.append(json.loads((world.root.parent / "record.json").read_text()))
        for name in names:
            sent = canonical.to_bytes(world.live(name)["content"])
            assert {"name": arn(name), "digest": {"sha256": hashlib.sha256(sent).hexdigest()}} in bodies[-1]["subject"]
    assert [len(body["predicate"]["cards"]) for body in bodies] == [3, 3]
