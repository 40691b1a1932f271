import io
import tarfile

import numpy as np
import pytest
from h36m_clips import made_clips, made_rigs
from h36m_detections import DAMAGED, extra_frames
from h36m_martinez import hdf5, write_fine_tuned, write_h36m_zip, zip_members
from h36m_videopose3d import FILES, keypoints_metadata, keypoints_table, save_keypoints, write_keypoints

from ige.base.errors import InputError
from ige.geometry.cameras import project, to_pixels, world_to_camera
from ige.geometry.skeletons import MPII_16
from ige.poses.h36m.detections import known_gaps, read_detections
from ige.poses.h36m.names import CAMERAS

RIGS = made_rigs()
CLIPS = [clip for clip in made_clips(6, subjects=("S1", "S11")) if clip.action in ("Directions", "Photo")]
VIEWS = {
    (clip.subject, clip.action, clip.take, camera.name): (clip, camera)
    for clip in CLIPS
    for camera in RIGS[clip.subject]
}
DETECTORS = ("sh", "sh-ft", *FILES)
ONE = "h36m/S1/StackedHourglass/Directions_1.54138969.h5"


def write(folder, detector, clips=CLIPS, packed=True):
    if detector == "sh":
        write_h36m_zip(folder, clips, RIGS, packed=packed)
    elif detector == "sh-ft":
        write_fine_tuned(folder, clips, RIGS, packed=packed)
    else:
        write_keypoints(folder, clips, RIGS, detector)


def seen(clip, camera):
    joints = MPII_16.select(clip.positions_world).astype(np.float64)
    points = project(world_to_camera(joints, camera.extrinsics), camera.radial, camera.tangential)
    return to_pixels(points, camera.focal, camera.centre)


def refusal(folder, detector) -> str:
    with pytest.raises(InputError) as caught:
        list(read_detections(folder, detector))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def tree_with(folder, name, content):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("detector", DETECTORS)
def test_each_joint_is_where_the_camera_sees_it(tmp_path, detector):
    write(tmp_path, detector)
    errors = []
    for view in read_detections(tmp_path, detector):
        clip, camera = VIEWS[view.key]
        assert view.pixels.dtype == np.float32
        assert view.pixels.shape[1:] == (16, 2)
        frames = min(len(view.pixels), len(clip.positions_world))
        errors.append(view.pixels[:frames] - seen(clip, camera)[:frames])
    # Noise of up to 8 pixels averages out; neighbouring joints are tens of pixels apart.
    mean = np.concatenate(errors).mean(axis=0)
    assert np.abs(mean).max() < (1e-3 if detector == "vp3d-gt" else 4.0)


def test_all_joints_are_far_enough_apart_to_be_told_apart():
    apart = []
    for clip, camera in VIEWS.values():
        pixels = seen(clip, camera)
        apart.append(np.linalg.norm(pixels[:, :, None] - pixels[:, None], axis=-1))
    mean = np.concatenate(apart).mean(axis=0) + 1000 * np.eye(16)
    assert mean.min() > 12.0


@pytest.mark.parametrize("detector", DETECTORS)
def test_the_views_that_are_missing_are_the_known_gaps(tmp_path, detector):
    write(tmp_path, detector)
    found = {view.key for view in read_detections(tmp_path, detector)}
    gaps = known_gaps(detector)
    assert found == VIEWS.keys() - gaps.keys()
    assert gaps.keys() == (
        {DAMAGED} if detector.startswith("sh") else {(*DAMAGED[:3], camera) for camera in CAMERAS}
    )
    assert all(gaps.values())


@pytest.mark.parametrize("detector", ["sh", "sh-ft", "vp3d-cpn-ft"])
def test_views_keep_their_own_lengths(tmp_path, detector):
    write(tmp_path, detector)
    extras = set()
    for view in read_detections(tmp_path, detector):
        clip, camera = VIEWS[view.key]
        extras.add(len(view.pixels) - len(clip.positions_world))
        assert len(view.pixels) == len(clip.positions_world) + extra_frames(clip, camera)
    assert len(extras) > 2


@pytest.mark.parametrize(("first", "second"), [("sh", "vp3d-sh-pt"), ("sh-ft", "vp3d-sh-ft")])
def test_what_videopose3d_packed_anew_is_the_same(tmp_path, first, second):
    write(tmp_path, first)
    write(tmp_path, second)
    there = {view.key: view.pixels for view in read_detections(tmp_path, first)}
    packed = {view.key: view.pixels for view in read_detections(tmp_path, second)}
    assert len(packed) == len(there) - 3
    assert all(np.array_equal(pixels, there[key]) for key, pixels in packed.items())


@pytest.mark.parametrize("detector", ["sh", "sh-ft"])
@pytest.mark.parametrize("deeper", ["", "unpacked/here"])
def test_trees_are_read_as_archives_are(tmp_path, detector, deeper):
    write(tmp_path, detector)
    packed = {view.key: view.pixels for view in read_detections(tmp_path, detector)}
    write(tmp_path / "tree" / deeper, detector, packed=False)
    found = {view.key: view for view in read_detections(tmp_path / "tree", detector)}
    assert found.keys() == packed.keys()
    for key, view in found.items():
        assert np.array_equal(view.pixels, packed[key])
        assert (tmp_path / "tree" / view.origin).is_file()


def test_detections_may_lie_beside_the_3d_poses(tmp_path):
    for name, content in zip_members(CLIPS, RIGS):
        tree_with(
            tmp_path, name.replace("StackedHourglass", "MyPoses/3D_positions/StackedHourglass"), content
        )
    assert {view.key for view in read_detections(tmp_path, "sh")} == VIEWS.keys() - {DAMAGED}


@pytest.mark.parametrize(
    "other",
    [
        ONE.replace("Directions_1", "Directions 1"),
        ONE.replace("StackedHourglass", "MyPoses/3D_positions/StackedHourglass"),
    ],
)
def test_a_view_that_is_there_twice_is_refused(tmp_path, other):
    content = dict(zip_members(CLIPS, RIGS))[ONE]
    tree_with(tmp_path, ONE, content)
    text = refusal(tree_with(tmp_path, other, content), "sh")
    assert "detections of S1/Directions/1/54138969 are there twice" in text
    assert ONE in text
    assert other in text


@pytest.mark.parametrize("detector", DETECTORS)
def test_nothing_to_read_names_what_is_expected(tmp_path, detector):
    assert f"no detections of {detector}: expected " in refusal(tmp_path, detector)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (ONE.replace("S1/", "S10/"), "unknown subject 'S10'"),
        (ONE.replace("Directions", "Dancing"), "unknown sequence 'Dancing_1'"),
        (ONE.replace("54138969", "54138968"), "unknown camera: expected 54138969"),
    ],
)
def test_unknown_names_are_refused_with_their_file(tmp_path, name, said):
    text = refusal(tree_with(tmp_path, name, hdf5({"poses": np.full((5, 16, 2), 500.0)})), "sh")
    assert said in text
    assert name in text


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"poses": np.full((5, 17, 2), 500.0)}, "(?, 16, 2)"),
        ({"poses": np.full((5, 32), 500.0)}, "(?, 16, 2)"),
        ({"poses": np.full((5, 16, 2), b"500")}, "(?, 16, 2)"),
        ({"poses": np.full((5, 16, 2), 0.7)}, "no pixels of an image"),
        ({"poses": np.full((5, 16, 2), 1e30)}, "no pixels of an image"),
        ({"poses": np.full((5, 16, 2), np.nan)}, "not finite"),
        ({"poses": np.ones((0, 16, 2))}, "empty"),
        ({"3D_positions": np.full((5, 16, 2), 500.0)}, "poses"),
    ],
)
def test_wrong_arrays_are_refused(tmp_path, arrays, said):
    text = refusal(tree_with(tmp_path, ONE, hdf5(arrays)), "sh")
    assert said in text
    assert ONE in text


def test_whole_pixels_may_be_integers(tmp_path):
    tree_with(tmp_path, ONE, hdf5({"poses": np.full((5, 16, 2), 500, np.int32)}))
    (view,) = read_detections(tmp_path, "sh")
    assert view.pixels.dtype == np.float32
    assert (view.pixels == 500).all()


def test_links_in_the_archive_are_refused(tmp_path):
    with tarfile.open(tmp_path / "stacked_hourglass_fined_tuned_240.tar.gz", "w:gz") as archive:
        link = tarfile.TarInfo("S1/StackedHourglassFineTuned240/Directions_1.54138969.h5")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    text = refusal(tmp_path, "sh-ft")
    assert "Directions_1.54138969.h5" in text
    assert "link" in text


def test_a_truncated_archive_is_refused(tmp_path):
    write(tmp_path, "sh-ft")
    path = tmp_path / "stacked_hourglass_fined_tuned_240.tar.gz"
    path.write_bytes(path.read_bytes()[:-2000])
    assert path.name in refusal(tmp_path, "sh-ft")


def cpn(folder, views=None, metadata=None, sequence="Directions 1", subject="S1"):
    table = keypoints_table(CLIPS[:2], RIGS, "vp3d-cpn-ft")
    if views is not None:
        table = {subject: {sequence: views}}
    metadata = keypoints_metadata("vp3d-cpn-ft") if metadata is None else metadata
    save_keypoints(folder / FILES["vp3d-cpn-ft"], table, metadata)
    return folder


GOOD = np.full((5, 17, 2), 500.0, np.float32)


def test_scores_behind_the_pixels_are_left(tmp_path):
    scored = np.concatenate([GOOD, np.full((5, 17, 1), 0.9, np.float32)], axis=2)
    views = list(read_detections(cpn(tmp_path, [scored] * 4), "vp3d-cpn-ft"))
    assert [view.camera for view in views] == list(CAMERAS)
    assert all((view.pixels == 500).all() and view.pixels.shape == (5, 16, 2) for view in views)


def test_subjects_without_3d_poses_are_passed_over(tmp_path):
    cpn(tmp_path)
    assert "S2" in keypoints_table(CLIPS[:2], RIGS, "vp3d-cpn-ft")
    assert {view.subject for view in read_detections(tmp_path, "vp3d-cpn-ft")} == {"S1"}


def test_a_known_gap_may_be_empty(tmp_path):
    cpn(tmp_path, [None, GOOD, GOOD, GOOD], subject="S11", sequence="Directions")
    assert [view.camera for view in read_detections(tmp_path, "vp3d-cpn-ft")] == list(CAMERAS[1:])


@pytest.mark.parametrize(
    ("views", "said"),
    [
        (
            [GOOD] * 3,
            "expected a list of 4, for the cameras 54138969, 55011271, 58860488, 60457274, found list of 3",
        ),
        ([GOOD] * 5, "found list of 5"),
        (GOOD, "not one array for each camera"),
        ([GOOD, None, GOOD, GOOD], "Directions 1/55011271: no array"),
        ([GOOD, GOOD[:, :16], GOOD, GOOD], "Directions 1/55011271"),
        ([GOOD, GOOD[:, :, :1], GOOD, GOOD], "Directions 1/55011271: wrong shape"),
        ([GOOD, GOOD, GOOD / 1000, GOOD], "Directions 1/58860488: no pixels of an image"),
        ([GOOD, GOOD, GOOD * np.nan, GOOD], "Directions 1/58860488: numbers that are not finite"),
    ],
)
def test_wrong_views_are_refused(tmp_path, views, said):
    text = refusal(cpn(tmp_path, views), "vp3d-cpn-ft")
    assert said in text
    assert f"{FILES['vp3d-cpn-ft']}/S1/Directions 1" in text


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({}, "another number of joints: expected 17, found None"),
        ({"num_joints": 16}, "another number of joints: expected 17, found 16"),
        ({"num_joints": 17}, "another symmetry"),
        ({"num_joints": 17, "layout_name": "coco"}, "another layout of joints: expected h36m, found 'coco'"),
        (
            {"num_joints": 17, "keypoints_symmetry": [[1, 2, 3, 14, 15, 16], [4, 5, 6, 11, 12, 13]]},
            "symmetry",
        ),
        ({"num_joints": 17, "keypoints_symmetry": 3}, "another symmetry"),
        ({"num_joints": 17, "keypoints_symmetry": [["l"], ["r"]]}, "another symmetry"),
        (["h36m"], "no table"),
    ],
)
def test_other_joints_are_refused(tmp_path, metadata, said):
    text = refusal(cpn(tmp_path, metadata=metadata), "vp3d-cpn-ft")
    assert said in text
    assert f"{FILES['vp3d-cpn-ft']}/metadata" in text


def test_symmetry_may_come_as_arrays(tmp_path):
    metadata = keypoints_metadata("vp3d-cpn-ft")
    metadata["keypoints_symmetry"] = tuple(np.array(side) for side in metadata["keypoints_symmetry"])
    assert list(read_detections(cpn(tmp_path, metadata=metadata), "vp3d-cpn-ft"))


def test_a_file_under_the_name_of_another_detector_is_refused(tmp_path):
    write(tmp_path, "vp3d-gt")
    (tmp_path / FILES["vp3d-gt"]).rename(tmp_path / FILES["vp3d-sh-pt"])
    assert "another number of joints: expected 16, found 17" in refusal(tmp_path, "vp3d-sh-pt")


def test_two_names_of_one_sequence_are_refused(tmp_path):
    table = {"S1": {"Photo 1": [GOOD] * 4, "TakingPhoto 1": [GOOD] * 4}}
    save_keypoints(tmp_path / FILES["vp3d-cpn-ft"], table, keypoints_metadata("vp3d-cpn-ft"))
    text = refusal(tmp_path, "vp3d-cpn-ft")
    assert "S1/Photo/1/54138969 are there twice" in text
    assert "TakingPhoto 1" in text


def test_an_empty_archive_is_said_to_be_empty(tmp_path):
    with tarfile.open(tmp_path / "stacked_hourglass_fined_tuned_240.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("README")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"hello"))
    assert refusal(tmp_path, "sh-ft").endswith("240.tar.gz without any")
