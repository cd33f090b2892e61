"""What a file of the allowed size can cost at most, and that what is cut is said."""

import pytest

from cardops.desired.documents import MAX_FINDINGS, MORE
from cardops.desired.loader import Loaded, load_repository
from cardops.desired.shares import MAX_GLOBS
from cardops.desired.sources import Overlay
from cardops.strict_yaml.errors import MAX_VALUES, YamlError
from cardops.strict_yaml.reader import load, load_strictly
from support.git_repository import CONFIG

CARD = "name: {name}\nstatus: Draft\nowner: team-a\ncontent: {{}}\n"
SHARE = "name: {name}\ncards: [{cards}]\ngrants: [{{to: ml-dev, access: contribute, while: [Draft]}}]\n"


def loaded(**files: str) -> Loaded:
    texts = {name.replace("__", "/") + ".yaml": text.encode() for name, text in files.items()}
    return load_repository(Overlay({"cardops.yaml": (CONFIG % "none").encode()} | texts), today="2026-06-01")


def globs(count: int, start: int = 0) -> str:
    return ", ".join(f'"?{number}*"' for number in range(start, start + count))


def test_of_very_many_findings_in_a_file_the_first_are_shown_and_that_there_are_more_is_said() -> None:
    keys = "".join(f"bad{number}: 1\n" for number in range(40_000))
    found = loaded(cards__a=CARD.format(name="a") + keys, cards__b="name: b\n").findings
    first = [one for one in found if one.location.path == "cards/a.yaml"]
    assert len(first) == MAX_FINDINGS + 1
    (more,) = [one for one in first if one.rule == MORE]
    assert (more.level, more.message) == ("deny", f"this file has more findings; the first {MAX_FINDINGS} are shown")
    assert {one.rule for one in found if one.location.path == "cards/b.yaml"} == {"schema/missing-key"}


@pytest.mark.parametrize(("names", "level"), [("", "warn"), (', "x-1"', "deny")])
def test_what_is_left_out_is_as_severe_as_it_was(names: str, level: str) -> None:
    """Names are checked before globs: an unknown one is never left out for globs that select nothing."""
    share = SHARE.format(name="s", cards=globs(200) + names)
    found = loaded(shares__s=share).findings
    assert len(found) == MAX_FINDINGS + 1
    assert any(one.rule == MORE for one in found)
    assert max(one.level == "deny" for one in found) is (level == "deny")


def test_denials_that_are_left_out_after_warnings_still_deny() -> None:
    share = SHARE.format(name="s", cards=globs(150))
    twice = SHARE.format(name="s", cards='"*"')
    found = loaded(shares__s=share, shares__t=twice).findings
    assert [one.location.path for one in found if one.rule == "reference/duplicate-share"]


def test_globs_are_bounded_over_all_shares_and_one_file_too_many_spoils_no_other() -> None:
    whole = {
        f"shares__{name}": SHARE.format(name=name, cards=globs(MAX_GLOBS // 2, at)) for at, name in enumerate("ab")
    }
    too_many = SHARE.format(name="c", cards=globs(1))
    plain = SHARE.format(name="d", cards="a")
    found = loaded(cards__a=CARD.format(name="a"), shares__c=too_many, shares__d=plain, **whole)
    denied = [(one.location.path, one.message) for one in found.findings if one.level == "deny"]
    assert denied == [("shares/c.yaml", "the shares up to this one have 1,001 globs together; the limit is 1,000")]
    assert found.desired
    assert [share.name for share in found.desired.shares] == ["a", "b", "d"]
    assert found.broken_shares == {"c"}


@pytest.mark.parametrize("shape", ["x: [{}]", "{}"], ids=["brackets", "lines"])
def test_values_of_a_document_are_bounded_in_both_readers(shape: str) -> None:
    def text(items: int) -> str:
        return f"x: [{','.join('[]' for _ in range(items))}]" if "[" in shape else "- 1\n" * items

    most = MAX_VALUES - (2 if "[" in shape else 1)
    for read in (load, load_strictly):
        assert read(text(most)).value
        with pytest.raises(YamlError, match="more than 50,000 values") as refused:
            read(text(most + 1))
        assert refused.value.rule == "yaml/too-large"
