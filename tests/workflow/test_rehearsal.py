"""The dress rehearsal: the paper's preset on files in the exact layout of Human3.6M and ShapeNet.

All 210 sequences and 13 categories are there under their real names. One file is downloaded from a server,
the others lie where a user would put them. What is overridden, since there are 4 models per category and no
GPU:

| overridden | instead of |
| --- | --- |
| frames and models: what is there | all that are published |
| `nearest-pose` searches 1000 pairs; poses and shapes train for one epoch | 20000; 200 and 5 epochs |
| 2 views per model | 24 |
| a third of the training models validates | a tenth, which would be none of 3 |
| 6 models of shapes at 32 cells a side, `each`: car; encoders from scratch | 17 at 32 to 256; pretrained |
| one seed of shapes | 3 |

Beside that one model of cars is trained at 256 cells a side, 2 views at a time instead of 4. All pose models,
and the comparison of shapes at 256 cells a side, are the paper's.
"""

from __future__ import annotations

import csv
import functools
import http.server
import json
import re
import threading
from collections import Counter

import pytest
import yaml
from h36m_clips import made_clips, made_rigs
from h36m_detections import DAMAGED, extra_frames
from h36m_martinez import write_fine_tuned, write_h36m_zip
from h36m_official import write_official
from h36m_videopose3d import write_keypoints
from shapenet_trees import write_shapenet

from ige.params.load import read_params
from ige.params.naming import trained_name
from ige.poses.h36m.names import ACTIONS
from ige.report.published_shapes import published_shapes
from ige.shapes.shapenet import SYNSETS

pytestmark = pytest.mark.slow

PAPER = "workflow/presets/paper.yaml"
PRESETS = (PAPER, "few.yaml")
TRAINING = ("S1", "S5", "S6", "S7", "S8")
MODELS_PER_CATEGORY = 4
FROM_SCRATCH = {"backbone": {"pretrained": False}, "epochs": 1}
VOXEL_MODELS = ("mean-shape", "ceiling", "deconv-mn-13", "deconv-mn-1", "ige-mn-13", "ige-mn-1")
DOWNLOADED = "data_2d_h36m_cpn_ft_h36m_dbb.npz"


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def put_h36m(folder, served, clips, rigs):
    """Put the official archives, and detections as their packers left them; one file only on the server."""
    for place in (folder, served):
        place.mkdir(parents=True)
    write_official(folder, clips, rigs, packed=True)
    write_h36m_zip(folder, clips, rigs)
    write_fine_tuned(folder, clips, rigs)
    write_keypoints(served, clips, rigs, "vp3d-cpn-ft")


def serve(checkout, folder):
    """Serve a folder, and tell the checkout's list of sources so."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    path = checkout.folder / "workflow/sources.csv"
    url = f"http://127.0.0.1:{server.server_port}/{DOWNLOADED}"
    path.write_text(re.sub(rf"https://[^,]*/{DOWNLOADED}", url, path.read_text()))
    return server


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def overrides(clips, rigs):
    """What is small here: numbers of frames and models, and the epochs; and how many pairs that leaves."""
    pairs = {"projection": [0, 0], "sh": [0, 0], "cpn-ft": [0, 0]}
    for clip in clips:
        frames, split = len(clip.positions_world), clip.subject not in TRAINING
        damaged = (clip.subject, clip.action, clip.take) == DAMAGED[:3]
        for camera in rigs[clip.subject]:
            detected = frames + min(extra_frames(clip, camera), 0)
            pairs["projection"][split] += frames
            pairs["sh"][split] += detected * (not (damaged and camera.name == DAMAGED[3]))
            pairs["cpn-ft"][split] += detected * (not damaged)
    pairs["sh-ft"] = pairs["sh"]
    expected = {name: {"train": train, "test": test} for name, (train, test) in pairs.items()}
    return {
        "poses": {"h36m": {"frames": "part"}, "lifting": {"expected_pairs": expected}},
        "shapes": {
            "shapenet": {"counts": "part"},
            "splits": {"validation_share": 0.34},
            "views": {"random": {"count": 2}},
        },
        "models": {
            "poses": {"nearest-pose": {"bank": 1000}},
            "shapes": {
                "deconv-mn-13": FROM_SCRATCH,
                "deconv-mn-1": FROM_SCRATCH,
                "ige-mn-13": {"epochs": 1},
                "ige-mn-1": {"epochs": 1},
            },
        },
        "train": {"shapes": list(VOXEL_MODELS), "each": ["car"], "resolutions": [32]},
        "training": {"poses": {"epochs": 1}, "shapes": {"seeds": [0]}},
        "evaluation": {"shapes": {"references": ["deconv-mn-13"]}},
    }


@pytest.fixture(scope="module")
def rehearsed(checkout_in, tmp_path_factory):
    """The paper's preset, built once from everything that its users have to bring."""
    checkout = checkout_in(tmp_path_factory.mktemp("rehearsal") / "checkout")
    checkout.environment.pop("IGE_REAL_DATA", None)
    checkout.run_folder = checkout.folder / "runs/paper"
    served = checkout.folder / "served"
    clips, rigs = made_clips(), made_rigs()
    put_h36m(checkout.folder / "data/sources/h36m", served, clips, rigs)
    write_shapenet(
        checkout.folder / "data/sources/shapenet",
        version=1,
        kind="zips",
        categories=list(SYNSETS),
        models=MODELS_PER_CATEGORY,
    )
    (checkout.folder / "few.yaml").write_text(yaml.safe_dump(overrides(clips, rigs)))
    server = serve(checkout, served)
    done = checkout.call(configfiles=PRESETS)
    server.shutdown()
    server.server_close()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return checkout


def test_every_table_of_the_paper_is_there(rehearsed):
    tables = {path.name for path in (rehearsed.run_folder / "tables").iterdir()}
    for name in ("poses", "poses_by_action", "shape-sets", "shapes"):
        assert {f"{name}.{ending}" for ending in ("csv", "md", "tex", "run.json")} <= tables
    assert "shapes-comparisons.csv" in tables
    assert (rehearsed.run_folder / "report/index.html").is_file()


def test_the_records_name_all_files_of_their_jobs_and_no_others(rehearsed, check_records):
    assert check_records(rehearsed, PRESETS) > 100


def test_the_table_of_poses_has_every_model_on_every_observation(rehearsed, root):
    params = read_params(root / "params.yaml", [root / PAPER])
    rows = read(rehearsed.run_folder / "tables/poses.csv")
    assert {row["data"] for row in rows} == {"h36m"}
    found = {trained_name(row["model"], row["observation"]) for row in rows}
    assert found == set(params.trained())
    expected = yaml.safe_load((rehearsed.folder / "few.yaml").read_text())["poses"]["lifting"][
        "expected_pairs"
    ]
    for row in rows:
        if row["subject"] == "all":
            assert int(row["frames"]) == expected[row["observation"]]["test"]
    published = {row["model"] for row in rows if row["published_pa_mpjpe_mm"]}
    assert {"lifter-1024-2", "ige-t1", "ige-t16"} <= published


def test_the_table_by_action_has_the_fifteen_actions_and_the_published_rows(rehearsed):
    rows = read(rehearsed.run_folder / "tables/poses_by_action.csv")
    assert set(ACTIONS) <= rows[0].keys()
    text = (rehearsed.run_folder / "tables/poses_by_action.md").read_text()
    assert "45.5" in text, "Martinez et al., protocol 1 on projections"
    assert "lifter-1024-2-metric" in text


def test_shapes_of_all_categories_are_in_shards(rehearsed):
    rows = read(rehearsed.run_folder / "data/shapes/manifest.csv")
    counts = Counter(row["category"] for row in rows)
    assert counts == {name: MODELS_PER_CATEGORY + (name == "car") for name in SYNSETS}
    skipped = (rehearsed.run_folder / "data/shapes/skipped.csv").read_text()
    assert "4a32519f44dc84aabafe26e2eb69ebf4" in skipped


def test_the_table_of_reconstructions_has_each_model_and_category(rehearsed):
    rows = [row for row in read(rehearsed.run_folder / "tables/shapes.csv") if row["seeds"]]
    assert {(row["data"], row["resolution"], row["seeds"]) for row in rows} == {("shapenet", "32", "1")}
    for name in VOXEL_MODELS:
        tested = ["car"] if name.endswith("-1") else list(SYNSETS)
        found = {row["category"]: int(row["n"]) for row in rows if row["model"] == name}
        assert found == {"all": len(tested)} | dict.fromkeys(tested, 1)
    ceiling = [float(row["iou_frustum"]) for row in rows if row["model"] == "ceiling"]
    assert max(ceiling) < 100, "compared at 256 cells a side, not at the 32 of training"


def test_published_reconstructions_have_rows_of_their_own_beside_a_part_of_shapenet(rehearsed):
    rows = read(rehearsed.run_folder / "tables/shapes.csv")
    published = {
        (row["model"], row["category"], row["resolution"]): float(row["published_iou"])
        for row in rows
        if row["published_iou"] and not row["seeds"]
    }
    assert published["IGE-MN_13", "car", "32"] == 57.8
    assert published["IGE-MN_1", "car", "32"] == 57.0
    assert published["OGN_1", "car", "256"] == 76.6
    assert published["MAT_1", "plane", "32"] == 36.7
    assert len(published) == len(published_shapes())
    assert not any(row["published_iou"] for row in rows if row["seeds"]), "ours are of a part of the models"
    assert {row["model"] for row in rows if row["seeds"]} == set(VOXEL_MODELS)
    text = (rehearsed.run_folder / "tables/shapes.md").read_text()
    assert not any(line.startswith("| ige-mn-13 | difference |") for line in text.splitlines())


def test_splits_and_digests_are_written_down_for_good(rehearsed):
    lists = sorted((rehearsed.folder / "workflow/splits").rglob("*.txt"))
    assert len(lists) == 3 * len(SYNSETS)
    known = {(row["source"], row["file"]) for row in read(rehearsed.folder / "workflow/checksums.csv")}
    assert {("h36m", DOWNLOADED), ("h36m", "metadata.xml"), ("h36m", "Poses_D3_Positions_S1.tgz")} <= known


def test_a_model_can_be_trained_and_scored_at_the_poster_s_finest_grid(rehearsed):
    finest = {
        "train": {"shapes": ["deconv-mn-1", "ige-mn-1"], "resolutions": [256]},
        "training": {"shapes": {"micro_batch": 2}},
    }
    (rehearsed.folder / "finest.yaml").write_text(yaml.safe_dump(finest))
    scores = rehearsed.run_folder / "scores/shapes/ige-mn-1/256/car/seed0.json"
    target = str(scores.relative_to(rehearsed.folder))
    done = rehearsed.call("--", target, configfiles=(*PRESETS, "finest.yaml"))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    found = json.loads(scores.read_text())
    assert (found["resolution"], found["evaluation_resolution"]) == (256, 256)
    assert found["category"] == "car"
    assert len(found["examples"]["iou_frustum"]) == 1


def test_afterwards_there_is_nothing_to_do(rehearsed):
    done = rehearsed.call("-n", configfiles=PRESETS)
    assert "Nothing to be done" in done.stdout + done.stderr
