"""RAM answers before it has done what was asked; an outcome says what became of it."""

import pytest

from cardops.apply.results import StepOutcome, exit_code
from cardops.apply.settling import PendingAssociations, SettledAssociations
from cardops.model.errors import ExitCode
from cardops.model.observed import Association
from cardops.plan.actions import CreateShare
from support.apply_sandbox import ApplySandbox, outcomes, wanted
from support.builders import DEV, HOME, REPO, card, kinds, share


def test_a_slow_association_is_waited_for_and_said(lab: ApplySandbox) -> None:
    lab.faults(associations=[{"entity": "arn:*", "seconds": 20}])
    results = lab.apply(wanted(card(), shares=[share()]))
    assert outcomes(results) == [("create", StepOutcome.CREATED), ("share", StepOutcome.UPDATED)]
    assert lab.states("RESOURCE") == {"churn": "ASSOCIATED"}
    assert lab.told[0] == "waiting for RAM to finish 1 association(s), 0 s so far"
    assert len(lab.told) > 3


def test_an_association_that_takes_too_long_is_held_and_shows_in_the_next_plan(lab: ApplySandbox) -> None:
    lab.faults(associations=[{"entity": "arn:*", "seconds": 3600}])
    git = wanted(card(), shares=[share()])
    results = lab.apply(git, longest=30)
    assert outcomes(results)[-1] == ("share", StepOutcome.HELD)
    assert results[-1].detail == "1 card(s) shared, but RAM is still at churn"
    again = lab.plan(git)
    assert again.steps == ()
    (finding,) = again.findings
    assert str(finding) == (
        "shares/team.yaml:1:1: share/in-transit warn: team: contribute for ml-dev: 1 card(s) are ASSOCIATING "
        "(hint: RAM is still at it; plan again in a minute)"
    )
    assert exit_code([], again) is ExitCode.DONE


def test_a_failed_association_fails_with_rams_words_and_the_next_apply_tries_again(lab: ApplySandbox) -> None:
    lab.faults(associations=[{"entity": "arn:*/churn", "fail": "Quota of the consumer", "times": 1}])
    git = wanted(card(), card("risk"), shares=[share()])
    results = lab.apply(git)
    assert results[-1].outcome is StepOutcome.FAILED
    assert results[-1].detail == "RAM could not associate churn: FAILED Quota of the consumer"
    assert exit_code(results, lab.plan(git)) is ExitCode.INCOMPLETE
    (step,) = lab.plan(git).steps
    assert "RAM said: Quota of the consumer" in step.reason
    assert [key.name for key in step.cards] == ["churn"]
    lab.apply(git)
    assert lab.states("RESOURCE") == {"churn": "ASSOCIATED", "risk": "ASSOCIATED"}
    assert lab.plan(git).steps == ()


def test_a_failed_principal_is_connected_again(lab: ApplySandbox) -> None:
    lab.faults(associations=[{"entity": DEV, "fail": "No such account", "times": 1}])
    git = wanted(card(), shares=[share()])
    assert lab.apply(git)[-1].detail == f"RAM could not associate {DEV}: FAILED No such account"
    assert kinds(lab.plan(git)) == ["reconnect"]
    assert lab.apply(git)[-1].outcome is StepOutcome.UPDATED
    assert lab.states() == {DEV: "ASSOCIATED"}


def test_sharing_again_waits_for_the_end_of_an_unfinished_revoke(lab: ApplySandbox) -> None:
    """Associating what is still DISASSOCIATING is not documented, so it is not tried."""
    git = wanted(card(), shares=[share()])
    lab.apply(git)
    lab.faults(associations=[{"on": "disassociate", "entity": "arn:*", "seconds": 20}])
    (arn,) = lab.shares()
    lab.ram().disassociate_resource_share(resourceShareArn=arn, resourceArns=[card().key.arn])
    results = lab.apply(git)
    assert "waiting for RAM to end churn, 0 s so far" in lab.told
    assert outcomes(results) == [("share", StepOutcome.UPDATED)]
    assert lab.states("RESOURCE") == {"churn": "ASSOCIATED"}


def test_a_creation_whose_answer_is_lost_makes_one_share(lab: ApplySandbox) -> None:
    git = wanted(card(), shares=[share()])
    lab.faults(calls=[{"fault": "drop_after", "operation": "CreateResourceShare", "times": 1}])
    assert lab.apply(git)[-1].outcome is StepOutcome.UPDATED
    assert lab.mutating().count("CreateResourceShare") == 2
    assert len(lab.shares()) == 1
    assert lab.plan(git).steps == ()


def test_a_share_that_a_killed_run_made_is_found_by_its_tag(lab: ApplySandbox) -> None:
    git = wanted(card(), shares=[share()])
    lab.apply(wanted(card(), shares=[]))
    ((_, action),) = [(step.kind, step.action) for step in lab.plan(git).steps]
    assert isinstance(action, CreateShare)
    made = lab.ram().create_resource_share(
        name="renamed by hand",
        allowExternalPrincipals=False,
        tags=[{"key": "cardops:repository", "value": REPO}, {"key": "cardops:grant", "value": action.grant}],
    )["resourceShare"]
    lab.apply(git)
    assert lab.shares() == [made["resourceShareArn"]]
    assert lab.states() == {DEV: "ASSOCIATED"}
    assert lab.plan(git).steps == ()


def test_client_tokens_are_uuids_whatever_is_split(lab: ApplySandbox) -> None:
    cards = [card(f"card-{number:03}") for number in range(120)]
    lab.apply(wanted(*cards, shares=[share()]))
    calls = [call for call in lab.calls(mutating=True) if call["service"] == "ram"]
    tokens = [call["parameters"]["clientToken"] for call in calls]
    assert len(calls) == 3
    assert len(set(tokens)) == 3
    assert {len(token) for token in tokens} == {36}


@pytest.mark.parametrize(
    ("number", "named"), [(1, "card-0"), (3, "card-0, card-1, card-2"), (5, "card-0, card-1, card-2 and 2 more")]
)
def test_of_many_that_failed_three_are_named(number: int, named: str) -> None:
    entities = tuple(f"arn:aws:sagemaker:r:1:model-card/card-{at}" for at in range(number))
    failed = PendingAssociations(HOME, "share", entities, False, dict.fromkeys(entities, Association("FAILED", "No.")))
    assert failed.settled() == SettledAssociations(f"RAM could not associate {named}: FAILED No.")
    moving = PendingAssociations(HOME, "share", entities, False, {})
    assert moving.settled() == SettledAssociations(waiting=f"RAM is still at {named}")
