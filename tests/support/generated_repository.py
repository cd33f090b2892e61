"""Repositories of any number of realistic cards: every section, about 6 KB each, and nothing for a rule to find."""

import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CARDS_A_SHARE = 50
STATUSES = ("Draft", "Draft", "PendingReview")
WORDS = """\
weekly monthly customers contracts signals features windows retraining margin segment tenure holdout review
baseline threshold calibration support regional outage seasonal forecast inventory claims routing documents"""
TEAMS = ("team-churn", "team-credit-models", "team-document-services", "team-supply-planning")


def write_repository(root: Path, cards: int, seed: int = 1, statuses: tuple[str, ...] = STATUSES) -> None:
    """A new git repository with the shipped configuration and rules, `cards` cards and a share for 50 of them each."""
    root.mkdir(parents=True)
    shutil.copy(ROOT / "cardops.yaml", root)
    shutil.copytree(ROOT / "policies", root / "policies")
    for folder in ("cards", "shares"):
        (root / folder).mkdir()
    for name, text in texts(cards, seed, statuses):
        (root / "cards" / f"{name}.yaml").write_text(text, encoding="utf-8")
    for number in range(-(-cards // CARDS_A_SHARE)):
        (root / "shares" / f"family-{number:04}.yaml").write_text(share(number), encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    commit(root, "cards")


def texts(cards: int, seed: int = 1, statuses: tuple[str, ...] = STATUSES) -> Iterator[tuple[str, str]]:
    """Names and texts."""
    template = _template()
    for number in range(cards):
        yield name_of(number), _card(template, number, random.Random(seed * 1_000_003 + number), statuses)  # noqa: S311 - prose


def name_of(number: int) -> str:
    """A card's name; those of one share begin alike."""
    return f"family-{number // CARDS_A_SHARE:04}-model-{number % CARDS_A_SHARE:02}-v1"


def share(number: int) -> str:
    """A share of one family."""
    return f"""\
name: family-{number:04}
cards: ["family-{number:04}-*"]
grants:
  - {{to: ml-dev, access: contribute, while: [Draft, PendingReview]}}
  - {{to: ml-test, access: read, while: [PendingReview, Approved]}}
  - {{to: ml-prod, access: read, while: [Approved]}}
"""


def commit(root: Path, message: str) -> None:
    """Everything that there is, by somebody."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)


def git(root: Path, *arguments: str) -> None:
    """The git program, with nobody's configuration."""
    who = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "gc.auto=0"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def _template() -> str:
    """The first shipped card without its comments, registry entry and longest lists."""
    text = (ROOT / "cards" / "customer-churn-v1.yaml").read_text("utf-8")
    text = re.sub(r"(?m)^ *#.*\n|(?<= )  # .*$", "", text)
    text = re.sub(r"(?m)^model_package: .*\n", "", text)
    return re.sub(r"\n{2,}", "\n", text)


def _card(template: str, number: int, chance: random.Random, statuses: tuple[str, ...]) -> str:
    name, team = name_of(number), chance.choice(TEAMS)
    text = template.replace("customer-churn-v1", name).replace("team-churn", team)
    text = text.replace("status: Draft", f"status: {chance.choice(statuses)}", 1)
    text = re.sub(r"(?m)>-\n(?: +\S.*\n)+?(?= *[\w ]+:(?: |\n))", lambda _: f"{_sentence(chance)}\n", text)
    text = text.replace("Waits for the sign-off of this card.", f"Waits for the sign-off of {name}.")
    return text.replace("Retention desk, customer analytics", _sentence(chance))


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS.split(), k=chance.randint(6, 24))).capitalize()
