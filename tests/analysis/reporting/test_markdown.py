"""A report as Markdown: GitHub's tables, and nothing of a stranger's that is markup there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from app.analysis.reporting.blocks import Document, Facts, Notice, Paragraph, Section, Table
from app.analysis.reporting.command import as_markdown
from app.analysis.reporting.markdown import JOINER, escaped, markdown
from app.cli import main
from app.session.store.folder import SessionFolder
from tests import hostile
from tests.analysis.compare.sessions import MadeRun, made

BASE = MadeRun([10.0 + number % 3 for number in range(60)])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("34.6 samples/s", "34.6 samples/s"),
        ("-28.0 %", "-28.0 %"),
        ("a|b", r"a\|b"),
        ("<script>", r"\<script\>"),
        ("[x](javascript:alert(1))", r"\[x\](javascript:alert(1))"),
        ("![x](http://x)", r"\!\[x\](http\://x)"),
        ("*b* _i_ `c` ~s~", r"\*b\* \_i\_ \`c\` \~s\~"),
        ("&lt;", r"\&lt;"),
        ("@everyone", f"@{JOINER}everyone"),
        ("fixes #12", rf"fixes \#{JOINER}12"),
        ("www.example.com", r"www\.example.com"),
        ("# head", r"\# head"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("===", r"\==="),
        ("two\nlines\x1b[31m", "two lines"),
    ],
)
def test_text_stays_text(text: str, written: str) -> None:
    assert escaped(text) == written


def test_blocks_become_headings_tables_and_alerts() -> None:
    inner = Section("Run 1", [Facts([("batch", "64"), ("left out", "")])], detail=False)
    detail = Section("Readings", [Paragraph("long")], detail=True)
    table = Table(("metric", "A"), [("p50", "1 ms"), ("p99", "2 ms")], strong=frozenset({1}))
    section = Section("Session", [Notice("warning", "drift", "it drifts", "wait"), table], [inner, detail], note="done")
    assert markdown(Document("T", "S", [section])).split("\n") == [
        "# T",
        "",
        "S",
        "",
        "## Session (done)",
        "",
        "> [!WARNING]",
        "> **drift**: it drifts",
        "> Try: wait",
        "",
        "| metric | A |",
        "| :-- | --: |",
        "| p50 | 1 ms |",
        "| **p99** | 2 ms |",
        "",
        "### Run 1",
        "",
        "|  |  |",
        "| :-- | :-- |",
        "| batch | 64 |",
        "",
    ]


def test_two_sessions_are_held_against_each_other_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Without the extra: Markdown needs none of it.
    monkeypatch.setitem(sys.modules, "altair", None)
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path))
    for name in ("one", "two"):
        made(tmp_path / "sessions", *(BASE._replace(repeat=repeat) for repeat in (1, 2, 3)), name=name)
    assert main(["report", "one", "two", "--md"]) == 0
    told = capsys.readouterr().out
    assert told.index("## Comparison") < told.index("## 19700101")
    assert "| throughput | 90.9/s | 90.9/s | +0.0 % | +0.0 % to +0.0 % | same within 1.0 % |" in told
    assert "| batch |" not in told
    assert "a processor" in told
    assert "torch | 2.9.0" in told


@pytest.mark.parametrize("driving", [False, True])
def test_a_stranger_writes_no_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driving: bool) -> None:
    monkeypatch.setattr(hostile, "ATTACK", f"{hostile.ATTACK}|<img src=x>[l](http://x)@all#1\n# head\n| a | b |")
    folder = hostile.write_hostile(SessionFolder(tmp_path / "stranger"), driving=driving)
    told = as_markdown([(folder, 0)], [])
    assert all(line.isprintable() or JOINER in line for line in told.splitlines())
    for markup in (r"(?<!\\)<img", r"(?<!\\)\[l", "@all", r"#1\b", "^# head"):
        assert re.search(markup, told, re.MULTILINE) is None, markup
    for block in re.findall(r"(?:^\|.*\n)+", told, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in block.splitlines()}) == 1, "no cell more than titles"
