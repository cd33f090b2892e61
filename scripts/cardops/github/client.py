"""GitHub, through its own command line `gh`: the only module that runs it. Tokens stay with gh."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cardops.model.errors import CardopsError

CREDENTIALS = ("-c", "credential.helper=", "-c", "credential.helper=!gh auth git-credential")
"""git's settings with which gh answers for the token."""


class GitHubError(CardopsError):
    """gh is not there, or GitHub refused."""


class GitHub:
    """One repository, `owner/name`. Every method raises GitHubError."""

    def __init__(self, repository: str) -> None:
        self.repository = repository

    def pull_request(self, number: int) -> dict[str, Any]:
        """A pull request as the API prints it."""
        found: dict[str, Any] = self._api("GET", f"pulls/{number}")
        return found

    def all(self, path: str) -> list[dict[str, Any]]:
        """Every item of a list, through all pages."""
        pages = json.loads(self._run("api", "--paginate", "--slurp", f"repos/{self.repository}/{path}"))
        return [item for page in pages for item in (page if isinstance(page, list) else page.get("artifacts", []))]

    def commit(self, sha: str) -> dict[str, Any]:
        """A commit with the accounts behind it."""
        found: dict[str, Any] = self._api("GET", f"commits/{sha}")
        return found

    def activity(self, ref: str) -> list[dict[str, Any]]:
        """The newest pushes to a ref, with who pushed."""
        found: list[dict[str, Any]] = self._api("GET", f"activity?ref={ref}&per_page=100")
        return found

    def send(self, method: str, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """POST or PATCH; the answer."""
        answer: dict[str, Any] = self._api(method, path, body)
        return answer

    def download(self, run: int, name: str, folder: Path) -> None:
        """An artifact of a run, unpacked into a folder."""
        self._run("run", "download", str(run), "--repo", self.repository, "--name", name, "--dir", str(folder))

    def _api(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        arguments = ["api", "--method", method, f"repos/{self.repository}/{path}"]
        given = ["--input", "-"] if body is not None else []
        return json.loads(self._run(*arguments, *given, given=json.dumps(body) if body is not None else ""))

    def _run(self, *arguments: str, given: str = "") -> str:
        try:
            done = subprocess.run(["gh", *arguments], input=given, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise GitHubError("gh was not found", "install GitHub's command line and put it on PATH") from None
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["no reason given"]
            raise GitHubError(f"gh {arguments[0]}: {said[-1]}", "set GH_TOKEN, and see which permissions the job has")
        return done.stdout
