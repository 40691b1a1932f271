import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ige.report.fitted_text import balanced, shrunk, width_of, wrapped


@settings(deadline=None, max_examples=30)
@given(st.text("aMi_-./ ", max_size=40), st.sampled_from([30.0, 60.0, 100.0]))
def test_no_line_is_too_wide_and_no_letter_is_lost(text, width):
    lines = wrapped(text, width, 7.0)
    assert all(width_of(line, 7.0) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_lines_break_behind_what_joins_words():
    width = width_of("quaternius_Commercial_", 7.0, "bold")
    assert wrapped("quaternius_Commercial_Air/plane_fbx2obj.obj", width, 7.0, "bold") == [
        "quaternius_Commercial_",
        "Air/plane_fbx2obj.obj",
    ]


def test_no_word_is_left_alone_on_a_line():
    text = "some words and then some more, and one"
    width = width_of(text, 6.0) - 1.0
    assert wrapped(text, width, 6.0)[-1] == "one"
    first, second = balanced(text, width, 6.0)
    assert f"{first} {second}" == text
    assert width_of(second, 6.0) > 0.6 * width_of(first, 6.0)


@pytest.mark.parametrize(
    ("name", "size", "ends"), [("short.obj", 7.0, "obj"), ("m" * 13, 5.0, "m"), ("m" * 99, 5.0, "…")]
)
def test_letters_shrink_before_anything_is_cut(name, size, ends):
    width = width_of("m" * 13, 5.0)
    lines, found = shrunk(name, width, (7.0, 5.0), 1)
    assert (len(lines), found) == (1, size)
    assert lines[0].endswith(ends)
    assert width_of(lines[0], found) <= width
