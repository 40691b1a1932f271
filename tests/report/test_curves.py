import math

import pytest

from ige.base.errors import InputError
from ige.report.curves import collect_curves
from ige.storage.tables import read_csv, write_csv

COLUMNS = ("epoch", "step", "train_loss", "opt_scale_mm", "pa_mm")


@pytest.fixture
def history(tmp_path):
    """Write a history of poses: losses and errors of each epoch."""

    def write(name, losses, errors, columns=COLUMNS):
        path = tmp_path / "models" / name / "history.csv"
        rows = [
            dict(zip(columns, (epoch, 10 * epoch, loss, 99.0, error), strict=True))
            for epoch, (loss, error) in enumerate(zip(losses, errors, strict=True), start=1)
        ]
        write_csv(path, columns, rows)
        return path

    return write


def collect(histories, curves, shape_histories=(), shape_curves=()):
    collect_curves(
        pose_histories=histories,
        pose_curves=curves,
        shape_histories=shape_histories,
        shape_curves=shape_curves,
    )


def test_each_model_has_the_mean_over_its_seeds(history, tmp_path):
    histories = [
        history("a/seed0", [3.0, 1.0], [60.0, 51.0]),
        history("a/seed1", [4.0, 2.0], [61.0, 50.0]),
        history("b/seed0", [1e-7, 1.0], [70.0, 2 / 3]),
        history("b/seed1", [1e-7, math.nan], [70.0, 2 / 3]),
    ]
    shape = history("c", [0.5], [0.25], (*COLUMNS[:-1], "one_minus_iou"))
    curves = [tmp_path / f"curves/{name}.csv" for name in "abc"]
    collect(histories, curves[:2], [shape], curves[2:])
    assert curves[0].read_text() == "epoch,train_loss,pa_mm\n1,3.5,60.5\n2,1.5,50.5\n"
    assert curves[1].read_text() == "epoch,train_loss,pa_mm\n1,1e-07,70\n2,,0.666667\n"
    assert read_csv(curves[2]) == [{"epoch": "1", "train_loss": "0.5", "one_minus_iou": "0.25"}]


def test_a_run_in_which_nothing_learns_has_no_curves(tmp_path):
    collect([], [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("histories", "curves"), [(1, 2), (3, 2), (0, 1), (1, 0)])
def test_histories_that_do_not_belong_to_the_curves_are_refused(history, tmp_path, histories, curves):
    paths = [history(str(number), [1.0], [1.0]) for number in range(histories)]
    with pytest.raises(InputError, match="do not belong to the curves"):
        collect(paths, [tmp_path / f"{number}.csv" for number in range(curves)])


def test_what_is_no_history_is_named(history, tmp_path):
    good = history("good", [1.0, 2.0], [1.0, 2.0])
    for bad, words in (
        (history("short", [1.0], [1.0]), "short/history.csv: other epochs than those of"),
        (history("other", [1.0, 2.0], [1.0, 2.0], (*COLUMNS[:-1], "other")), "no history of a training"),
        (history("text", [1.0, "x"], [1.0, 2.0]), "holds a cell that is no number"),
    ):
        with pytest.raises(InputError, match=words):
            collect([good, bad], [tmp_path / "curve.csv"])
