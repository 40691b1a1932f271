import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from ige.base.errors import InputError
from ige.report.style import save_figure, styled


def draw(path):
    with styled():
        figure = Figure(figsize=(2, 1))
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], label="a $E_x$")
        axes.fill_between([0, 1], [0, 1], hatch="/", clip_on=True)
        axes.legend()
        save_figure(figure, path)
    return path.read_bytes()


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_figure_gives_the_same_bytes(tmp_path, kind):
    first = draw(tmp_path / f"a.{kind}")
    with mpl.rc_context({"font.size": 30.0, "svg.hashsalt": "other", "axes.facecolor": "red"}):
        second = draw(tmp_path / f"b.{kind}")
    assert first == second
    assert b"Matplotlib" not in first
    assert b"Date" not in first.replace(b"DateTime", b"")


def test_text_in_svg_needs_no_font(tmp_path):
    text = draw(tmp_path / "a.svg").decode()
    assert "<text" not in text


def test_the_readers_settings_are_left_alone(tmp_path):
    before = dict(mpl.rcParams)
    draw(tmp_path / "a.png")
    assert dict(mpl.rcParams) == before


def test_another_kind_of_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"a\.jpg.*\.png or \.svg"):
        save_figure(Figure(), tmp_path / "a.jpg")
