"""Items: whole or not at all, dropped from the right."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.ui.draw.items import Item, item, items_row
from app.ui.draw.rows import row_width
from tests.ui.draw.text import text_of

LOSS, STEP = item("loss", "3.412", slot=12), item("step", "1,280")


def test_items_drop_from_the_right_and_numbers_are_never_cut() -> None:
    assert [text_of(items_row((LOSS, STEP), width)).rstrip() for width in (24, 22, 21, 10, 9)] == [
        "loss 3.412    step 1,280",
        "loss 3.412  step 1,280",
        "loss 3.412",
        "loss 3.412",
        "3.412",
    ]
    assert text_of(items_row((LOSS,), 4)) == "    "


def test_a_slot_keeps_its_neighbour_where_it_was() -> None:
    shorter = item("loss", "3.4", slot=12)
    assert text_of(items_row((shorter, STEP), 30)).index("step") == text_of(items_row((LOSS, STEP), 30)).index("step")


def test_a_shorter_form_is_used_before_an_item_is_left_out() -> None:
    accuracy = Item((("accuracy 98.1 %", "value"),), 0, ((("acc 98.1 %", "value"),),))
    assert text_of(items_row((LOSS, accuracy), 24)) == "loss 3.412    acc 98.1 %"


def test_what_stands_right_is_left_out_before_the_first_item() -> None:
    assert text_of(items_row((STEP,), 16, "gpm")) == "step 1,280   gpm"
    assert text_of(items_row((STEP,), 14, "gpm")) == "step 1,280    "


@given(
    st.lists(st.tuples(st.sampled_from(("", "p50", "accuracy")), st.integers(), st.integers(0, 20)), max_size=5),
    st.integers(0, 80),
    st.sampled_from(("", "gpm", "counted")),
)
def test_a_row_of_items_is_exactly_as_wide_as_asked(
    numbers: list[tuple[str, int, int]], width: int, right: str
) -> None:
    items = [item(label, str(number), slot=slot) for label, number, slot in numbers]
    assert row_width(items_row(items, width, right)) == width
