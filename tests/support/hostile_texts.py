"""A pull request by somebody who means harm: every free text in it tries to break out of what it is printed into."""

from cardops.model import canonical
from cardops.model.desired import Config
from cardops.model.findings import Finding, Location
from cardops.plan.approvals import SignatureRequest
from cardops.plan.delta import delta
from cardops.plan.steps import Plan
from cardops.render.findings import ValidationReport
from cardops.render.links import Links
from cardops.render.plan_report import PlanReport
from support.builders import (
    APPROVED,
    PENDING,
    card,
    config,
    desired,
    grant,
    live,
    observed,
    planned,
    ram_share,
    share,
    words,
)
from support.replacing import replace

TEXTS = (
    "::set-output name=digest::0",
    "\n::error file=a.yaml::stopped\r\n##[add-mask]x",
    "</details></summary><img src=x onerror=alert(1)><script>",
    "@everyone @org/team a@b.example #123 GH-1 o/r#2 0123456789abcdef0123456789abcdef01234567",
    "\x1b[31mred\x1b[0m \x9b2J \x07\x00",
    "``` ```` `code` ~~~",
    "${{ secrets.TOKEN }} $(id) %0A %25",
    "]]> --> <!-- cardops:plan -->",
    "[click](https://evil.example) ![i](https://evil.example/i.png) www.evil.example <https://evil.example>",
    "a | b \\| c \\",
    "\u202egnp.exe\u2066 zero\u200bwidth \u2028 \u3164 \ufeff",
    "# heading\n---\n- list\n> quote\n| table |\n| --- |",
)
ALL = " ".join(TEXTS)
PATH = "cards/::error::,%0A</details>@everyone|`x`](y)\x1b\n#é.yaml"
LINKS = Links("https://git.example/org/repo", "c" * 40)


def findings() -> tuple[Finding, ...]:
    """Every text in every field that people can write."""
    made = [
        Finding("TEXT-001", Location(f"cards/{number}.yaml", number + 1, 3), text, text)
        for number, text in enumerate(TEXTS)
    ]
    made.append(Finding("PATH-001", Location(PATH, 7, 9), "a file name", level="warn"))
    made.append(Finding("WAIVED-001", Location("cards/1.yaml", 2, 1), "waived", suppressed=ALL))
    return tuple(made)


def checked() -> ValidationReport:
    """validate's."""
    return ValidationReport((12, 1), (12, 1), findings(), LINKS)


def settings() -> Config:
    """With an organizational unit's ARN as principal."""
    return config()


def plan() -> Plan:
    """Content, tags, owner, reasons and held cards that hold every text."""
    wanted = card("churn", APPROVED, words(ALL, **{f"key {ALL}": [ALL]}), tags={"note": ALL})
    waits = card("waits", PENDING)
    approved = share(grant("ml-prod", "read", APPROVED), grant("ml-dev", "contribute", PENDING))
    found = observed(live(card("churn", PENDING)), shares=[ram_share()])
    made = planned(
        desired(wanted, waits, shares=[approved]), found, bases=[card("churn", PENDING)], blocked={waits.key: ALL}
    )
    return replace(made, findings=findings()[:3])


def report() -> PlanReport:
    """plan's, with all that a comment can show."""
    lost = replace(card("lost"), location=Location(PATH))
    before = planned(desired(card("churn", PENDING), lost, shares=[share()]), observed(live(card("churn", PENDING))))
    wanted = card("churn", APPROVED, words(ALL, evaluation_details=[]))
    evaluated = canonical.to_bytes({"evaluation_details": [{"name": ALL, "metric_groups": []}]})
    approval = SignatureRequest(replace(wanted, text=evaluated), card("churn", APPROVED), "d" * 40)
    made = plan()
    return PlanReport(
        made, settings(), findings()[3:], delta(made, before), (approval,), {"111111111111/eu-west-1": ALL}, LINKS
    )
