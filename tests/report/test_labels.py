import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ige.report.labels import Disc, Label, place_labels


@pytest.fixture
def axes():
    axes = Figure(figsize=(4, 3)).subplots()
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 10)
    return axes


def boxes(axes):
    canvas = FigureCanvasAgg(axes.figure)
    canvas.draw()
    return [text.get_window_extent(canvas.get_renderer()) for text in axes.texts]


def test_labels_of_close_points_do_not_overlap(axes):
    points = [(3.0 + 0.7 * step, 5.0 + 0.1 * step) for step in range(5)]
    labels = [Label(f"T={step}", x, y, 3.0, "black", 8.0) for step, (x, y) in enumerate(points)]
    place_labels(axes, labels, [Disc(x, y, 3.0) for x, y in points])
    placed = boxes(axes)
    assert len(placed) == 5
    assert not any(one.overlaps(other) for one, other in itertools.combinations(placed, 2))
    markers = [axes.transData.transform(point) for point in points]
    assert not any(box.contains(*marker) for box in placed for marker in markers)


@pytest.mark.parametrize("corner", [(0, 0), (0, 10), (10, 0), (10, 10)])
def test_labels_stay_inside(axes, corner):
    place_labels(axes, [Label("a long label", *corner, 3.0, "black", 8.0)], [])
    (box,) = boxes(axes)
    frame = axes.get_window_extent()
    assert frame.x0 <= box.x0 < box.x1 <= frame.x1
    assert frame.y0 <= box.y0 < box.y1 <= frame.y1


def test_labels_keep_off_lines(axes):
    place_labels(axes, [Label("label", 5, 5, 2.0, "black", 8.0)], [])
    (free,) = boxes(axes)
    axes.texts[0].remove()
    axes.plot([0, 10], [5, 5])
    place_labels(axes, [Label("label", 5, 5, 2.0, "black", 8.0)], [])
    (moved,) = boxes(axes)
    height = axes.transData.transform((5, 5))[1]
    assert free.y0 < height < free.y1, "beside the point where nothing is in the way"
    assert not moved.y0 < height < moved.y1
