"""READMEs of every shape: the importer neither fails nor loses a card for one field.

A seeded generator combines front matter, headings, code, comments, lists, placeholders and hostile texts by rules.
"""

import random
from itertools import product

import pytest

from cardops.importers.detect import convert_file
from cardops.importers.drafts import CardDraft, declare_draft
from cardops.importers.readme_sections import split_sections
from cardops.importers.yaml_writer import write
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.reader import load

FRONT = {
    "none": "",
    "plain": "---\nlicense: mit\n---\n",
    "lists": "---\nlanguage: [en, de]\ntags:\n- ranking\ndatasets: example/leads\n---\n",
    "anchors": "---\nlicense: &l mit\nlicense_name: *l\n---\n",
    "not yaml": "---\nlicense: [mit\n---\n",
    "a list": "---\n- mit\n---\n",
    "long results": "---\nmodel-index:\n- name: Lead\n  results:\n"
    + "".join(
        f"  - task: {{type: ranking}}\n    dataset: {{name: set {at}, type: example/set-{at}}}\n"
        f"    metrics:\n    - {{type: ndcg, value: 0.{at}}}\n    - {{type: map, value: 0.5}}\n"
        for at in range(500)
    )
    + "---\n",
    "odd results": "---\nmodel-index:\n- name: Lead\n"
    "  results: [{metrics: [{type: f1, value: .nan}, 7, {value: 1}]}]\n---\n",
}
TITLES = {
    "atx": "# Lead ranker\n",
    "setext": "Lead ranker\n===========\n",
    "closed": "# Lead ranker #\n",
    "bold": "# **Lead ranker**\n",
    "after code": "  ```python\n# load the model\n  ```\n\n~~~sh\n# and run it\n~~~\n\n# Lead ranker\n",
    "after a comment": "<!-- # not a title\n\nof this card -->\n\n# Lead ranker\n",
    "indented code": "    # four blanks are code\n\n# Lead ranker\n",
}
SAYS = "Ranks leads for the sales desk.\n\n"
BODIES = {
    "one paragraph": SAYS,
    "nested": f"{SAYS}## Uses\n\nFor the desk.\n\n### Out of scope\n\nHiring.\n\n## Limitations\n\nOne market.\n",
    "placeholders": f"{SAYS}## Uses\n\n[More Information Needed]\n\n## Limitations\n\n<!-- say more -->\n\nN/A\n",
    "control character": f"{SAYS}## Limitations\n\nA \x80 strange \x0c mark.\n",
    "too long": f"{SAYS}## Limitations\n\n" + "long " * 5_000 + "\n",
    "table and html": f"{SAYS}<div>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n</div>\n\n## Limitations\n\n- none known\n",
}
ENDINGS = {"lf": "\n", "crlf": "\r\n", "cr cr lf": "\r\r\n"}
CORPUS = list(product(FRONT, TITLES, BODIES, ENDINGS))


def readme(front: str, title: str, body: str, ending: str) -> bytes:
    return (FRONT[front] + TITLES[title] + "\n" + BODIES[body]).replace("\n", ENDINGS[ending]).encode()


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 300


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("front", FRONT)
def test_every_readme_gives_a_card_with_its_name_and_description(front: str, title: str) -> None:
    for body, ending in product(BODIES if front != "long results" else ["nested"], ENDINGS):
        (draft,) = convert_file(readme(front, title, body, ending), "README.md")
        value, left = declare_draft(draft, draft.called, "team-leads")
        assert load(write(value, "card")).value == value
        overview = value["content"]["model_overview"]
        name = "Lead" if front in ("long results", "odd results") else "Lead ranker"
        assert overview["model_name"] == name, (body, ending)
        assert overview["model_description"].startswith("Ranks leads for the sales desk."), (body, ending)
        _check_sections(body, value["content"], [str(one) for one in left])


def _check_sections(body: str, content: dict[str, dict[str, str]], left: list[str]) -> None:
    more = content.get("additional_information", {})
    if body == "nested":
        assert content["intended_uses"]["intended_uses"] == "For the desk.\n\n### Out of scope\nHiring."
        assert more["caveats_and_recommendations"] == "One market."
    if body == "placeholders":
        assert "intended_uses" not in content
        assert "README.intended_uses.intended_uses: the section is empty or only a placeholder" in left
    if body in ("control character", "too long"):
        assert "caveats_and_recommendations" not in more
        assert any(one.startswith("content.additional_information.caveats_and_recommendations: ") for one in left)


WORDS = [
    "Leads",
    "rank",
    "#",
    "```",
    "~~~",
    "<!--",
    "-->",
    "---",
    "\n",
    "\n\n",
    "    ",
    ">",
    "- ",
    "===",
    "## Uses",
    "|",
    "\t",
    "é",
    "\x00",
    "\u202e",
    "[x](y)",
    "`",
]


@pytest.mark.parametrize("seed", range(12))
def test_any_text_is_imported_or_refused_with_a_place(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - texts, not secrets
    for _ in range(25):
        text = "".join(chance.choice(WORDS) + chance.choice(["", " "]) for _ in range(chance.randint(1, 60)))
        for draft in _converted(text):
            value, _ = declare_draft(draft, "lead", "team-leads")
            write(value, "card")


def _converted(text: str) -> list[CardDraft]:
    """Return the drafts, or none for a text that is refused with a hint."""
    try:
        return convert_file(text.encode(), "README.md")
    except YamlError as refused:
        return (
            [] if (refused.rule, bool(refused.hint)) == ("file/not-yaml", True) else [CardDraft("", {"not": "named"})]
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n\ntext\n", [(1, "A", "text")]),
        ("text\n\n# A\n", [(0, "", "text"), (1, "A", "")]),
        ("# `A`\n", [(1, "A", "")]),
        ("# A {#anchor}\n", [(1, "A", "")]),
        ("- # in a list\n\n# A\n", [(0, "", "- # in a list"), (1, "A", "")]),
        ("# A\n\nkept <!-- gone --> too\n", [(1, "A", "kept  too")]),
        ("# A\n\n`<!-- code -->`\n", [(1, "A", "`<!-- code -->`")]),
        ("#no heading\n", [(0, "", "#no heading")]),
    ],
)
def test_sections_are_those_of_commonmark(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert [tuple(one) for one in split_sections(text)] == expected
