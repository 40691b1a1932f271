from pathlib import Path

from ige.base.errors import InputError, SettingsError


def test_an_error_is_one_line_with_all_its_parts():
    error = InputError(
        "wrong\nshape",
        where=Path("a/b.npy"),
        expected="(F, 16, 2)",
        found="(3, 2)",
        next_step="See docs/lift.md",
    )
    assert str(error) == "a/b.npy: wrong shape: expected (F, 16, 2), found (3, 2). See docs/lift.md"


def test_parts_that_are_absent_leave_no_trace():
    assert str(InputError("no such file")) == "no such file"
    assert str(InputError("no such file", where="x")) == "x: no such file"


def test_settings_errors_keep_their_screen():
    assert str(SettingsError("a:\n  b\n  c")) == "a:\n  b\n  c"
