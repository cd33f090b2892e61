"""A loop is asked at once where that is enough, and element by element where a finding needs its place."""

from support.policies import CHURN, facts, found, policies, rule, subject

SLOW = "element.datasets.exists(a, element.datasets.exists(b, a + b == 'none')) || size(element.datasets) == 60"


def test_the_values_of_a_map_are_asked_and_not_its_keys() -> None:
    about = facts(subject({**CHURN, "tags": {"one": "good", "two": "bad"}}))
    looped = rule(**{"for": "tag in card.tags", "require": 'tag != "bad"', "message": '"bad: " + tag', "at": "tags"})
    assert found(policies(looped), about) == [
        "cards/churn.yaml:11:3: TEST-001 deny: bad: bad (hint: name a team)",
    ]


def test_keys_that_would_pass_do_not_let_values_pass() -> None:
    about = facts(subject({**CHURN, "tags": {"team-churn": "nobody"}}))
    looped = rule(**{"for": "tag in card.tags", "require": 'tag.startsWith("team-")', "at": "tags"})
    assert len(found(policies(looped), about)) == 1


def test_an_expression_may_end_in_a_comment() -> None:
    looped = rule(
        **{"for": "one in card.content.evaluation_details // all", "require": "has(one.name) // a name", "at": "one"}
    )
    assert found(policies(looped)) == []


def test_a_loop_that_takes_too_many_steps_at_once_is_decided_one_by_one() -> None:
    evaluations = [{"name": f"e{number}", "datasets": ["s3://x"] * 60} for number in range(12)]
    about = facts(subject({**CHURN, "content": {"evaluation_details": evaluations}}))
    looped = rule(**{"for": "element in card.content.evaluation_details", "require": SLOW, "at": "element.datasets"})
    assert found(policies(looped), about) == []
    evaluations[7] = {"name": "e7", "datasets": ["s3://x"]}
    about = facts(subject({**CHURN, "content": {"evaluation_details": evaluations}}))
    (finding,) = found(policies(looped), about)
    assert "TEST-001 deny" in finding


def test_an_element_that_cannot_be_judged_is_pointed_at() -> None:
    details = [{"name": "a", "size": 2}, {"name": "b"}, {"name": "c", "size": 1}]
    about = facts(subject({**CHURN, "content": {"evaluation_details": details}}))
    looped = rule(
        **{
            "for": "one in card.content.evaluation_details",
            "require": "one.size > 1",
            "message": "one.label",
            "at": "one",
        }
    )
    places = [one.partition(" TEST")[0].partition(" policy")[0] for one in found(policies(looped), about)]
    assert places == ["cards/churn.yaml:8:5:", "cards/churn.yaml:9:5:", "cards/churn.yaml:9:5:"]
