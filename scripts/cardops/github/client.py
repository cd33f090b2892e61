"""Run GitHub's own command line `gh`. Nothing else does. Tokens stay with gh."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cardops.model.errors import CardopsError

CREDENTIALS = ("-c", "credential.helper=", "-c", "credential.helper=!gh auth git-credential")
"""git's settings with which gh answers for the token."""


class GitHubError(CardopsError):
    """gh is missing, or GitHub refused."""


class GitHub:
    """The REST API of one repository, `owner/name`. Every method raises GitHubError."""

    def __init__(self, repository: str) -> None:
        self.repository = repository

    def get(self, path: str) -> dict[str, Any]:
        """One object."""
        found: dict[str, Any] = self._api("GET", path)
        return found

    def all(self, path: str, key: str = "") -> list[dict[str, Any]]:
        """Every item of a list, through all pages; `key` names the list where a page is an object."""
        pages = json.loads(self._run("api", "--paginate", "--slurp", self._url(path)))
        return [item for page in pages for item in (page[key] if key else page)]

    def pull_request(self, number: int) -> dict[str, Any]:
        """A pull request as the API prints it."""
        return self.get(f"pulls/{number}")

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
        """Unpack an artifact of a run into a folder."""
        self._run("run", "download", str(run), "--repo", self.repository, "--name", name, "--dir", str(folder))

    def _url(self, path: str) -> str:
        return f"repos/{self.repository}/{path}".rstrip("/")

    def _api(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        given = ["--input", "-"] if body is not None else []
        text = json.dumps(body) if body is not None else ""
        return json.loads(self._run("api", "--method", method, self._url(path), *given, given=text))

    def _run(self, *arguments: str, given: str = "") -> str:
        try:
            done = subprocess.run(["gh", *arguments], input=given, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise GitHubError("gh was not found", "install GitHub's command line and put it on PATH") from None
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["no reason given"]
            raise GitHubError(f"gh {arguments[0]}: {said[-1]}", "set GH_TOKEN, and see which permissions the job has")
        return done.stdout
