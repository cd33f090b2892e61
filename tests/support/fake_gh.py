"""A stand-in for `gh`: answers from a file, keeps what is sent in it, and notes every call."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PLACE = Path(os.environ["GH_STAND_IN"])


def main(arguments: list[str]) -> None:
    """One call; an unknown one fails as GitHub would."""
    state = json.loads((PLACE / "state.json").read_text())
    if arguments[0] == "api":
        method = arguments[arguments.index("--method") + 1] if "--method" in arguments else "GET"
        path = next(one for one in arguments if one.startswith("repos/")).removeprefix("repos/example-org/models")
        path = path.removeprefix("/")
        body = json.loads(sys.stdin.read()) if "--input" in arguments else None
        state["calls"].append([method, path])
        answer = respond(state, method, path, body)
        sys.stdout.write(json.dumps([answer] if "--slurp" in arguments else answer))
    elif arguments[:2] == ["run", "download"]:
        download(arguments[2], dict(zip(arguments[3::2], arguments[4::2], strict=True)))
    else:
        sys.exit(f"gh: {arguments} is not known here")
    (PLACE / "state.json").write_text(json.dumps(state))


def download(run: str, flags: dict[str, str]) -> None:
    """What has one name comes as it is; what matches a pattern comes into a folder of its own name, each."""
    kept, into = PLACE / "artifacts" / run, Path(flags["--dir"])
    if "--name" in flags:
        found = {kept / flags["--name"]: into}
    else:
        found = {one: into / one.name for one in kept.glob(flags["--pattern"])}
    if not all(one.is_dir() for one in found) or not found:
        sys.exit("no artifact matches any of the names or patterns provided")
    for one, target in found.items():
        shutil.copytree(one, target, dirs_exist_ok=True)


def respond(state: dict[str, Any], method: str, path: str, body: Any) -> Any:
    """The few endpoints that the workflows use."""
    asked = urlsplit(path)
    query = {key: value[0] for key, value in parse_qs(asked.query).items()}
    match (method, *asked.path.split("/")):
        case ("GET", "pulls"):
            heads = {one["head"]["ref"]: one for one in state["pulls"].values() if one["merged_at"] is None}
            return [one for ref, one in heads.items() if query["head"] == f"example-org:{ref}"]
        case ("POST", "pulls"):
            number = str(100 + len(state["pulls"]))
            made = {"number": int(number), "head": {"ref": body["head"]}, "merged_at": None, "body": body["body"]}
            made |= {"sent": body}
            state["pulls"][number] = made
            return made
        case ("GET", "pulls", number):
            return state["pulls"][number]
        case ("GET", "pulls", number, ("reviews" | "commits") as what):
            return state[what].get(number, [])
        case ("GET", "commits", commit) if commit in state["accounts"]:
            return state["accounts"][commit]
        case ("GET", "activity"):
            return state["pushes"].get(query["ref"], [])
        case ("GET", "commits", commit, "pulls"):
            return [one for one in state["pulls"].values() if one.get("merge_commit_sha") == commit]
        case ("GET", ""):
            return {"id": 1, "default_branch": "main"}
        case ("GET", "rules", "branches", branch):
            return state.get("rules", {}).get(branch, [])
        case ("GET", "actions", "runs"):
            wanted = {"conclusion" if key == "status" else key: value for key, value in query.items()}
            wanted.pop("per_page", None)
            return {"workflow_runs": [one for one in state["runs"] if wanted.items() <= one.items()]}
        case ("GET", "actions", "runs", number):
            return next((one for one in state["runs"] if str(one["id"]) == number), None) or sys.exit("gh: HTTP 404")
        case ("GET", "actions", "runs", number, "artifacts"):
            return {"artifacts": [one for one in state["artifacts"] if str(one["workflow_run"]["id"]) == number]}
        case ("PATCH", "pulls", number):
            state["pulls"][number] |= body
            return state["pulls"][number]
        case ("GET", "issues", number, "comments"):
            return [one for one in state["comments"] if one["issue"] == int(number)]
        case ("POST", "issues", number, "comments"):
            made = {"id": len(state["comments"]) + 1, "issue": int(number), "user": {"type": "Bot"}} | body
            state["comments"].append(made)
            return made
        case ("PATCH", "issues", "comments", number):
            state["comments"][int(number) - 1] |= body
            return state["comments"][int(number) - 1]
        case ("GET", "issues"):
            return [one for one in state["issues"] if one["state"] == "open" and query["labels"] in one["labels"]]
        case ("POST", "issues"):
            state["issues"].append({"number": 500 + len(state["issues"]), "state": "open"} | body)
            return state["issues"][-1]
        case ("PATCH", "issues", number):
            state["issues"][int(number) - 500] |= body
            return state["issues"][int(number) - 500]
    sys.exit(f"gh: {method} {path}: HTTP 404")


if __name__ == "__main__":
    main(sys.argv[1:])
