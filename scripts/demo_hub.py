"""`make demo TOPOLOGY=hub-and-spoke`: spokes own their cards, the hub keeps copies that everybody else reads."""

import json
import shutil
from typing import Any

from rich.table import Table

from demo_stage import CONSUMERS, DATA, OWNER, PLACE, REGION, SCRATCH, Story, attempt, console, fail, sandbox

DEV, TEST, PROD = CONSUMERS.values()
CONFIG = f"""\
version: 1
repository: ml-hub-5c1e
region: {REGION}
home: shared-services
signoff: none
accounts:
  shared-services: {{id: "{OWNER}", role: cardops-apply, plan_role: cardops-plan}}
  ml-dev: {{id: "{DEV}", role: cardops-spoke, plan_role: cardops-plan}}
  ml-test: {{id: "{TEST}", role: cardops-spoke, plan_role: cardops-plan}}
  ml-prod: {{id: "{PROD}", role: cardops-consumer, plan_role: cardops-plan, read_only: [role]}}
"""
TEST_ROLES = f'"{TEST}", role: cardops-spoke, plan_role: cardops-plan'
CHURN = """\
name: churn
status: Draft
owner: team-churn
account: ml-dev
live_sections: [evaluation_details]
content:
  intended_uses: {purpose_of_model: Ranks contracts for the retention desk., risk_rating: Medium}
"""
SHARE = """\
name: catalog
cards: ["hub-*"]
grants:
  - {to: ml-prod, access: read, while: [Approved]}
"""
FRAUD = {"intended_uses": {"purpose_of_model": "Flags transfers that a person should look at."}}
EVALUATION = {
    "evaluation_details": [{"name": "nightly", "evaluation_observation": "AUC 0.91 on last week's contracts"}]
}
DETAILS = "additional_information"


def copy(name: str, account: str, status: str = "Draft") -> str:
    """A hub copy's file."""
    origin = f"{{account: {account}, card: {name}}}"
    return f"name: hub-{name}\nstatus: {status}\nowner: team-{name}\naggregate_from: {origin}\n"


class Hub:
    """The story, its files and the cards as the API shows them."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def commit(self, title: str, **files: str) -> None:
        """Files of the scratch repository, committed on main; `cards__churn` is cards/churn.yaml."""
        console.rule(f"[bold]{title}")
        for name, text in files.items():
            path = SCRATCH / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.story.git("add", "-A")
        self.story.git("commit", "-q", "-m", title)
        self.story.cardops("validate", expect=0)

    def live(self, account: str, name: str) -> dict[str, Any]:
        """A card's content, from its owner."""
        answer = self.story.client(account).describe_model_card(ModelCardName=name)
        content: dict[str, Any] = json.loads(answer["Content"])
        return {"status": answer["ModelCardStatus"], "version": answer["ModelCardVersion"], "content": content}

    def write(self, account: str, name: str, content: dict[str, Any], who: str) -> None:
        """Somebody adds to a live card through the API."""
        whole = self.live(account, name)["content"] | content
        self.story.client(account).update_model_card(ModelCardName=name, Content=json.dumps(whole))
        console.print(f"  {who} writes {', '.join(content)} into {name}")

    def demand_copied(self, name: str, account: str) -> None:
        """The copy has exactly the spoke's content, and says of which version."""
        spoke, hub = self.live(account, name), self.live(OWNER, f"hub-{name}")
        details = hub["content"].pop(DETAILS)["custom_details"]
        if hub["content"] != spoke["content"] or details["cardops_origin_version"] != str(spoke["version"]):
            fail(f"hub-{name} is not version {spoke['version']} of {account}'s {name}")
        table = Table("card", "account", "version", "status", "from")
        table.add_row(name, account, str(spoke["version"]), spoke["status"], "")
        source = f"{details['cardops_origin_account']}/{name} version {details['cardops_origin_version']}"
        table.add_row(f"hub-{name}", OWNER, str(hub["version"]), hub["status"], source)
        console.print(table)

    def demand(self, said: str, words: str) -> None:
        """A command's output has these words."""
        if words not in said:
            fail(f"the story expects to read {words!r}")
        console.print(f"  [green]{words}[/]")

    def demand_access(self, name: str, seen: bool) -> None:
        """Check what ml-prod sees of the hub's copy, which it can never write."""
        arn = f"arn:aws:sagemaker:{REGION}:{OWNER}:model-card/{name}"
        client = self.story.reader(PROD)
        found = attempt(client.describe_model_card, ModelCardName=arn)[0]
        wrote = attempt(client.update_model_card, ModelCardName=arn, Content="{}")[0]
        if (found, wrote) != (seen, False):
            fail(f"ml-prod: (describe, update) of {name} is {(found, wrote)}, the story says {(seen, False)}")
        console.print(f"  [green]ml-prod {'reads' if seen else 'cannot see'} {name}, and cannot write it[/]")


def begin(hub: Hub) -> None:
    """ml-dev's card is in git, ml-test's is not; the hub copies both."""
    fraud = json.dumps(FRAUD)
    hub.story.client(TEST).create_model_card(ModelCardName="fraud", Content=fraud, ModelCardStatus="Draft")
    hub.story.git("init", "-q", "-b", "main")
    copies = {"cards__hub-churn": copy("churn", "ml-dev"), "cards__hub-fraud": copy("fraud", "ml-test")}
    files = {"cardops": CONFIG, "cards__churn": CHURN, "shares__catalog": SHARE} | copies
    hub.commit("Spokes own their cards, the hub copies them", **files)
    hub.story.deploy("ml-prod")
    hub.story.cardops("plan", "--detailed-exitcode", expect=2)
    hub.demand(hub.story.apply(expect=3), "the copy follows with the next apply")
    hub.story.apply()
    hub.demand_copied("churn", DEV)
    hub.demand_copied("fraud", TEST)
    hub.story.cardops("plan", "--detailed-exitcode", expect=0)


def contribute(hub: Hub) -> None:
    """Contribute as a spoke's pipeline; edits in the copy go to the spoke first."""
    console.rule("[bold]A contribution in a spoke flows into the hub")
    hub.write(DEV, "churn", EVALUATION, "ml-dev's pipeline")
    hub.story.apply()
    hub.demand_copied("churn", DEV)

    console.rule("[bold]A contribution to the wrong place is kept, and waits")
    words = {"business_details": {"line_of_business": "Payments"}}
    hub.write(OWNER, "hub-fraud", words, "somebody in the hub")
    hub.demand(hub.story.apply(expect=3), "somebody wrote into the copy itself (content.business_details)")
    if hub.live(OWNER, "hub-fraud")["content"].get("business_details") != words["business_details"]:
        fail("what somebody wrote into the copy was lost")
    hub.write(TEST, "fraud", words, "ml-test")
    hub.story.apply()
    hub.demand_copied("fraud", TEST)


def lose_a_spoke(hub: Hub) -> None:
    """A spoke that cannot be reached is named; the other one's copy goes on."""
    hub.write(TEST, "fraud", {"intended_uses": {"purpose_of_model": "Flags transfers."}}, "ml-test")
    hub.write(DEV, "churn", {"evaluation_details": [{"name": "weekly"}]}, "ml-dev's pipeline")
    before = hub.live(OWNER, "hub-fraud")
    hub.commit("ml-test cannot be reached", cardops=CONFIG.replace(TEST_ROLES, f'"{TEST}"'))
    hub.demand(hub.story.apply(expect=3), "its origin ml-test/fraud could not be read; the copy stays as it is")
    if hub.live(OWNER, "hub-fraud") != before:
        fail("the copy of a spoke that cannot be read was changed")
    hub.demand_copied("churn", DEV)
    hub.commit("ml-test is back", cardops=CONFIG)
    hub.story.apply()
    hub.demand_copied("fraud", TEST)


def approve(hub: Hub) -> None:
    """A copy is never ahead of its spoke, neither when git goes first nor when the spoke goes back."""
    hub.commit("Approve the hub's copy", **{"cards__hub-fraud": copy("fraud", "ml-test", "Approved")})
    hub.demand(hub.story.apply(expect=3), "git declares Approved and ml-test/fraud is Draft")
    hub.demand_access("hub-fraud", seen=False)
    console.print("  ml-test approves its own card")
    hub.story.client(TEST).update_model_card(ModelCardName="fraud", ModelCardStatus="Approved")
    hub.story.apply()
    hub.demand_copied("fraud", TEST)
    hub.demand_access("hub-fraud", seen=True)

    console.rule("[bold]The spoke takes its approval back, and the copy falls back with it")
    hub.story.client(TEST).update_model_card(ModelCardName="fraud", ModelCardStatus="Draft")
    hub.story.apply(expect=3)
    if hub.live(OWNER, "hub-fraud")["status"] != "Draft":
        fail("the copy is ahead of its spoke")
    hub.demand_access("hub-fraud", seen=False)
    hub.commit("Work on it again", **{"cards__hub-fraud": copy("fraud", "ml-test")})
    hub.story.apply()
    console.rule("[bold]Nothing left to do")
    hub.story.cardops("plan", "--detailed-exitcode", expect=0)


def main() -> int:
    """Tells the story; the exit code is 0 only when each step did what it says."""
    shutil.rmtree(PLACE, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    with sandbox() as url:
        hub = Hub(Story(url))
        begin(hub)
        contribute(hub)
        lose_a_spoke(hub)
        approve(hub)
    console.rule("[bold green]Done")
    console.print(f"The sandbox's state and history, every call in order: {DATA}")
    console.print(f"The repository with its commits: {SCRATCH} (git log --oneline)")
    return 0
