"""CODEOWNERS follows what is declared, and leaves people's own lines alone."""

from pathlib import Path

from cardops.desired.loader import load_repository
from cardops.desired.sources import WorkTree
from cardops.github.codeowners import BEGIN, END, block, block_of, organization_of, with_block
from support.builders import card, config, desired, share
from support.replacing import replace

ROOT = Path(__file__).parents[2]
GROUPS = config(approvers={"model-risk": ("lead",), "ml-platform": ("ops",)})
WANTED = f"""\
{BEGIN}
/cardops.yaml @example-org/model-risk
/policies/ @example-org/model-risk
/CODEOWNERS @example-org/model-risk
/.github/ @example-org/model-risk
/cards/churn.yaml @example-org/team-a @example-org/model-risk
/cards/risk.yaml @example-org/team-b @example-org/model-risk
/shares/team.yaml @example-org/team-a @example-org/team-b @example-org/model-risk
{END}
"""


def test_cards_belong_to_their_owners_shares_to_those_of_their_cards_and_rules_to_the_first_group() -> None:
    made = desired(card(), replace(card("risk"), owner="team-b"), shares=[share()], settings=GROUPS)
    assert block(made, "example-org") == WANTED


def test_the_block_is_replaced_or_added_last_and_other_lines_stay() -> None:
    assert with_block("", WANTED) == WANTED
    assert with_block("* @example-org/all\n", WANTED) == f"* @example-org/all\n\n{WANTED}"
    old = f"* @x/all\n{BEGIN}\n/old @x/y\n{END}\n# mine\n"
    assert with_block(old, WANTED) == f"* @x/all\n{WANTED}# mine\n"
    assert block_of(old) == f"{BEGIN}\n/old @x/y\n{END}\n"
    assert (organization_of(old), organization_of("# nothing")) == ("x", "")


def test_this_repository_s_own_file_is_in_step() -> None:
    there = (ROOT / "CODEOWNERS").read_text(encoding="utf-8")
    declared = load_repository(WorkTree(ROOT)).desired
    assert declared is not None
    assert block_of(there) == block(declared, organization_of(there))
