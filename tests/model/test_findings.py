"""Findings come in one order, each once, and say whether they deny."""

from cardops.model.errors import ExitCode
from cardops.model.findings import Finding, Location, exit_code_for, sort_findings

ONE = Finding("TEST-001", Location("cards/a.yaml", 2, 1), "a message", "a hint")


def test_findings_are_in_order_of_place_then_rule_then_words_each_once() -> None:
    later = ONE._replace(location=Location("cards/a.yaml", 10, 1))
    other = ONE._replace(rule="TEST-002")
    words = ONE._replace(message="b message")
    assert sort_findings([later, other, words, ONE, ONE]) == [ONE, words, other, later]


def test_findings_that_differ_only_in_what_they_are_about_have_one_order_in_every_run() -> None:
    several = [ONE._replace(card=f"card-{number}") for number in range(9)]
    assert sort_findings(reversed(several)) == several


def test_only_a_denial_that_nobody_suppressed_denies() -> None:
    assert exit_code_for([ONE]) is ExitCode.DENIED
    assert exit_code_for([ONE._replace(level="warn"), ONE._replace(level="audit")]) is ExitCode.DONE
    assert exit_code_for([ONE._replace(suppressed="a waiver")]) is ExitCode.DONE
    assert exit_code_for([]) is ExitCode.DONE


def test_a_finding_reads_as_one_line_with_its_way_out_where_it_has_one() -> None:
    assert str(ONE) == "cards/a.yaml:2:1: TEST-001 deny: a message (hint: a hint)"
    assert str(ONE._replace(hint="")) == "cards/a.yaml:2:1: TEST-001 deny: a message"
