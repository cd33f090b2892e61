"""The places of cards that git declares no more, from real history."""

from pathlib import Path

import pytest

from cardops.desired.former_owners import former_account_regions, include_former_owners
from cardops.desired.loader import load_repository
from cardops.desired.sources import WorkTree
from cardops.git.repository import Repository
from cardops.model.desired import AccountRegion
from support.git_repository import CONFIG, TeamRepository

DEV = AccountRegion("222222222222", "eu-west-1")


@pytest.fixture
def repo(tmp_path: Path) -> TeamRepository:
    return TeamRepository(tmp_path / "repository")


def card(repo: TeamRepository, name: str, more: str) -> None:
    repo.card("Draft", name=name)
    file = repo.root / "cards" / f"{name}.yaml"
    file.write_text(file.read_text("utf-8") + more, "utf-8")


def former(repo: TeamRepository, committed: bool = True) -> set[AccountRegion]:
    tip = repo.git("rev-parse", "HEAD")
    desired = load_repository(WorkTree(repo.root), tip if committed else "").desired
    assert desired is not None
    return set(former_account_regions(Repository(repo.root), tip, desired))


def test_a_card_that_is_there_is_no_former_one(repo: TeamRepository) -> None:
    card(repo, "spoke", "account: ml-dev\n")
    repo.commit("a spoke")
    assert former(repo) == set()


@pytest.mark.parametrize("how", ["merge", "squash", "rebase"])
def test_a_removal_is_found_however_it_was_merged(repo: TeamRepository, how: str) -> None:
    card(repo, "spoke", "account: ml-dev\n")
    repo.commit("a spoke")
    repo.branch()
    repo.git("rm", "-q", "cards/spoke.yaml")
    repo.commit("no spoke")
    repo.git("checkout", "-q", "main")
    repo.card("PendingReview", "meanwhile")
    repo.commit("meanwhile")
    repo.merge(how)
    assert former(repo) == {DEV}


def test_what_was_removed_long_ago_still_counts_and_once(repo: TeamRepository) -> None:
    for name in ("one", "two"):
        card(repo, name, "account: ml-dev\nregion: us-east-1\n")
        repo.commit(name)
        repo.git("rm", "-q", f"cards/{name}.yaml")
        repo.commit(f"no {name}")
    repo.card("PendingReview", "later")
    repo.commit("later")
    assert former(repo) == {AccountRegion("222222222222", "us-east-1")}


def test_a_file_that_is_removed_in_the_work_tree_alone_counts_for_that_alone(repo: TeamRepository) -> None:
    card(repo, "spoke", "account: ml-dev\n")
    repo.commit("a spoke")
    (repo.root / "cards/spoke.yaml").unlink()
    assert former(repo, committed=False) == {DEV}
    assert former(repo) == set()


def test_what_names_no_place_or_one_that_is_not_declared_counts_for_nothing(repo: TeamRepository) -> None:
    card(repo, "home", "")
    card(repo, "stranger", "account: ml-gone\n")
    card(repo, "odd", "account: [ml-dev]\n")
    card(repo, "numbered", "region: 7\n")
    repo.write("cards/broken.yaml", "account: ml-dev\n&anchor\n")
    repo.write("cards/text.yaml", "account\n")
    (repo.root / "cards/link.yaml").symlink_to("home.yaml")
    repo.commit("odd ones")
    repo.git("rm", "-q", "cards/home.yaml", "cards/stranger.yaml", "cards/odd.yaml", "cards/numbered.yaml")
    repo.git("rm", "-q", "cards/broken.yaml", "cards/text.yaml", "cards/link.yaml")
    repo.commit("gone")
    assert former(repo) == set()


def test_links_and_submodules_are_no_cards(repo: TeamRepository) -> None:
    (repo.root / "cards/link.yaml").symlink_to("account: ml-dev")
    repo.git("add", "cards/link.yaml")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.first},cards/module")
    repo.git("commit", "-q", "-m", "odd ones")
    repo.git("rm", "-q", "--cached", "cards/link.yaml", "cards/module")
    repo.git("commit", "-q", "-m", "gone")
    assert former(repo) == set()


def test_an_account_that_is_declared_no_more_cannot_be_asked(repo: TeamRepository) -> None:
    card(repo, "spoke", "account: ml-dev\n")
    repo.commit("a spoke")
    repo.git("rm", "-q", "cards/spoke.yaml")
    repo.write("cardops.yaml", CONFIG.replace('  ml-dev: {id: "222222222222"}\n', "") % "none")
    repo.commit("no spoke")
    assert former(repo) == set()


def test_without_a_history_there_are_no_former_places(repo: TeamRepository) -> None:
    card(repo, "spoke", "account: ml-dev\n")
    repo.commit("a spoke")
    repo.git("rm", "-q", "cards/spoke.yaml")
    desired = load_repository(WorkTree(repo.root)).desired
    assert desired is not None
    assert include_former_owners(repo.root, desired).former == {DEV}
    (repo.root / ".git").rename(repo.root / "no-git")
    assert include_former_owners(repo.root, desired) == desired
