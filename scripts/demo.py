"""`make demo`: the customer-churn story, with real commits, real commands and a local AWS.

Every step says what it expects and the demo fails, with exit code 1, when something else happens.
"""

import json
import shutil
import sys
from collections.abc import Callable

from cardops.desired.key_consumers import key_policy
from cardops.desired.loader import load_repository
from cardops.desired.sources import WorkTree
from demo_stage import ARN, CARD, CONSUMERS, DATA, OWNER, PLACE, ROOT, SCRATCH, Story, console, fail, sandbox

PACKAGES = {"customer-churn": 3, "credit-risk": 2}
NOTE = "nightly run 2026-11-20: no drift in tenure"


def status(after: str) -> Callable[[str], str]:
    """An edit of the card's status."""

    def edit(text: str) -> str:
        lines = [f"status: {after}" if line.startswith("status: ") else line for line in text.split("\n")]
        return "\n".join(lines)

    return edit


def clone() -> None:
    """A scratch clone of this repository's cards and shares, on a branch main of its own."""
    shutil.rmtree(PLACE, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    for name in ("cardops.yaml", "cards", "shares", "policies"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, SCRATCH / name)


def prepare(story: Story) -> None:
    """Prepare the owner account: packages that pipelines registered, and a key that consumers may use."""
    registry = story.client(OWNER)
    for group, version in PACKAGES.items():
        registry.create_model_package_group(ModelPackageGroupName=group)
        for _ in range(version):
            registry.create_model_package(ModelPackageGroupName=group)
    desired = load_repository(WorkTree(SCRATCH)).desired
    if desired is None:
        fail("cardops.yaml cannot be used")
    keys = story.client(OWNER, "kms")
    for name, policy in key_policy(desired).items():
        root = {"AWS": f"arn:aws:iam::{OWNER}:root"}
        own = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
        policy["Statement"].append(own)
        key = keys.create_key(Policy=json.dumps(policy))["KeyMetadata"]["KeyId"]
        keys.create_alias(AliasName=name.split("/", 2)[2], TargetKeyId=key)


def tell(story: Story) -> None:
    """Draft, contribution, PendingReview, a wrong pull request, Approved, Archived."""
    story.git("init", "-q", "-b", "main")
    story.git("add", "cardops.yaml", "policies")
    story.git("commit", "-q", "-m", "Accounts and rules")
    prepare(story)
    story.deploy("ml-dev", "ml-test", "ml-prod")
    story.pull_request("four cards, as drafts", None)
    console.rule("[bold]Draft: the card exists and ml-dev may contribute")
    story.apply()
    story.show_access({"ml-dev": (True, True), "ml-test": (False, False), "ml-prod": (False, False)})

    console.rule("[bold]ml-dev writes into the live card through the API")
    dev = story.client(CONSUMERS["ml-dev"])
    content = json.loads(dev.describe_model_card(ModelCardName=ARN)["Content"])
    content["additional_information"]["custom_details"]["pipeline"] = NOTE
    dev.update_model_card(ModelCardName=ARN, Content=json.dumps(content))
    console.print(f"  custom_details.pipeline = {NOTE!r}")

    story.pull_request("ready for review", status("PendingReview"))
    story.apply()
    live = json.loads(story.client(OWNER).describe_model_card(ModelCardName=CARD)["Content"])
    if live["additional_information"]["custom_details"].get("pipeline") != NOTE:
        fail("what ml-dev wrote was lost")
    console.print("  [green]what ml-dev wrote is still there[/]")
    story.show_access({"ml-dev": (True, True), "ml-test": (True, False), "ml-prod": (False, False)})

    refuse(story)
    approve(story)

    story.pull_request("retire the model", status("Archived"))
    story.apply()
    story.show_access(dict.fromkeys(CONSUMERS, (False, False)))
    console.rule("[bold]Nothing left to do")
    story.cardops("plan", "--detailed-exitcode", expect=0)


def refuse(story: Story) -> None:
    """A wrong pull request is refused, each mistake at its place."""
    console.rule("[bold]A wrong pull request is refused")
    story.git("checkout", "-q", "-b", "wrong")
    path = SCRATCH / "cards" / f"{CARD}.yaml"
    text = path.read_text(encoding="utf-8").replace("status: PendingReview", "status: Aproved")
    path.write_text(text.replace("risk_rating:", "risk_ratng:"), encoding="utf-8")
    said = story.cardops("validate", expect=1)
    if f"cards/{CARD}.yaml:3:9:" not in said:
        fail("the wrong status was not reported at its place")
    story.git("checkout", "-q", "-f", "main")
    story.git("branch", "-q", "-D", "wrong")


def approve(story: Story) -> None:
    """An approval waits until git holds what is live; then production may read, and nobody may write."""
    story.pull_request("approve", status("Approved"), plan=1, own=True)
    if "nobody reviewed in git" not in story.apply(expect=3):
        fail("the approval was not held for the contribution that git lacks")
    console.print("  [green]held: what ml-dev wrote was never reviewed. It goes into git first:[/]")
    line = "    custom_details:\n"
    contributed = f"{line}      pipeline: {json.dumps(NOTE)}\n"
    story.pull_request("take over what ml-dev wrote", lambda text: text.replace(line, contributed))
    story.apply()
    story.show_access({"ml-dev": (False, False), "ml-test": (True, False), "ml-prod": (True, False)})


def main(topology: str) -> int:
    """Tells one story; the exit code is 0 only when each step did what it says."""
    if topology == "hub-and-spoke":
        import demo_hub

        return demo_hub.main()
    if topology != "central":
        fail(f"there is no story for {topology!r}; there are central and hub-and-spoke")
    clone()
    with sandbox() as url:
        tell(Story(url))
    console.rule("[bold green]Done")
    console.print(f"The sandbox's state and history, every call in order: {DATA}")
    console.print(f"The repository with its commits: {SCRATCH} (git log --oneline)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "central"))
