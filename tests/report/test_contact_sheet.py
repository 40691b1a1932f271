import dataclasses

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from ige.base.errors import InputError
from ige.geometry.frustum import object_box, shape_view
from ige.report.contact_sheet import TITLES, Example, _sheet, contact_sheet, panels
from ige.report.grid_picture import grid_picture


@pytest.fixture
def example():
    occupancy = np.zeros((12, 12, 12), dtype=bool)
    occupancy[2:5, 6:8, 9] = True
    image = np.zeros((24, 24, 4), dtype=np.uint8)
    image[4:10, 12:16] = (180, 60, 40, 255)
    return Example(
        "a long name of a file.obj, view 3", ("exact", "12 cells"), image, occupancy, shape_view(0, 0)
    )


def test_slices_run_through_what_is_filled_and_say_where(example):
    drawn = dict(zip(TITLES, panels(example), strict=True))
    row, below = drawn["slice of a row"]
    assert below.startswith("row 3:")
    # Seen from above: columns to the right, the far end up.
    np.testing.assert_array_equal(np.argwhere(row[..., 0] < 128), [[2, 6], [2, 7]])
    column, below = drawn["slice of a column"]
    assert below.startswith("column 6:")
    np.testing.assert_array_equal(np.argwhere(column[..., 0] < 128), [[2, 9], [3, 9], [4, 9]])
    depth, below = drawn["slice of a depth"]
    assert below.startswith("depth 9:")
    assert len(np.argwhere(depth[..., 0] < 128)) == 6


def cells_of(drawn, title):
    return drawn[title][0][..., 0] < 128


def test_a_slice_between_parts_is_not_empty(example):
    occupancy = np.zeros((16, 16, 16), dtype=bool)
    occupancy[:, 2:4, 4:12] = occupancy[:, 13, 4:12] = True
    drawn = dict(zip(TITLES, panels(dataclasses.replace(example, occupancy=occupancy)), strict=True))
    assert drawn["slice of a column"][1].startswith("column 3:")
    assert cells_of(drawn, "slice of a column").sum() == 16 * 8


def test_a_slice_of_a_hollow_thing_shows_that_it_is_hollow(example):
    occupancy = np.zeros((16, 16, 16), dtype=bool)
    occupancy[2:14, 2:14, 2:14] = True
    occupancy[3:13, 3:13, 3:13] = False
    drawn = dict(zip(TITLES, panels(dataclasses.replace(example, occupancy=occupancy)), strict=True))
    for title in ("slice of a row", "slice of a column", "slice of a depth"):
        assert cells_of(drawn, title).sum() == 4 * 11


def test_near_the_middle_the_fullest_slice_is_taken(example):
    occupancy = np.zeros((32, 32, 32), dtype=bool)
    occupancy[:, 10, 10] = True
    occupancy[18, 8:12, 8:12] = True
    occupancy[31] = True
    occupancy[0] = True
    drawn = dict(zip(TITLES, panels(dataclasses.replace(example, occupancy=occupancy)), strict=True))
    assert drawn["slice of a row"][1].startswith("row 18:")


def test_names_of_files_stay_beside_the_panels_and_are_not_formulas(example):
    title = "quaternius_Commercial_Air/plane_$fbx2obj$.obj"
    facts = ("view 23, 128 cells per side, and more than there is room for",)
    figure = _sheet([dataclasses.replace(example, title=title, facts=facts)], "a $heading$")
    renderer = FigureCanvasAgg(figure).get_renderer()
    panels_left = min(axes.get_window_extent(renderer).x0 for axes in figure.axes)
    *top, name, fact = figure.texts
    assert name.get_text().replace("\n", "") == title
    assert name.get_text().split("\n")[0].endswith("_")
    for text in (name, fact):
        assert text.get_window_extent(renderer).x1 < panels_left
    assert fact.get_window_extent(renderer).y1 <= name.get_window_extent(renderer).y0
    assert all(text.get_window_extent(renderer).x1 <= figure.bbox.x1 for text in top)


def test_an_empty_grid_is_drawn_too(example, tmp_path):
    empty = Example("empty", (), example.image, np.zeros((8, 8, 8), dtype=bool), object_box(), flagged=True)
    contact_sheet([example, empty], "a sheet", tmp_path / "sheet.png", dpi=40)
    assert (tmp_path / "sheet.png").stat().st_size > 1000


def test_rows_make_it_higher_and_the_same_rows_the_same_bytes(example, tmp_path):
    heights = []
    for count in (0, 1, 3):
        path = tmp_path / f"{count}.png"
        contact_sheet([example] * count, "a sheet", path, dpi=40)
        with Image.open(path) as image:
            heights.append(image.size[1])
    assert heights[0] < heights[1] < heights[2]
    contact_sheet([example] * 3, "a sheet", tmp_path / "again.png", dpi=40)
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "3.png").read_bytes()


@pytest.mark.parametrize("draw", [lambda example, path: contact_sheet([example], "", path), grid_picture])
def test_another_kind_of_picture_is_refused(example, tmp_path, draw):
    with pytest.raises(InputError, match=r"\.png or \.svg"):
        draw(example, tmp_path / "sheet.gif")


def test_a_single_grid_has_a_picture(example, tmp_path):
    grid_picture(example, tmp_path / "one.png")
    with Image.open(tmp_path / "one.png") as image:
        assert image.size[0] > image.size[1] > 500
