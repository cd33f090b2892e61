"""Trees of revisions: which files belong together."""

from pathlib import Path

import pytest

from cardops.git.repository import Repository
from support.git_repository import TeamRepository


@pytest.mark.parametrize("whole_first", [False, True])
@pytest.mark.parametrize("facts", [False, True])
def test_whoever_reads_the_configuration_gets_the_facts_that_it_may_need(
    facts: bool, whole_first: bool, tmp_path: Path
) -> None:
    team = TeamRepository(tmp_path / "repository")
    if facts:
        team.write("aws-facts.json", '{"version": 1, "facts": {}}\n')
    commit = team.commit("with facts")
    revisions = Repository(team.root)
    if whole_first:
        revisions.tree(commit).paths()
    expected = ["cardops.yaml"] if not facts else ["aws-facts.json", "cardops.yaml"]
    assert revisions.tree(commit, ["cardops.yaml"]).paths() == expected
    assert revisions.tree(commit, ["cards/churn.yaml"]).paths() == ["cards/churn.yaml"]
    revisions.close()
