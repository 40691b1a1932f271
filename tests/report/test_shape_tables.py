import dataclasses

import pytest

from ige.base.errors import InputError
from ige.report.shape_rows import ShapeRow, read_rows, shape_rows, write_rows
from ige.report.shape_tables import category_table, split_table, tabulate_shape_sets
from ige.storage.tables import read_csv, write_csv


@pytest.fixture
def inputs(tmp_path, make_shard):
    """Two shards of test cars, one of training cars, one of chairs; one model skipped."""
    shards = [
        make_shard(
            tmp_path / "chair/test-0.h5", category="chair", radii=[0.0], levels=["exact"], leaks=[False]
        ),
        make_shard(tmp_path / "car/test-0.h5"),
        make_shard(tmp_path / "car/test-1.h5", models=["c.obj"]),
        make_shard(tmp_path / "car/train-0.h5", split="train", models=[]),
    ]
    skipped = [path.with_name(f"{path.stem}-skipped.csv") for path in shards]
    for number, path in enumerate(skipped):
        write_csv(path, ["id", "reason"], [{"id": "car/x.obj", "reason": "no faces"}] if number == 1 else [])
    return {"shards": shards, "skipped": skipped}


@pytest.fixture
def rows(inputs):
    return {
        (row.category, row.split, row.resolution): row
        for row in shape_rows(**inputs, source="a source", splits="a split")
    }


def test_rows_come_by_category_as_given_then_by_split_and_resolution(rows):
    assert list(rows) == [
        ("chair", "test", 8),
        ("chair", "test", 16),
        ("car", "train", 8),
        ("car", "train", 16),
        ("car", "test", 8),
        ("car", "test", 16),
    ]


def test_shards_of_a_split_are_counted_together(rows, inputs):
    row = rows["car", "test", 8]
    assert (row.models, row.views, row.skipped) == (3, 6, 1)
    assert (row.exact, row.tolerant, row.tolerant_r2, row.reference) == (0.5, 0.5, 0.0, 0.0)
    assert (row.closed, row.leaks, row.cut, row.empty) == (0.5, 0.5, 0.0, 0.0)
    assert row.bytes == sum(path.stat().st_size for path in inputs["shards"][1:3])


def test_occupied_is_the_share_of_cells(rows, make_shard):
    # 7^3 / 6 pi of 16^3 cells or so, and half as large a radius for half of the views.
    volume = 4.0 / 3.0 * 3.141592653589793 * (0.3**3 + 0.2**3) / 2.0
    assert rows["car", "test", 16].occupied == pytest.approx(volume, rel=0.1)
    assert rows["chair", "test", 8].occupied == 0.0
    assert rows["chair", "test", 8].empty == 1.0


def test_a_shard_without_models_has_no_shares(rows):
    row = rows["car", "train", 8]
    assert (row.models, row.views, row.exact, row.occupied) == (0, 0, None, None)


def test_the_file_is_read_as_it_was_written(rows, tmp_path):
    write_rows(tmp_path / "a.csv", list(rows.values()))
    assert read_rows(tmp_path / "a.csv") == list(rows.values())
    assert list(read_csv(tmp_path / "a.csv")[0]) == [field.name for field in dataclasses.fields(ShapeRow)]


@pytest.mark.parametrize("content", ["category,split\ncar,test\n", "model\nx\n"])
def test_another_table_is_refused(tmp_path, content):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(InputError, match="is no table of shape sets"):
        read_rows(tmp_path / "a.csv")


def test_a_list_of_skipped_belongs_to_each_shard(inputs):
    with pytest.raises(InputError, match=r"expected 4 files, found 3"):
        shape_rows(inputs["shards"], inputs["skipped"][:3], "a source", "a split")


def test_categories_have_a_line_for_each_resolution(rows):
    table = category_table(list(rows.values()))
    assert [cells[0] for cells in table.cells] == ["chair", "", "car", ""]
    titles = [column.alone for column in table.columns]
    car = dict(zip(titles, table.cells[2], strict=True))
    assert (car["training models"], car["validation models"], car["test models"]) == ("0", "0", "3")
    assert (car["skipped models"], car["views"], car["cells per side"]) == ("1", "6", "8")
    assert (car["exact (%)"], car["leaks (%)"], car["of closed meshes (%)"]) == ("50.0", "50.0", "50.0")
    assert table.cells[3][6] == "16"


def test_splits_have_a_line_each(rows):
    table = split_table(list(rows.values()))
    assert [cells[:3] for cells in table.cells[2:5:2]] == [("car", "train", "0"), ("car", "test", "3")]
    assert all(len(cells) == len(table.columns) for cells in table.cells)


def test_columns_of_the_splits_add_up_to_what_there_is(rows):
    table = split_table(list(rows.values()))
    titles = [column.alone for column in table.columns]
    for title, expected in (("models", 5), ("views", 8), ("skipped models", 1)):
        assert sum(int(cells[titles.index(title)] or 0) for cells in table.cells) == expected
    megabytes = [cells[-1] for cells in table.cells]
    assert [bool(text) for text in megabytes] == [True, False] * 3
    assert [cells[titles.index("cells per side")] for cells in table.cells] == ["8", "16"] * 3


def test_all_tables_are_written(inputs, shape_settings, tmp_path):
    paths = {name: tmp_path / name for name in ("csv", "markdown", "latex")}
    tabulate_shape_sets(**inputs, settings=shape_settings, **paths)
    rows = read_rows(paths["csv"])
    assert len(rows) == 6
    assert {row.source for row in rows} == {"generated shapes"}
    assert list(read_csv(paths["csv"])[0])[-2:] == ["source", "splits"]
    text = paths["markdown"].read_text()
    assert text.startswith(
        "# Shape sets\n\n- Data: generated shapes. Split of each category: in order of ids,"
    )
    assert "Data: generated shapes." in paths["latex"].read_text()
    assert "| car | 0 | 0 | 3 | 1 | 6 | 8 | 50.0 | 50.0 |" in text
    assert "| --- | --- | ---: |" in text
    assert "\\label{tab:shape-sets}" in paths["latex"].read_text()
