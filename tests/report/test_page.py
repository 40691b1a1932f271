import base64
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from ige.base.errors import InputError
from ige.params import stages
from ige.params.load import write_params
from ige.report.action_tables import tabulate_poses_by_action
from ige.report.page import write_page
from ige.report.shape_tables import tabulate_shape_sets
from ige.report.tables import tabulate_poses
from ige.report.voxel_section import VoxelFiles
from ige.report.voxel_tables import tabulate_shapes
from ige.storage.tables import write_csv

VOID = {"meta", "img", "br", "link"}
SVG = "<svg xmlns='http://www.w3.org/2000/svg'/>"


class Reader(HTMLParser):
    """Checks that elements are closed in order, and keeps attributes and text."""

    def __init__(self):
        super().__init__()
        self.open, self.attributes, self.classes, self.images, self.text = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.attributes += [name for name, _ in attrs]
        self.classes += [value for name, value in attrs if name == "class"]
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture
def inputs(tmp_path, folder, two_seeds, params, pose_settings):
    csv, settings = tmp_path / "poses.csv", tmp_path / "params.json"
    tables = {"csv": csv, "markdown": tmp_path / "md", "latex": tmp_path / "tex"}
    tabulate_poses(scores=two_seeds, settings=pose_settings, **tables)
    write_params(settings, params)
    figures = [tmp_path / f"{name}.{kind}" for name in "abc" for kind in ("png", "svg")]
    for figure in figures:
        figure.write_text(SVG)
    skipped = folder.skipped("test-skipped.csv", [("x", 12_345, "behind <the> camera & beyond")])
    return {
        "csv": csv,
        "scores": two_seeds,
        "figures": figures,
        "skipped": [skipped],
        "settings": settings,
        "code": "0123456789ab",
    }


@pytest.fixture
def page(tmp_path, inputs):
    write_page(**inputs, out=tmp_path / "index.html")
    return (tmp_path / "index.html").read_text(encoding="utf-8")


@pytest.fixture
def read(page):
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_it_asks_for_nothing_from_outside(page, read):
    for reference in re.findall(r"""(?:src|href|action|url)\s*[=(]\s*["']?([^"')>\s]*)""", page):
        assert reference.startswith("data:")
    outside = re.sub(r'src="data:[^"]*"', "", page)
    assert "http" not in outside
    assert "@import" not in outside
    assert "<script" not in outside
    assert "<link" not in outside
    assert not [name for name in read.attributes if name.startswith("on")]


def test_figures_are_inlined_with_words_for_who_cannot_see(read):
    assert len(read.images) == 3
    for image in read.images:
        kind, content = image["src"].split(";base64,")
        assert kind == "data:image/svg+xml"
        assert ET.fromstring(base64.b64decode(content)).tag.endswith("svg")
        assert len(image["alt"]) > 40
    assert "lifter-128-1 81 mm at 43,008" in read.images[0]["alt"]


def test_it_shows_table_notes_and_provenance(read):
    text = " ".join(" ".join(read.text).split())
    for words in (
        "Run demo: pose lifting From 2D",
        "these frames of poses were left out",
        "2 steps of descent take the Procrustes error of lifter-128-1 from 81.0 ± 1.4 mm to 51.5 ± 2.1 mm",
        "The data of this run is not Human3.6M",
        "51.5 ± 2.1 44 +7.5 0.64 0.59",
        "84.0 ± 1.4 75.0 ± 1.4",
        "S9 (n = 200)",
        "behind <the> camera & beyond 1 12,345",
        "0123456789ab",
        "ige-t2, seed 1",
        "learning_rate",
    ):
        assert words in text
    assert text.count("not comparable in absolute terms") == 1


def test_it_says_what_its_count_counts(read):
    views = "300 views of frames (frames × turns × cameras that were kept)"
    assert views in read.text
    assert any(f"n = {views}, observation" in line for line in read.text)


def test_no_path_of_this_machine_is_in_it(page, tmp_path):
    assert str(tmp_path) not in page


def test_the_same_inputs_give_the_same_bytes(page, inputs, tmp_path):
    other = tmp_path / "elsewhere" / "page.html"
    write_page(**inputs, out=other)
    assert other.read_text(encoding="utf-8") == page


def test_digests_follow_the_inputs(page, inputs, folder, make_row, tmp_path):
    folder.score("mean-pose", 1, [make_row(131.0, multiply_adds=None)])
    other = tmp_path / "other.html"
    write_page(**inputs, out=other)
    changed = set(other.read_text().splitlines()) - set(page.splitlines())
    assert len(changed) == 1
    assert "mean-pose, seed 1" in changed.pop()


def test_other_figures_are_refused(inputs, tmp_path):
    with pytest.raises(InputError, match=r"expected 3 files \.svg, found a\.png"):
        write_page(**inputs | {"figures": inputs["figures"][:1]}, out=tmp_path / "index.html")


def test_a_missing_figure_is_named(inputs, tmp_path):
    inputs["figures"][1].unlink()
    with pytest.raises(InputError, match=r"a\.svg: cannot be read"):
        write_page(**inputs, out=tmp_path / "index.html")
    assert not (tmp_path / "index.html").exists()


def test_errors_by_action_have_their_section(inputs, two_seeds, pose_settings, tmp_path, page):
    assert "Poses: by action" not in page
    paths = {name: tmp_path / f"by.{name}" for name in ("csv", "markdown", "latex")}
    tabulate_poses_by_action(scores=two_seeds, settings=pose_settings, **paths)
    out = tmp_path / "actions.html"
    write_page(**inputs, action_csv=paths["csv"], out=out)
    reader = Reader()
    reader.feed(out.read_text(encoding="utf-8"))
    assert reader.open == []
    text = " ".join(" ".join(reader.text).split())
    assert "P2 (PA-MPJPE), mm mean by model T Eat Walk action frame mean-pose 130.1" in text
    assert "ige-t2 2 51.6 51.5 52.5 51.5" in text
    assert "17 joints are scored: the 16 that models answer" in text
    assert "table by.csv" in text
    assert reader.attributes.count("open") == 1, "only P2 is unfolded"


def test_several_observations_are_told(inputs, folder, make_row, pose_settings, tmp_path):
    seen = {"observation_name": "sh", "observation": {"kind": "detections", "detector": "sh"}}
    other = [folder.score("ige-t2", seed, [make_row(60.0, steps=2, frames=299)], **seen) for seed in (0, 1)]
    scores = [*inputs["scores"], *other]
    tables = {"csv": inputs["csv"], "markdown": tmp_path / "md", "latex": tmp_path / "tex"}
    tabulate_poses(scores=scores, settings=pose_settings, **tables)
    write_page(**inputs | {"scores": scores}, out=tmp_path / "several.html")
    reader = Reader()
    reader.feed((tmp_path / "several.html").read_text(encoding="utf-8"))
    text = " ".join(" ".join(reader.text).split())
    for words in (
        "300 (projection), 299 (sh) views of frames",
        "projection; sh: detections (detector sh)",
        "Observation projection: 2 steps of descent take",
        "Of the observation projection alone; the tables hold the others.",
        "ige-t2 sh 2 204,800",
        "ige-t2@sh, seed 1",
    ):
        assert words in text
    assert "60 mm" not in reader.images[0]["alt"]
    assert reader.classes.count("words") == 2 * 6, "the column of observations: titles and lines"


@pytest.fixture
def shapes(tmp_path, make_shard, shape_settings):
    shard, skipped = make_shard(tmp_path / "car/test-0.h5"), tmp_path / "car/test-0-skipped.csv"
    write_csv(
        skipped,
        ["id", "reason"],
        [{"id": f"car/{name}.obj", "reason": "no <faces> & no end"} for name in "xy"],
    )
    tables = {name: tmp_path / f"shape-sets.{name}" for name in ("csv", "markdown", "latex")}
    tabulate_shape_sets(shards=[shard], skipped=[skipped], settings=shape_settings, **tables)
    figures = [tmp_path / f"shapes-{name}.png" for name in ("car", "chair")]
    for figure in figures:
        figure.write_bytes(b"png")
    return {"shape_csv": tables["csv"], "shape_figures": figures, "shape_skipped": [skipped]}


@pytest.mark.parametrize(
    ("held_out", "said", "clips"),
    [(True, "held out of training.", "do not train on"), (False, "stay in training.", "train on, too: the")],
)
def test_the_page_tells_whether_validation_clips_train(inputs, tmp_path, changed, held_out, said, clips):
    write_params(inputs["settings"], changed({"poses": {"lifting": {"validation_held_out": held_out}}}))
    write_page(**inputs, out=tmp_path / "index.html")
    text = " ".join((tmp_path / "index.html").read_text(encoding="utf-8").split())
    assert re.search(f"Data: [^.]* validation clips (are )?{said}", text)
    assert f"on validation clips: clips of the training subjects, which models {clips}" in text


def test_a_run_without_shapes_says_nothing_of_them(page):
    assert "Shape sets" not in page


def test_shapes_have_their_section(inputs, shapes, tmp_path, page):
    out = tmp_path / "shapes.html"
    write_page(**inputs, **shapes, out=out)
    reader = Reader()
    reader.feed(out.read_text(encoding="utf-8"))
    assert reader.open == []
    text = " ".join(" ".join(reader.text).split())
    for words in (
        "2 models of 1 category in 4 views",
        "Data: generated shapes. Split of each category: in order of ids, the last 20 % test, 10 % of",
        "4 of 8 grids are flagged as leaking, 0 are empty",
        "car 0 0 2 2 4 8 50.0 50.0",
        "Figure 4. Car.",
        "Figure 5. Chair.",
        "no <faces> & no end 2 car/x.obj",
        "table shape-sets.csv",
        "Run demo: pose lifting and shape sets From 2D",
        "Models of shapes that were left out stand above",
    ):
        assert words in text
    assert reader.images[3]["src"] == "data:image/png;base64," + base64.b64encode(b"png").decode()
    before = re.findall(r"<h2>.*?</h2>", page)
    after = re.findall(r"<h2>.*?</h2>", out.read_text(encoding="utf-8"))
    assert [title for title in after if title in before] == before
    assert len(after) == len(before) + 1


def test_no_skipped_model_is_said_too(inputs, shapes, tmp_path):
    write_csv(shapes["shape_skipped"][0], ["id", "reason"], [])
    write_page(**inputs, **shapes, out=tmp_path / "shapes.html")
    assert "No model was left out." in (tmp_path / "shapes.html").read_text(encoding="utf-8")


def test_rare_reasons_are_counted_together(inputs, shapes, tmp_path):
    rows = [{"id": f"car/{number}", "reason": f"reason {number}"} for number in range(12)]
    write_csv(shapes["shape_skipped"][0], ["id", "reason"], rows)
    write_page(**inputs, **shapes, out=tmp_path / "shapes.html")
    assert "4 more reasons" in (tmp_path / "shapes.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("shape_csv", "model\nx\n", "is no table of shape sets"),
        ("shape_skipped", "model\nx\n", "is no list of what was skipped"),
    ],
)
def test_other_files_of_shapes_are_refused(inputs, shapes, tmp_path, name, content, told):
    path = shapes[name] if name == "shape_csv" else shapes[name][0]
    path.write_text(content)
    with pytest.raises(InputError, match=told):
        write_page(**inputs, **shapes, out=tmp_path / "shapes.html")


def test_reconstructions_have_their_section(inputs, tmp_path, voxel_scores, params, page):
    assert "Reconstructions" not in page
    csv, comparisons = tmp_path / "shapes.csv", tmp_path / "shapes-comparisons.csv"
    other = {"markdown": tmp_path / "v.md", "latex": tmp_path / "v.tex"}
    settings = stages.tabulate_shapes(params)
    tabulate_shapes(scores=voxel_scores, csv=csv, comparisons=comparisons, settings=settings, **other)
    figures = [tmp_path / f"v{name}.{kind}" for name in "abcd" for kind in ("png", "svg")]
    for figure in figures:
        figure.write_text(SVG)
    out = tmp_path / "voxels.html"
    files = VoxelFiles(csv, comparisons, tuple(voxel_scores), tuple(figures))
    write_page(**inputs, voxels=files, out=out)
    reader = Reader()
    reader.feed(out.read_text(encoding="utf-8"))
    assert reader.open == []
    assert len(reader.images) == 3 + 4
    text = " ".join(" ".join(reader.text).split())
    for words in (
        "Run demo: pose lifting and voxel reconstruction",
        "ige is better than deconv-long: +5.00",
        "Figure 4. Reconstructions.",
        "Figure 7. Learning curves of models of shapes.",
        "table shapes-comparisons.csv",
        "ige@32, seed 1",
        "published, other protocol: world coordinates, other renders, one category",
    ):
        assert words in text
