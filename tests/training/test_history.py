import math

import pytest
import torch

from ige.storage.tables import read_csv
from ige.training.clipping import GradientFacts
from ige.training.history import from_tensor, history_row, to_tensor, validation, write_history

FACTS = GradientFacts(norm_median=0.1, clipped_share=0.25, skipped=2)


def row(errors=None, losses=(1.0, 3.0)):
    errors = {"error_mm": 1 / 3, "other": 5.0} if errors is None else errors
    return history_row(2, 40, 1e-3, torch.tensor(losses), FACTS, errors)


def test_losses_that_are_not_finite_stay_out_of_their_mean():
    assert row(losses=(1.0, math.inf, 3.0, math.nan))["train_loss"] == 2
    assert math.isnan(row(losses=(math.nan,))["train_loss"])


def test_the_first_error_of_the_validation_decides():
    assert validation(row()) == ("error_mm", 1 / 3)


@pytest.mark.parametrize("errors", [{}, {"step": 1.0}])
def test_a_validation_that_cannot_be_told_apart_is_refused(errors):
    with pytest.raises(ValueError, match="names of its own"):
        row(errors)


def test_rows_survive_a_checkpoint_to_the_bit():
    rows = [row(), row({"error_mm": math.inf, "other": 0.1 + 0.2})]
    again = from_tensor(to_tensor(rows), list(rows[0]))
    assert again == rows
    assert [type(value) for value in again[0].values()] == [type(value) for value in rows[0].values()]


def test_no_row_survives_as_none():
    assert from_tensor(to_tensor([]), []) == []


def test_the_table_holds_every_column_and_no_time(tmp_path):
    write_history(tmp_path / "history.csv", [row()])
    assert read_csv(tmp_path / "history.csv") == [
        {
            "epoch": "2",
            "step": "40",
            "learning_rate": "0.001",
            "train_loss": "2.0",
            "gradient_norm_median": "0.1",
            "clipped_share": "0.25",
            "skipped_steps": "2",
            "error_mm": repr(1 / 3),
            "other": "5.0",
        }
    ]
