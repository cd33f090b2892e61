"""Whatever people write, no format lets it act: exact output, and what a reader of that format makes of it."""

import json
import re
import xml.etree.ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from cardops.model.findings import Finding
from cardops.render import plan as plans
from cardops.render import validation as checks
from cardops.render.plan_comment import as_markdown
from cardops.render.validation import as_markdown as validate_markdown
from support import hostile_texts as hostile
from support.golden import Golden

FORMATS = sorted(plans.FORMATS)
SUFFIX = {"json": "json", "sarif": "sarif.json", "junit": "xml", "markdown": "md", "github": "txt", "text": "txt"}
OURS = re.compile(r"</?details>|</?summary>|</?code>|</?b>|<!-- cardops:(plan|validate) -->")


def rendered(command: str, form: str) -> str:
    text = checks.FORMATS[form](hostile.checked()) if command == "validate" else plans.FORMATS[form](hostile.report())
    return re.sub(r"\x1b\[\d*(;\d+)*m", "", text) if form == "text" else text


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("command", ["validate", "plan"])
def test_the_exact_output(command: str, form: str, golden: Golden) -> None:
    golden(f"hostile-{command}-{form}.{SUFFIX[form]}", rendered(command, form))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("command", ["validate", "plan"])
def test_nothing_that_cannot_be_seen_is_printed(command: str, form: str) -> None:
    text = rendered(command, form)
    assert [char for char in text if not char.isprintable() and char != "\n"] == []
    assert "##[" not in text
    assert "\u3164" not in text or form in ("json", "sarif")


def test_only_our_own_lines_are_commands_to_the_runner() -> None:
    for command in ("validate", "plan"):
        for form in FORMATS:
            commands = [line for line in rendered(command, form).splitlines() if line.lstrip().startswith("::")]
            assert form == "github" or not commands
            for line in commands:
                assert re.match(r"::(error|warning|notice) [^:]*::", line)


def test_json_says_what_was_written() -> None:
    document = json.loads(rendered("validate", "json"))
    assert [finding["message"] for finding in document["findings"][: len(hostile.TEXTS)]] == list(hostile.TEXTS)


def test_junit_is_xml_and_says_where() -> None:
    root = ET.fromstring(rendered("validate", "junit"))  # noqa: S314 - our own output
    failures = root.findall("testsuite/testcase/failure")
    assert len(failures) == len(hostile.TEXTS)
    assert all(node.text and "\x1b" not in node.text for node in failures)


def browser(text: str) -> MarkdownIt:
    """CommonMark with tables, autolinks of bare addresses left to the check below."""
    return MarkdownIt("commonmark", {"html": True}).enable("table")


@pytest.mark.parametrize("text", [as_markdown(hostile.report()), validate_markdown(hostile.checked())])
class TestMarkdown:
    """As a reader of Markdown sees it: user text is in code, and nowhere else."""

    def test_all_html_is_ours(self, text: str) -> None:
        for token in browser(text).parse(text):
            for inner in [token, *(token.children or [])]:
                if inner.type in ("html_block", "html_inline"):
                    tags = re.sub(r"<code>[^<>]*</code>", "", inner.content)
                    assert "<" not in OURS.sub("", tags), inner.content

    def test_what_is_outside_of_code_is_inert(self, text: str) -> None:
        for token in browser(text).parse(text):
            for inner in token.children or []:
                if inner.type == "text":
                    assert not re.search(r"@|#\d|GH-\d|://|www\.|[0-9a-f]{7}|\$\{\{|::", inner.content), inner.content

    def test_links_go_to_our_lines_only(self, text: str) -> None:
        links = [
            inner
            for token in browser(text).parse(text)
            for inner in token.children or []
            if inner.type in ("link_open", "image")
        ]
        start = f"https://git.example/org/repo/blob/{'c' * 40}/cards/"
        assert links
        assert all(link.type == "link_open" and str(link.attrs["href"]).startswith(start) for link in links)

    def test_folds_are_balanced_and_fences_closed(self, text: str) -> None:
        html = browser(text).render(text)
        assert html.count("<details>") == html.count("</details>")
        assert html.rstrip().endswith("-->")
        assert all(token.level == 0 for token in browser(text).parse(text) if token.type == "fence")

    def test_a_table_keeps_its_columns(self, text: str) -> None:
        rows = [line for line in text.splitlines() if line.startswith("| ")]
        assert all(len(re.findall(r"(?<!\\)\|", row)) == 4 for row in rows)

    def test_the_marker_is_the_last_line(self, text: str) -> None:
        assert text.splitlines()[-1] in ("<!-- cardops:plan -->", "<!-- cardops:validate -->")
        assert text.startswith("⛔ **")


def test_guards_are_needed() -> None:
    """Without them the same texts would act: the test above can see it."""
    raw = f"x {hostile.TEXTS[2]} {hostile.TEXTS[3]}"
    tokens = [inner for token in browser(raw).parse(raw) for inner in token.children or []]
    assert any(token.type == "html_inline" for token in tokens)
    assert any("@everyone" in token.content for token in tokens if token.type == "text")


def test_an_unprintable_path_has_a_link_that_is_an_address() -> None:
    finding = next(one for one in hostile.findings() if one.rule == "PATH-001")
    assert isinstance(finding, Finding)
    target = hostile.LINKS.to(finding.location)
    assert re.fullmatch(r"[A-Za-z0-9:/._~%#-]+", target)
