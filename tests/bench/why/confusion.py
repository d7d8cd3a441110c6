"""The table: expected verdicts × what was said, and how often that was right. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.bench.why.judged import Judged


def markdown(results: Sequence[Judged]) -> str:
    """Counts in a line, the confusion table, and under it what was said of each script."""
    return "\n".join((counts(results), "", *_confusion(results), "", *_each(results)))


def counts(results: Sequence[Judged]) -> str:
    """`primary verdict right 20 of 22 (91 %), …`."""
    planted = [each for each in results if each.entry.kind is not None]
    healthy = [each for each in results if each.entry.kind is None]
    parts = []
    if planted:
        right, two = sum(each.right for each in planted), sum(each.among_two for each in planted)
        parts.append(f"primary verdict right in {right} of {len(planted)} ({100 * right / len(planted):.0f} %)")
        parts.append(f"among the first two in {two} ({100 * two / len(planted):.0f} %)")
    if healthy:
        alarms = sum(bool(each.false_alarms) for each in healthy)
        parts.append(f"warnings on {alarms} of {len(healthy)} healthy scripts")
    return "; ".join(parts)


def reached(results: Sequence[Judged]) -> bool:
    """Whether the primary verdict is right in 90 %, among two in all, and nothing is warned of on healthy scripts."""
    planted = [each for each in results if each.entry.kind is not None]
    return (
        sum(each.right for each in planted) >= 0.9 * len(planted)
        and all(each.among_two for each in planted)
        and not any(each.false_alarms for each in results)
    )


def _confusion(results: Sequence[Judged]) -> list[str]:
    """One line for each kind that was expected, with what was said in the first place."""
    lines = ["| planted | scripts | said in the first place |", "|---|---|---|"]
    for expected in dict.fromkeys(each.entry.expected for each in results):
        said = Counter(each.said.primary for each in results if each.entry.expected == expected)
        cells = ", ".join(f"{kind} {count}" for kind, count in said.most_common())
        lines.append(f"| {expected} | {said.total()} | {cells} |")
    return lines


def _each(results: Sequence[Judged]) -> list[str]:
    lines = ["| script | what was planted | first | second | stood after | |", "|---|---|---|---|---|---|"]
    for each in results:
        said = each.said
        second = said.kinds[1] if len(said.kinds) > 1 else ""
        after = "" if said.after_s is None else f"{said.after_s:.0f} s"
        lines.append(
            f"| {each.entry.name} | {each.entry.expected}: {each.entry.why} | {said.primary} | {second} | {after} | "
            f"{_mark(each)} |"
        )
    return lines


def _mark(each: Judged) -> str:
    if each.said.failed:
        return f"✗ {each.said.failed}"
    if each.entry.kind is None:
        return "✓" if each.right else f"✗ warned: {', '.join(each.false_alarms)}"
    return "✓" if each.right else "second" if each.among_two else "✗"
