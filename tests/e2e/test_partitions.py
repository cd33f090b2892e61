"""Parts of a plan, of an apply and of a run: each reads, writes and records its own, and together they are whole."""

import json
from pathlib import Path
from typing import Any

from support.ledger import LEDGER, predicates
from support.workspace import CONFIG, DEV, OWNER, TEST, Workspace, operations

HOME, THERE, NOBODY = (f"{account}/eu-west-1" for account in (OWNER, DEV, TEST))
LIMITS = CONFIG + "safety: {max_updates: 1, floor: 2}\n"


def two_owners(world: Workspace, purpose: str = "first", **more: str) -> str:
    """Two cards in the home account and two in ml-dev's; the commit."""
    for name, account in (("a", "shared-services"), ("b", "shared-services"), ("c", "ml-dev"), ("d", "ml-dev")):
        world.card(name, purpose=more.get(name, purpose), account=account)
    return world.commit()


def owners(world: Workspace, since: int) -> set[str]:
    """The accounts in which something was changed."""
    return {call["account"] for call in world.journal(since, mutating=True)}


def begin(world: Workspace, place: Path, *more: str) -> list[dict[str, Any]]:
    """The jobs of a run in parts."""
    done = world.cardops("ci", "begin", "--out", str(place / "run"), *more)
    assert done.code == 0, done.err
    jobs: list[dict[str, Any]] = json.loads(done.out)["jobs"]
    return jobs


def part(place: Path, number: int, partition: str, plan: int | None = None) -> tuple[str, ...]:
    """What an apply is told of its part."""
    pages = place / "parts" / f"cardops-part-{number}" / "pages"
    shown = place / "run" / "parts" / f"{number if plan is None else plan}.json"
    return ("--partition", partition, "--plan", str(shown), "--pages", str(pages))


def join(world: Workspace, place: Path, *more: str) -> Any:
    """The last job."""
    return world.cardops("ci", "join", str(place / "run"), "--parts", str(place / "parts"), *more)


def test_partitions_with_changes_and_the_plan_of_one(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    listed = world.cardops("plan", "--partitions")
    assert listed.code == 0
    found = json.loads(listed.out.strip().splitlines()[-1])
    assert [(one["account"], one["region"]) for one in found["partitions"]] == [tuple(HOME.split("/"))]
    here = world.cardops("plan", "--partition", HOME, "--detailed-exitcode")
    assert here.code == 2
    assert "churn" in here.out
    start = world.now()
    there = world.cardops("plan", "--partition", NOBODY, "--detailed-exitcode")
    assert there.code == 0
    assert "nothing to do" in there.out
    assert operations(world.journal(start)) == []
    for wrong in (world.cardops("plan", "--partition", "ml-dev"), world.apply("--partition", "ml-dev")):
        assert (wrong.code, "write ACCOUNT/REGION" in wrong.err) == (64, True)


def test_one_partition_alone_leaves_the_other_and_records_only_its_own(world: Workspace) -> None:
    for name, account in (("e", "shared-services"), ("f", "ml-dev")):
        world.card(name, "Approved", account=account)
    commit = two_owners(world)
    start = world.now()
    done = world.apply("--partition", THERE, "--ledger")
    assert done.code == 0, done
    assert owners(world, start) == {DEV}
    assert "create c" in done.out
    assert "create a" not in done.out
    (record,) = predicates(world)
    assert (record["partitions"], record["complete"], record["commit"]) == ([THERE], True, commit)
    assert [one["card"] for one in record["cards"]] == ["c", "d", "f"]
    assert [one["card"] for one in record["signoffs"]] == ["f"]
    assert record["unknown"] == []
    assert world.git("ls-tree", "-r", "--name-only", LEDGER, "state/") == f"state/{DEV}-eu-west-1.json"
    assert world.apply("--partition", THERE, "--partition", HOME).code == 0
    assert owners(world, start) == {DEV, OWNER}
    assert world.cardops("plan", "--write-role", "--detailed-exitcode").code == 0


def test_what_ends_access_in_one_partition_ends_nothing_in_another(world: Workspace) -> None:
    two_owners(world)
    assert world.apply().code == 0
    share = (world.root / "shares/lifecycle.yaml").read_text()
    world.write("shares/lifecycle.yaml", f"{share}expires: 2026-01-01\n")
    world.commit()
    start = world.now()
    done = world.apply("--only", "narrowing", "--partition", HOME, "--today", "2026-01-02")
    assert done.code == 0, done
    assert owners(world, start) == {OWNER}
    assert {call["account"] for call in world.journal(start) if call["operation"] == "GetResourceShares"} == {OWNER}
    marked = {"AddTags"}  # the commit that took access away, for older checkouts to see
    assert set(operations(world.journal(start, mutating=True))) == {"DeleteResourceShare"} | marked


def test_two_at_the_same_time_and_one_record_that_answers_as_a_whole_one_does(world: Workspace, tmp_path: Path) -> None:
    two_owners(world)
    place = tmp_path / "one"
    jobs = begin(world, place)
    assert [(job["number"], job["partitions"]) for job in jobs] == [(0, HOME), (1, THERE)]
    racing = [
        world.start("apply", "--outside-ci", *part(place, number, partition))
        for number, partition in enumerate((HOME, THERE))
    ]
    for process in racing:
        with process:
            out, err = process.communicate(timeout=120)
        assert process.returncode == 0, (out, err)
    done = join(world, place, "--ledger", "--record", "../joined.json")
    assert done.code == 0, done
    assert "Apply: 4 created, 1 updated; 0 cards unchanged." in done.out
    (record,) = predicates(world)
    assert (record["partitions"], record["complete"], record["exit_code"]) == ([], True, 0)
    assert [(one["partitions"], one["exit_code"]) for one in record["parts"]] == [([HOME], 0), ([THERE], 0)]
    assert [one["card"] for one in record["cards"]] == ["a", "b", "c", "d"]
    assert record["digest"] == json.loads((place / "run/parts/0.json").read_text())["part_of"]
    assert world.cardops("plan", "--write-role", "--detailed-exitcode").code == 0
    seen = world.cardops("access", "--at", "2099-01-01", "--format", "json")
    assert {one["card"]["name"] for one in json.loads(seen.out)["cells"]} == {"a", "b", "c", "d"}
    rows = json.loads(world.cardops("history", "a", "--format", "json").out)["entries"]
    assert [(row["version"], row["origin"]) for row in rows] == [(1, "git")]
    empty = tmp_path / "two"
    assert begin(world, empty) == []
    nothing = join(world, empty, "--ledger")
    assert (nothing.code, nothing.out) == (0, "Apply: nothing to do; 4 cards unchanged.\n")
    assert [(one["complete"], one["outcomes"]) for one in predicates(world)[1:]] == [(True, [])]


def test_a_job_that_left_nothing_is_named_and_the_gravest_code_counts(world: Workspace, tmp_path: Path) -> None:
    two_owners(world)
    begin(world, tmp_path)
    assert world.apply(*part(tmp_path, 0, HOME)).code == 0
    lost = tmp_path / "parts" / "cardops-part-1"
    for code, expected in (("", 3), ("70\n", 70), ("1\n", 3), ("nonsense", 3)):
        lost.mkdir(exist_ok=True)
        (lost / "exit_code").write_text(code)
        done = join(world, tmp_path, "--record", "../joined.json")
        assert done.code == expected, done
        assert f"unknown: {THERE}: its job left no record" in done.err
    record = json.loads((world.root.parent / "joined.json").read_text())["predicate"]
    assert (record["complete"], record["exit_code"]) == (False, 3)
    assert [(one["partitions"], one["exit_code"]) for one in record["parts"]] == [([HOME], 0), ([THERE], 3)]


def test_why_counts_only_runs_that_were_about_the_card(world: Workspace) -> None:
    two_owners(world)
    assert world.apply().code == 0
    world.contribute("a", {"intended_uses": {"purpose_of_model": "live"}})
    two_owners(world, a="git", c="second")
    first = world.apply("--partition", HOME, "--ledger")
    assert (first.code, "content/conflict" in first.out) == (3, True), first
    assert world.apply("--partition", THERE, "--ledger").code == 0
    since = json.loads(world.cardops("why", "a", "--format", "json").out)["since"]
    assert since["when"] == predicates(world)[0]["finished"]


def test_a_run_that_is_begun_again_later_is_refused_by_the_ledger(world: Workspace, tmp_path: Path) -> None:
    """Only the failed job is started again, after a newer commit was applied in another partition alone."""
    older = two_owners(world)
    begin(world, tmp_path)
    newer = two_owners(world, c="second")
    assert world.apply("--partition", THERE, "--ledger").code == 0
    world.git("checkout", "-q", older)
    start = world.now()
    late = world.apply(*part(tmp_path, 0, HOME))
    assert late.code == 3
    assert f"the ledger's newest run applied commit {newer[:12]} and HEAD lacks it" in late.err
    assert world.journal(start) == []
    narrowing = world.apply("--only", "narrowing", "--partition", HOME)
    assert (narrowing.code, world.journal(start, mutating=True)) == (0, []), "no record keeps access from ending"
    joined = join(world, tmp_path, "--ledger")
    assert (joined.code, "HEAD lacks it" in joined.err, len(predicates(world))) == (3, True, 1)


def test_a_part_is_for_its_commit_its_repository_and_its_partitions(world: Workspace, tmp_path: Path) -> None:
    two_owners(world)
    begin(world, tmp_path)
    start = world.now()
    whole = world.apply("--plan", str(tmp_path / "run/parts/0.json"))
    assert (whole.code, "is a part of a plan" in whole.err) == (64, True)
    other = world.apply(*part(tmp_path, 0, HOME, plan=1))
    assert other.code == 3
    assert other.out.count("no plan that was reviewed shows this; nothing was written") == 3, other.out
    assert "held  create a" in other.out
    two_owners(world, a="second")
    newer = world.apply(*part(tmp_path, 0, HOME))
    assert (newer.code, "begin the run again" in newer.err) == (64, True)
    assert world.journal(start, mutating=True) == []


def test_a_limit_is_each_partition_s_own_and_one_reviewed_word_lifts_it_for_the_whole_run(
    world: Workspace, tmp_path: Path
) -> None:
    world.write("cardops.yaml", LIMITS)
    two_owners(world)
    assert world.apply().code == 0
    two_owners(world, a="second", b="second", c="second")
    alone = world.apply("--partition", HOME)
    assert (alone.code, f"2 updates in {HOME} are more than max_updates allows" in alone.err) == (3, True), alone
    assert begin(world, tmp_path / "refused") == []
    refused = join(world, tmp_path / "refused", "--record", "../joined.json")
    record = json.loads((world.root.parent / "joined.json").read_text())["predicate"]
    assert (refused.code, record["complete"], record["exit_code"]) == (3, False, 3)
    digest = alone.err.split("once: ")[1][:32]
    assert world.cardops("plan", "--write-role").out.split("once: ")[1][:32] == digest, "it names the whole plan"
    world.write("cardops.yaml", LIMITS.replace("floor: 2", f"floor: 2, once: {digest}"))
    world.commit()
    start = world.now()
    assert [job["partitions"] for job in begin(world, tmp_path)] == [HOME, THERE]
    done = world.apply(*part(tmp_path, 0, HOME))
    assert done.code == 0, done
    assert operations(world.journal(start, mutating=True)).count("UpdateModelCard") == 2
    two_owners(world, a="third", b="third", c="third")
    assert world.apply("--partition", THERE).code == 0


def test_a_card_whose_file_declares_one_that_lives_elsewhere_is_retired_by_its_own_part(
    world: Workspace, tmp_path: Path
) -> None:
    for file, account in (("x", "ml-dev"), ("y", "shared-services")):
        world.card(file, account=account)
        text = (world.root / f"cards/{file}.yaml").read_text()
        world.write(f"cards/{file}.yaml", text.replace("name: y", "name: x"))
    world.card("other", account="ml-dev")
    world.commit()
    assert world.apply().code == 0
    (world.root / "cards/y.yaml").unlink()
    world.card("x", account="shared-services")
    world.commit()
    (job,) = begin(world, tmp_path)
    done = world.apply(*part(tmp_path, 0, THERE))
    assert (job["partitions"], done.code, "retire x" in done.out) == (THERE, 0, True), done
    assert world.live("x", DEV)["status"] == "Archived"
    assert world.live("x")["status"] == "Draft"
