"""A report as a page: whole, offline, and nothing of a stranger's that is markup in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.analysis.reporting.blocks import Document, Paragraph, Section
from app.cli import main
from app.session.store.folder import SessionFolder
from tests import hostile
from tests.analysis.compare.sessions import MadeRun, made
from tests.analysis.reporting.attack import MARKUP

pytest.importorskip("altair")
pytest.importorskip("vl_convert")

from app.analysis.reporting import page as pages
from app.analysis.reporting.command import as_page
from app.analysis.reporting.script import inline

VOID = {"meta", "link", "br", "img", "input"}
GAUGES = {("gpu0", "power_w"): [300.0, 400.0, 350.0], ("host", "cpu_percent"): [10.0, 20.0, 15.0]}


class Structure(HTMLParser):
    """What a browser sees of a page: elements, their attributes, headings, and the charts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.headings: list[int] = []
        self.charts: list[dict[str, object]] = []
        self.open: list[str] = []
        self._is_data = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action", "data")]
        self._is_data = tag == "script" and ("type", "application/json") in attrs
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self._is_data = False

    def handle_data(self, data: str) -> None:
        if self._is_data:
            self.charts = json.loads(data)


@pytest.fixture(autouse=True)
def _small_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundling takes seconds; the browser's tests do it."""
    monkeypatch.setattr(pages, "bundle", lambda: "/* the bundle */")


def test_a_page_is_whole_and_needs_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name, slower in (("one", 0), ("two", 5)):
        took = [10.0 + slower + number % 3 for number in range(60)]
        runs = (MadeRun(took, variant=1, repeat=repeat, accuracy=0.9, gauges=GAUGES) for repeat in (1, 2, 3))
        made(tmp_path / "sessions", *runs, name=name)
    assert main(["report", "one", "two"]) == 0
    target, size = capsys.readouterr().out.rstrip().split("  ")
    text = (tmp_path / target).read_text()
    assert target == "19700101-000000-one.html"
    assert size.endswith("KiB")
    found = Structure(text)
    assert found.open == []
    assert all(address.startswith(("#", "data:")) for address in found.addresses)
    assert found.elements["h1"] == 1
    # No level is left out on the way down.
    assert all(after - before <= 1 for before, after in zip(found.headings, found.headings[1:], strict=False))
    # Changes and distributions of the two; of each session its repeats, and two of each run.
    assert len(found.charts) == found.elements["figure"] == 2 + 2 * (1 + 3 * 2)
    for words in ("a processor", "worse", "torch", "95 % interval"):
        assert words in text


@pytest.mark.parametrize("driving", [False, True])
def test_a_stranger_writes_no_element(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driving: bool) -> None:
    plain = as_page([(hostile.write_hostile(SessionFolder(tmp_path / "plain"), driving=driving), 0)], [])
    monkeypatch.setattr(hostile, "ATTACK", hostile.ATTACK + MARKUP)
    text = as_page([(hostile.write_hostile(SessionFolder(tmp_path / "stranger"), driving=driving), 0)], [])
    assert "window.pwned" in text
    assert Structure(text).elements == Structure(plain).elements
    assert Structure(text).attributes == Structure(plain).attributes
    assert {address.split(":")[0] for address in Structure(text).addresses if not address.startswith("#")} == {"data"}
    assert all(character.isprintable() or character == "\n" for character in text)


def test_without_charts_no_script_may_run() -> None:
    text = pages.page(Document("<T>", "S", [Section("A", [Paragraph("</p><script>alert(1)</script>")])]))
    assert "script-src 'none'" in text
    assert "<script" not in text
    assert "<title>&lt;T&gt;" in text


def test_a_script_cannot_end_its_element() -> None:
    assert inline("a='</script>';\r\nb='<!-- <script>'") == "a='\\x3c/script>';\nb='\\x3c!-- \\x3cscript>'"


def test_without_its_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path))
    monkeypatch.setattr("app.reporting.find_spec", lambda module: None)
    assert main(["report", "one"]) == 2
    said = (
        "benchtop: `benchtop report` needs two packages more: pip install altair vl-convert-python; --md needs none\n"
    )
    assert capsys.readouterr().err == said


def test_sessions_that_have_nothing_in_common_are_told_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path))
    one = made(tmp_path / "sessions", MadeRun([5.0] * 9), name="one")
    two = made(tmp_path / "sessions", MadeRun([5.0] * 9, workload="infer/digits"), name="two")
    assert "no workload in common" in as_page([(one, 0), (two, 0)], [])
    assert main(["report", "none"]) == 2
    assert capsys.readouterr().err.startswith("benchtop: no session 'none'")
