import pytest

from ige.base.errors import InputError
from ige.report.published_shapes import published_shapes
from ige.report.voxel_rows import COLUMNS, read_rows, voxel_rows, write_rows
from ige.report.voxel_scores import read_voxel_scores

CONTRACT = (
    "model,category,resolution,seeds,iou_frustum_weighted,iou_frustum,iou_world,silhouette_iou,f_score,"
    "published_iou,n,data"
)


ON = {"data": "shapenet", "evaluation_resolution": 256}


@pytest.fixture
def rows_of(voxel_settings):
    def call(paths, settings=voxel_settings):
        scores, setting = read_voxel_scores(paths)
        return voxel_rows(scores, setting, settings, published_shapes())

    return call


def test_the_columns_are_the_contract():
    assert ",".join(COLUMNS) == CONTRACT


def test_means_over_examples_then_seeds_in_percent(voxel_scores, rows_of):
    rows = [row for row in rows_of(voxel_scores) if row.model == "ige"]
    assert [(row.category, row.n, row.seeds) for row in rows] == [
        ("all", 4, 2),
        ("car", 2, 2),
        ("plane", 2, 2),
    ]
    assert rows[0].iou_frustum_weighted == pytest.approx(51.0)
    assert rows[2].iou_frustum_weighted == pytest.approx(46.0)
    assert rows[2].silhouette_iou == pytest.approx(66.0)


def test_elsewhere_than_on_shapenet_published_values_stand_alone(voxels, rows_of):
    rows = rows_of([voxels.score("ige-mn-1", 0, [0.5] * 4)])
    assert all(row.published_iou is None for row in rows if row.n is not None)
    alone = [row for row in rows if row.n is None]
    assert len(alone) == len(published_shapes())
    assert all(row.iou_frustum is None and row.seeds is None for row in alone)
    assert {row.data for row in alone if row.model.startswith("IGE")} == {"published on ShapeNet"}


@pytest.mark.parametrize("over", [{"evaluation_resolution": 128}, {"data": "folder"}, {"views": "all"}])
def test_another_resolution_source_or_choice_of_views_does_not_compare(
    voxels, rows_of, published_settings, over
):
    rows = rows_of([voxels.score("ige-mn-1", 0, [0.5] * 4, **(ON | over))], published_settings)
    assert all(row.published_iou is None for row in rows if row.n is not None)


@pytest.mark.parametrize(
    ("part", "over"),
    [
        ("shapenet", {"version": 2}),
        ("shapenet", {"counts": "part"}),
        ("splits", {"lists": "none"}),
        (None, {"shapenet": None}),
    ],
)
def test_another_version_part_or_split_of_shapenet_does_not_compare(
    voxels, rows_of, published_settings, part, over
):
    changed = over if part is None else {part: getattr(published_settings, part).model_copy(update=over)}
    settings = published_settings.model_copy(update=changed)
    rows = rows_of([voxels.score("ige-mn-1", 0, [0.5] * 4, **ON)], settings)
    assert all(row.published_iou is None for row in rows if row.n is not None)


@pytest.mark.parametrize("lists", ["r2n2", "shrec16"])
def test_on_shapenet_a_published_value_stands_beside_ours(voxels, rows_of, published_settings, lists):
    splits = published_settings.splits.model_copy(update={"lists": lists})
    rows = rows_of(
        [voxels.score("ige-mn-1", 0, [0.5] * 4, **ON), voxels.score("deconv", 0, [0.5] * 4, **ON)],
        published_settings.model_copy(update={"splits": splits}),
    )
    ours = {(row.model, row.category): row.published_iou for row in rows if row.n is not None}
    assert ours["ige-mn-1", "car"] == 57.0
    assert ours["ige-mn-1", "plane"] == 30.7
    assert ours["ige-mn-1", "all"] is None
    assert ours["deconv", "car"] is None
    alone = {(row.model, row.category, row.resolution) for row in rows if row.n is None}
    assert ("IGE-MN_1", "car", 32) not in alone
    assert {("IGE-MN_1", "car", 64), ("IGE-MN_1", "table", 32), ("OGN_1", "car", 32)} <= alone


def test_what_is_written_is_read(voxel_scores, rows_of, tmp_path):
    path = tmp_path / "shapes.csv"
    write_rows(path, rows_of(voxel_scores))
    text = path.read_text()
    assert text.splitlines()[0] == CONTRACT
    assert "ige,plane,32,2,46.00,47.00,48.00,66.00,36.00,,2,procedural" in text.splitlines()
    assert 'OGN_1,car,32,,,,,,,64.1,,"published, other protocol: world coord' in text
    rows = read_rows(path)
    write_rows(path, rows)
    assert path.read_text() == text


def test_other_tables_are_refused(tmp_path):
    path = tmp_path / "shapes.csv"
    path.write_text("model,category\nige,all\n")
    with pytest.raises(InputError, match="no table of reconstructions"):
        read_rows(path)
    path.write_text(f"{CONTRACT}\nige,all,32,2,many,,,,,,,x\n")
    with pytest.raises(InputError, match=r"no number.*many"):
        read_rows(path)
