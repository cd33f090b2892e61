"""Sign-offs by trailers: only on commits that git finds signed with the key that cardops.yaml named before."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cardops.validation.merge_gate import MergeGate
from support.git_repository import TeamRepository
from support.merge_gate import KEY, gate, said

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not installed")
TRAILER = ("--trailer", "Approved-by: risk-lead")


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    for name in ("risk-lead", "bob", "ada"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(tmp_path / name)]
        subprocess.run(made, check=True)
    return tmp_path


@pytest.fixture
def repo(keys: Path) -> TeamRepository:
    public = {name: (keys / f"{name}.pub").read_text().strip() for name in ("risk-lead", "bob", "ada")}
    more = "signing_keys:\n" + "".join(f'  {name}: "{key}"\n' for name, key in public.items())
    made = TeamRepository(keys / "repository", "signed-trailers", more, {"ada": keys / "ada"})
    made.branch()
    made.card("Approved")
    made.commit("approve")
    return made


def sign(repo: TeamRepository, key: str, *more: str, who: str = "risk-lead") -> str:
    """A signed commit on top; its hash."""
    repo.git("config", "gpg.format", "ssh")
    repo.git("config", "user.signingkey", str(repo.root.parent / key))
    return repo.commit("look", who, "-S", *more)


def merged(repo: TeamRepository) -> MergeGate:
    repo.merge("merge")
    return gate(repo)


def test_a_trailer_signed_with_the_key_of_its_name_counts(repo: TeamRepository) -> None:
    sign(repo, "risk-lead", *TRAILER)
    found = merged(repo)
    assert found.findings == ()
    assert found.approvals[KEY].by == ("risk-lead",)


def test_a_squash_that_the_approver_commits_is_the_approvers_own_work(repo: TeamRepository) -> None:
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--squash", "change")
    repo.git("commit", "-q", "--author", "ada <ada@example.org>", "-m", "squashed")
    sign(repo, "risk-lead", *TRAILER, "--amend", "--author", "ada <ada@example.org>")
    assert "risk-lead: wrote or proposed it" in said(gate(repo))


def test_a_rebase_that_the_approver_commits_is_the_approvers_own_work(repo: TeamRepository) -> None:
    sign(repo, "risk-lead", *TRAILER)
    repo.git("checkout", "-q", "main")
    repo.write("cards/note.md", "meanwhile")
    repo.commit("meanwhile", "bob")
    repo.git("checkout", "-q", "change")
    repo.git("rebase", "-q", "-S", "--empty=keep", "main", who="risk-lead")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--ff-only", "change")
    assert "risk-lead: wrote or proposed it" in said(gate(repo))


def test_a_trailer_on_an_unsigned_commit_does_not_count(repo: TeamRepository) -> None:
    repo.commit("look", "risk-lead", *TRAILER)
    assert "risk-lead: the commit is not signed with a key that cardops.yaml names" in said(merged(repo))


def test_a_trailer_that_names_another_signer_does_not_count(repo: TeamRepository) -> None:
    sign(repo, "bob", *TRAILER)
    assert "risk-lead: bob signed the commit" in said(merged(repo))


def test_a_key_that_only_this_machine_trusts_does_not_count(repo: TeamRepository, keys: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys / "eve")], check=True)
    allowed = keys / "allowed"
    allowed.write_text(f"risk-lead {(keys / 'eve.pub').read_text()}")
    repo.git("config", "gpg.ssh.allowedSignersFile", str(allowed))
    signed = sign(repo, "eve", *TRAILER)
    repo.git("verify-commit", signed)
    assert "not signed with a key that cardops.yaml names" in said(merged(repo))


def test_a_change_does_not_bring_its_own_key(repo: TeamRepository, keys: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(keys / "eve")], check=True)
    config = (repo.root / "cardops.yaml").read_text()
    repo.write("cardops.yaml", f'{config}  eve: "{(keys / "eve.pub").read_text().strip()}"\n')
    repo.commit("a key")
    sign(repo, "eve", "--trailer", "Approved-by: eve", who="eve")
    assert "eve: the commit is not signed with a key that cardops.yaml names" in said(merged(repo))


def test_a_key_that_a_rebase_merge_brings_and_takes_away_does_not_count(repo: TeamRepository, keys: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(keys / "eve")], check=True)
    config = (repo.root / "cardops.yaml").read_text()
    repo.git("reset", "-q", "--hard", "main")
    lead = (keys / "risk-lead.pub").read_text().strip()
    repo.write("cardops.yaml", config.replace(lead, (keys / "eve.pub").read_text().strip()))
    repo.commit("the lead has another key")
    repo.card("Approved")
    repo.commit("approve")
    sign(repo, "eve", *TRAILER)
    repo.write("cardops.yaml", config)
    repo.commit("the lead's own key again")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--ff-only", "change")
    assert repo.git("diff", repo.first, "HEAD", "--", "cardops.yaml") == ""
    assert "is to be Approved, and" in said(gate(repo))


def test_the_author_cannot_sign_their_own_off(repo: TeamRepository) -> None:
    repo.card("Approved", "by bob")
    repo.commit("words", "bob")
    sign(repo, "bob", "--trailer", "Approved-by: bob", who="bob")
    assert "bob: wrote or proposed it" in said(merged(repo))


def test_a_trailer_covers_what_its_commit_declares(repo: TeamRepository) -> None:
    signed = sign(repo, "risk-lead", *TRAILER)
    repo.card("Approved", "slipped in afterwards")
    repo.commit("more")
    assert f"the commit {signed[:12]} has another state of it" in said(merged(repo))


def test_what_was_signed_before_does_not_cover_what_comes_back(repo: TeamRepository) -> None:
    sign(repo, "risk-lead", *TRAILER)
    assert merged(repo).findings == ()
    repo.card("PendingReview")
    repo.commit("once more")
    repo.card("Approved")
    repo.commit("as it was")
    assert "nobody signed it off" in said(gate(repo))


def test_a_gpg_key_is_known_by_its_fingerprint(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("gpg"):
        pytest.skip("gpg is not installed")
    home = keys / "g"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    new = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "risk-lead", "ed25519", "sign", "0"]
    subprocess.run(new, check=True, capture_output=True)
    listed = subprocess.run(["gpg", "--list-keys", "--with-colons"], check=True, capture_output=True, text=True).stdout
    fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
    ada = (keys / "ada.pub").read_text().strip()
    more = f'signing_keys: {{risk-lead: "{fingerprint}", ada: "{ada}"}}\n'
    repo = TeamRepository(keys / "with-gpg", "signed-trailers", more, {"ada": keys / "ada"})
    repo.branch()
    repo.card("Approved")
    repo.commit("approve")
    repo.git("config", "gpg.program", str(_gpg(keys, home)))
    repo.git("config", "user.signingkey", fingerprint)
    repo.commit("look", "risk-lead", "-S", *TRAILER)
    assert merged(repo).approvals[KEY].by == ("risk-lead",)


def _gpg(folder: Path, home: Path) -> Path:
    """gpg with a home of its own, for a git that is run without this test's environment."""
    script = folder / "gpg.sh"
    script.write_text(f'#!/bin/sh\nexec gpg --homedir "{home}" "$@"\n')
    script.chmod(0o700)
    return script
