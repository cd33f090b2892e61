"""Annotations as the runner reads them, ten of a kind."""

import re

from cardops.model.findings import Finding, Location
from cardops.render.annotations import annotations
from support.replacing import replace

DENY = Finding("EVAL-001", Location("cards/a,b:c%.yaml", 7, 3), "50% of\nwhat: a, b", "say more")


def made(number: int, level: str) -> list[Finding]:
    return [replace(DENY, location=Location(f"cards/{at}.yaml"), level=level) for at in range(number)]


def kinds(text: str) -> list[str]:
    return [found[1] if (found := re.match(r"::(\w+) ", line)) else "log" for line in text.splitlines()]


def test_properties_and_messages_are_escaped_as_the_runner_takes_them_back() -> None:
    assert annotations([DENY], "1 deny").splitlines() == [
        "::error file=cards/a%2Cb%3Ac%25.yaml,line=7,col=3,title=EVAL-001 deny::50%25 of\\nwhat: a, b (hint: say more)",
        "::notice title=cardops::1 deny",
    ]


def test_the_gravest_come_first_and_the_summary_last_with_what_was_left_out() -> None:
    found = [*made(3, "audit"), *made(11, "warn"), *made(12, "deny")]
    text = annotations(found, "many")
    assert kinds(text) == [*["error"] * 10, *["warning"] * 10, *["notice"] * 3, *["log"] * 3, "notice"]
    assert text.splitlines()[-1].endswith("::many; 3 more in this step's log, since GitHub shows 10 of a kind")
    assert "cards/11.yaml:1:1: EVAL-001 deny: " in text


def test_the_summary_has_its_place_among_ten_notices() -> None:
    assert kinds(annotations(made(12, "audit"), "many")).count("notice") == 10


def test_a_waived_finding_is_a_notice_with_its_reason() -> None:
    text = annotations([replace(DENY, suppressed="until: the audit")], "none")
    assert text.startswith("::notice file=")
    assert "[waived: until: the audit]" in text
