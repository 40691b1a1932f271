import pytest

from ige.params import stages
from ige.report.data_notes import pose_data_note, shape_data_note, shape_source, shape_splits

PAPER = {
    "source": "h36m",
    "lifting": {"frame_step": 1, "visibility": "all", "validation_held_out": False},
}


def pose_note(params):
    return pose_data_note(stages.tabulate_poses(params))


def test_the_published_protocol_of_human36m(changed):
    assert pose_note(changed({"poses": PAPER})) == (
        "Data: Human3.6M, official positions, all frames (full), published exclusions; every frame, all "
        "views kept; validation clips stay in training."
    )


def test_what_was_left_of_human36m_is_told(changed):
    part = {"positions": "martinez", "frames": "part", "exclusions": "strict"}
    note = pose_note(changed({"poses": PAPER | {"h36m": part}}))
    assert "in the files of Martinez et al., the frames that were there (part), strict exclusions; ev" in note


def test_frames_turns_and_validation(changed):
    lifting = {"frame_step": 2, "yaws_degrees": [0.0, 90.0, 22.5]}
    assert pose_note(changed({"poses": {"lifting": lifting}})) == (
        "Data: generated motion (procedural); every 2nd frame, views with every joint in the image, clips "
        "turned by 0, 90 and 22.5 degrees; validation clips are held out of training."
    )


@pytest.mark.parametrize(
    ("source", "shapenet", "words"),
    [
        ("procedural", {}, "generated shapes"),
        ("folder", {}, "a folder of meshes"),
        ("shapenet", {"version": 1}, "ShapeNetCore version 1"),
        ("shapenet", {"version": 2, "counts": "part"}, "ShapeNetCore version 2, a part of it"),
    ],
)
def test_sources_of_shapes_by_name(changed, source, shapenet, words):
    settings = stages.tabulate_shape_sets(changed({"shapes": {"source": source, "shapenet": shapenet}}))
    assert shape_source(settings) == words


@pytest.mark.parametrize(
    ("splits", "words"),
    [
        ({}, "in order of ids, the last 20 % test, 10 % of the training models validate"),
        (
            {"order": "hash", "test_share": 0.125, "validation_share": 0.0},
            "in order of hashes of ids, the last 12.5 % test, 0 % of the training models validate",
        ),
        ({"lists": "r2n2"}, "r2n2, 10 % of the training models validate"),
        ({"lists": "shrec16"}, "shrec16"),
    ],
)
def test_splits_of_shapes_by_lists_or_cut(changed, splits, words):
    settings = stages.tabulate_shape_sets(changed({"shapes": {"splits": splits}}))
    assert shape_splits(settings) == words
    assert shape_data_note("A", words) == f"Data: A. Split of each category: {words}."
