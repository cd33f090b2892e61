"""What a share names and nobody declares."""

from cardops.desired.loader import load_repository
from cardops.policy.files import Files
from support.fuzz_targets import good_files


def test_of_very_many_unknown_cards_the_first_get_a_guess_and_all_are_found() -> None:
    names = ", ".join(f"churn{number}" for number in range(60))
    share = f"name: more\ncards: [{names}]\ngrants: [{{to: ml-dev, access: read, while: [Draft]}}]\n"
    found = load_repository(Files(good_files() | {"shares/more.yaml": share.encode()})).findings
    said = [(finding.rule, finding.message, finding.hint) for finding in found]
    assert said == [
        (
            "reference/unknown-card",
            f"unknown card 'churn{number}'",
            "did you mean 'churn'?" if number < 50 else "check the name, or remove it",
        )
        for number in range(60)
    ]
