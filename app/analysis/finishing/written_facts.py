"""The facts of all that a session without a manifest has written: those of its parts, then those of its journals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from msgspec.structs import replace

from app.analysis.finishing.facts import Facts, of_journals
from app.analysis.finishing.kept_facts import is_fact
from app.analysis.tables.of_frames import in_order
from app.session.store.folder import SessionFolder
from app.session.store.journal import UNFINISHED, JournalReader, damage_text
from app.session.store.manifest import Damage, Recovery
from app.session.store.part import Part, read_part
from app.session.store.segments import facts_path
from app.session.store.sound import MOST_PLACES
from app.session.store.written import Segment, Written
from workloads.wire.frames import AnyFrame, Phase


@dataclass
class WrittenFacts:
    """Facts, and how the rows in parts were labelled."""

    facts: Facts
    labels: dict[int, dict[int, list[Phase]]] = field(default_factory=dict)
    """Part → run → the phases that were known when the part was made, as far as they concern its samples."""
    sampled_ns: dict[int, dict[int, int]] = field(default_factory=dict)
    """Part → run → the end of its last sample there."""
    end: int = 0
    """Behind the last whole frame of the last journal."""
    rest: list[AnyFrame] = field(default_factory=list)
    """The frames of what is in no part that no table holds, in order."""

    def stale(self, part: int) -> list[int]:
        """The runs whose rows in that part would be labelled otherwise today: a knob was turned since, or a rank spoke
        of a phase before the first one did.
        """
        phases = {run: in_order(self.facts.runs[run].phases) for run in self.labels[part]}
        return [
            run
            for run, then in self.labels[part].items()
            if _gist(_until(phases[run], self.sampled_ns[part][run])) != _gist(then)
        ]


def facts_of_written(folder: SessionFolder, written: Written, begin: int = 0) -> WrittenFacts:
    """All there is, in order. `begin`: where the reading of the first segment begins.

    Raises UnknownVersion, OSError, and ValueError for a part that is damaged, or when nothing at all can be read.
    """
    found = WrittenFacts(Facts())
    facts, recoveries = found.facts, []
    for before, number in zip((None, *written.parts), written.parts, strict=False):
        if before is not None and number > before + 1:
            recoveries.append(_absent(before + 1))
        recoveries.append(take_part(found, folder, number))
    for segment in written.segments:
        journal = JournalReader(segment.source, begin if segment is _first(written) else 0)
        for frame in of_journals(journal):
            facts.take(frame)
            if is_fact(frame):
                found.rest.append(frame)
        facts.unknown += journal.unknown
        recoveries.append(recovery_of(journal, segment))
        found.end = journal.end
        if journal.damaged and not journal.recovery().frames and written.segments == (segment,) and not written.parts:
            raise ValueError(
                f"{folder.journal} is no journal ({journal.recovery().reason}): "
                f"nothing can be recovered from it; remove {folder.path} when you do not need it"
            )
    facts.recovery = _together(recoveries)
    return found


def take_part(found: WrittenFacts, folder: SessionFolder, number: int) -> Recovery:
    """The facts of a rolled segment → what was found in it. Raises OSError and ValueError where it is damaged."""
    part = read_part(folder, number)
    for frame in of_journals(JournalReader(facts_path(folder, number))):
        found.facts.take(frame)
    found.facts.take_part(part)
    label(found, part)
    return Recovery(frames=part.frames, lost_bytes=part.lost_bytes, damages=part.damages, places=part.places)


def label(found: WrittenFacts, part: Part) -> None:
    """Note how the samples of a part are labelled by what is known now."""
    ends = {run: told.sampled_ns for run, told in part.runs.items() if told.sampled_ns is not None}
    found.sampled_ns[part.segment] = ends
    found.labels[part.segment] = {
        run: _until(in_order(found.facts.runs[run].phases), end_ns) for run, end_ns in ends.items()
    }


def frames_of(written: Written, begin: int = 0) -> Iterator[AnyFrame]:
    """All frames of the segments that are in no part. `begin`: as above."""
    return chain.from_iterable(
        JournalReader(segment.source, begin if segment is _first(written) else 0) for segment in written.segments
    )


def recovery_of(journal: JournalReader, segment: Segment) -> Recovery:
    """What was found in a journal that was read. In a closed one, an unfinished frame at the end is damage too."""
    found = journal.recovery()
    number = segment.number if segment.closed else 0
    damages = tuple(replace(damage, segment=number) for damage in found.damages)
    if not segment.closed or not journal.unfinished_bytes:
        return replace(found, damages=damages)
    cut = Damage(offset=journal.end, bytes=journal.unfinished_bytes, reason=UNFINISHED, segment=number)
    return replace(found, damages=(*damages, cut), places=found.places + 1)


def _first(written: Written) -> Segment | None:
    """The segment that was begun to be read before, if it is in no part by now."""
    return None if written.parts or not written.segments else written.segments[0]


def _absent(number: int) -> Recovery:
    damage = Damage(offset=0, bytes=0, reason="it is not there", segment=number)
    return Recovery(frames=0, damages=(damage,), places=1)


def _together(recoveries: Sequence[Recovery]) -> Recovery:
    damages = [damage for recovery in recoveries for damage in recovery.damages][:MOST_PLACES]
    places = sum(recovery.places for recovery in recoveries)
    lost = sum(recovery.lost_bytes for recovery in recoveries)
    in_places = sum(damage.bytes for damage in damages)
    return Recovery(
        frames=sum(recovery.frames for recovery in recoveries),
        lost_bytes=lost,
        reason=damage_text(damages, places, in_places, lost - in_places if places <= MOST_PLACES else 0),
        damages=tuple(damages),
        places=places,
    )


def _until(phases: Sequence[Phase], end_ns: int) -> list[Phase]:
    return [phase for phase in phases if phase.at_ns <= end_ns]


def _gist(phases: Sequence[Phase]) -> list[tuple[int, str]]:
    return [(phase.at_ns, phase.phase) for phase in phases]
