"""A key never changes: a move is a new card and an archived one, and a name keeps its account."""

from support.workspace import Workspace, operations

DEV_CARD = "arn:aws:sagemaker:eu-west-1:222222222222:model-card/churn"


def test_a_moved_card_starts_anew_and_the_old_one_is_archived(world: Workspace) -> None:
    world.card("churn", "Approved", tags={"team": "a"})
    share = (world.root / "shares/lifecycle.yaml").read_text().replace('"*"', "churn")
    world.write("shares/lifecycle.yaml", share)
    world.commit()
    assert world.apply().code == 0
    done = world.cardops("move", "churn", "--name", "retention")
    assert done.code == 0
    assert done.out.splitlines() == [
        "cards/retention.yaml: retention, a Draft",
        "cards/churn.yaml: churn is Archived",
        "shares/lifecycle.yaml: names churn; add retention where it is to be shared",
    ]
    assert world.git("diff", "--numstat") == "1\t1\tcards/churn.yaml"
    world.commit()
    assert world.apply().code == 0
    assert world.live("churn")["status"] == "Archived"
    assert world.live("retention")["status"] == "Draft"
    assert world.live("retention")["content"] == world.live("churn")["content"]
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_a_move_to_nowhere_or_onto_another_card_is_refused(world: Workspace) -> None:
    world.card("churn")
    world.card("other")
    for arguments, said in (
        (["churn"], "Specify where the card moves."),
        (["churn", "--name", "other"], "111111111111/eu-west-1/other is declared already"),
        (["churn", "--name", "no good"], "'no good' is not a valid name"),
        (["churn", "--account", "nowhere"], "Account 'nowhere' is not declared in cardops.yaml."),
        (["nothing", "--name", "x"], "No valid card named 'nothing' is declared."),
    ):
        done = world.cardops("move", *arguments)
        assert (done.code, said in done.err) == (64, True), done
    assert sorted(path.name for path in (world.root / "cards").iterdir()) == ["churn.yaml", "other.yaml"]


def test_another_id_behind_a_name_holds_everything(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    assert world.apply().code == 0
    config = (world.root / "cardops.yaml").read_text()
    world.write("cardops.yaml", config.replace("333333333333", "999999999999"))
    world.card("risk")
    world.commit()
    start = world.now()
    done = world.apply()
    assert done.code == 3
    said = "cardops.yaml:8:42: account/id-changed deny: ml-test was account 333333333333"
    assert said in done.out + done.err
    assert operations(world.journal(start, mutating=True)) == []
    checked = world.cardops("validate", "--base", "HEAD~1")
    assert checked.code == 1
    assert said in checked.out
