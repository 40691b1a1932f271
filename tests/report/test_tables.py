import re

import pytest

from ige.base.errors import InputError
from ige.report.table_text import headline_table, markdown
from ige.report.tables import tabulate_poses

CSV = """\
model,observation,steps,subject,seeds,parameters,multiply_adds,pa_mpjpe_mm_by_frame,pa_mpjpe_mm_by_frame_std,\
opt_scale_mm_by_frame,n_mpjpe_mm_by_frame,mpjpe_mm_by_frame,pa_mpjpe_mm_by_action,published_pa_mpjpe_mm,frames,data
mean-pose,projection,,all,2,,,130.00,0.00,140.00,135.00,150.00,131.00,,300,procedural
lifter-128-1,projection,,all,2,43008,43008,81.00,1.41,91.00,86.00,,82.00,75,300,procedural
lifter-128-1,projection,,S9,2,43008,43008,84.00,1.41,94.00,89.00,,85.00,,200,procedural
lifter-128-1,projection,,S11,2,43008,43008,75.00,1.41,85.00,80.00,,76.00,,100,procedural
ige-t2,projection,2,all,2,83456,204800,51.50,2.12,61.50,56.50,,52.50,44,300,procedural
ige-t2,projection,2,S9,2,83456,204800,55.50,2.12,65.50,60.50,,56.50,,200,procedural
ige-t2,projection,2,S11,2,83456,204800,43.50,2.12,53.50,48.50,,44.50,,100,procedural
ige-t2,projection,1,all,2,83456,123904,53.50,2.12,63.50,58.50,,54.50,,300,procedural
"""
MARKDOWN_ROWS = """\
| model | T | multiply-adds | parameters | Procrustes error (mm) | published (mm) | difference (mm) |\
 error / T = 0 | published / T = 0 | optimal scale (mm) | N-MPJPE (mm) | P1 (mm) | Procrustes by action (mm) |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| mean-pose |  |  |  | 130.0 ± 0.0 |  |  | 1.60 |  | 140.0 | 135.0 | 150.0 | 131.0 |
| lifter-128-1 |  | 43,008 | 43,008 | 81.0 ± 1.4 | 75 | +6.0 | 1.00 | 1.00 | 91.0 | 86.0 |  | 82.0 |
| ige-t2 | 2 | 204,800 | 83,456 | 51.5 ± 2.1 | 44 | +7.5 | 0.64 | 0.59 | 61.5 | 56.5 |  | 52.5 |
| ige-t2 | 1 | 123,904 | 83,456 | 53.5 ± 2.1 |  |  | 0.66 |  | 63.5 | 58.5 |  | 54.5 |

## By test subject

| model | T | all (n = 300) | S9 (n = 200) | S11 (n = 100) |
| --- | ---: | ---: | ---: | ---: |
| mean-pose |  | 130.0 ± 0.0 |  |  |
| lifter-128-1 |  | 81.0 ± 1.4 | 84.0 ± 1.4 | 75.0 ± 1.4 |
| ige-t2 | 2 | 51.5 ± 2.1 | 55.5 ± 2.1 | 43.5 ± 2.1 |
| ige-t2 | 1 | 53.5 ± 2.1 |  |  |
"""


@pytest.fixture
def tabulate(tmp_path, pose_settings):
    def call(scores):
        paths = {name: tmp_path / f"poses.{name}" for name in ("csv", "markdown", "latex")}
        tabulate_poses(scores=scores, settings=pose_settings, **paths)
        return {name: path.read_text(encoding="utf-8") for name, path in paths.items()}

    return call


def test_the_tables_to_the_letter(tabulate, two_seeds):
    tables = tabulate(two_seeds)
    assert tables["csv"] == CSV
    assert tables["markdown"].endswith(MARKDOWN_ROWS)
    assert r"ige-t2 & 2 & 204,800 & 83,456 & 51.5 $\pm$ 2.1 & 44 & +7.5 & 0.64 & 0.59" in tables["latex"]


def test_the_head_says_what_is_shown(tabulate, two_seeds):
    tables = tabulate(two_seeds)
    for text in (tables["markdown"], tables["latex"]):
        assert "generated motion (procedural), subjects S9 and S11, n = 300 views of frames (frames " in text
        assert "observation: projection, 17 joints" in text
        assert "17 joints, after Procrustes." in text
        assert "over seeds 0 and 1" in text
        assert "Data: generated motion (procedural); every 4th frame, views with every joint in the" in text
        assert "not Human3.6M: published errors and differences are not comparable in absolute terms" in text
    assert "(frames × turns × cameras that were kept)" in tables["markdown"]
    assert r"(frames $\times$ turns $\times$ cameras that were kept)" in tables["latex"]
    assert r"ige-t2 (T = 2) 1 %" in tables["markdown"]
    assert r"ige-t2 (T = 2) 1 \%" in tables["latex"]


def test_what_has_no_p1_is_told(tabulate, two_seeds, folder, make_row):
    text = tabulate(two_seeds)["markdown"]
    assert "P1 is given for the models that answer poses in metres (mean-pose): the other models" in text
    assert "nowhere before the camera" not in text
    rows = [make_row(60.0, lacks=["opt_scale_mm"], negative_scale_share=None)]
    text = tabulate([folder.score("lifter-1024-2-metric", 0, rows, scale="metric")])["markdown"]
    assert "P1 is given" not in text
    assert "No error after the optimal scale: lifter-1024-2-metric; these poses lie about the hips" in text
    assert "|  |  |  | 65.0 | 80.0 | 61.0 |" in text


def test_without_any_p1_no_other_models_are_told_of(tabulate, folder, make_row):
    text = tabulate([folder.score("lifter-128-1", 0, [make_row(80.0)])])["markdown"]
    assert "P1 is given for no model: all answer poses that are free in scale, which have no P1." in text
    assert "other models" not in text


def test_observations_stand_side_by_side_where_there_are_several(tabulate, folder, make_row):
    subjects = [make_row(76.0, subject="S9")]
    scores = [folder.score("lifter-128-1", 0, [make_row(75.0), *subjects])]
    scores.append(folder.score("ige-t2", 0, [make_row(45.0, steps=2)]))
    seen = {"observation_name": "sh", "observation": {"kind": "detections", "detector": "sh"}}
    scores.append(folder.score("lifter-128-1", 0, [make_row(100.0, frames=299), *subjects], **seen))
    rows = [make_row(50.0, steps=2, frames=299, negative_scale_share=0.5)]
    scores.append(folder.score("ige-t2", 0, rows, **seen))
    tables = tabulate(scores)
    text = tables["markdown"]
    assert "| model | observation | T | multiply-adds |" in text
    assert "| lifter-128-1 | projection |  | 43,008 | 43,008 | 75.0 | 75 | 0.0 | 1.00 | 1.00 |" in text
    assert "| ige-t2 | sh | 2 | 204,800 | 83,456 | 50.0 |  |  | 0.50 |  |" in text
    assert "| model | observation | T | all | S9 (n = 200) |" in text
    assert "projection, n = 300; sh: detections (detector sh), n = 299." in text
    assert "ige-t2@sh (T = 2) 50 %" in text
    assert tables["latex"].count(r"\begin{longtable}{@{}ll" + 12 * "r" + "@{}}") == 1
    assert r"    lifter-128-1 & projection &  & 43,008 & 43,008 & 75.0 & 75 & 0.0 &" in tables["latex"]
    assert r"\noindent Protocol: " in tables["latex"]


def test_notes_that_do_not_apply_are_not_made(tabulate, folder, make_row):
    text = tabulate([folder.score("lifter-128-1", 0, [make_row(74.96)], data="h36m")])["markdown"]
    assert "One seed (0)." in text
    assert "not comparable" not in text
    assert "negative" not in text
    assert "not finite" not in text
    assert "| lifter-128-1 |  | 43,008 | 43,008 | 75.0 | 75 | 0.0 |" in text


def test_an_error_below_the_published_one_has_a_minus(tabulate, folder, make_row):
    tables = tabulate([folder.score("lifter-128-1", 0, [make_row(70.0)])])
    assert "| 75 | −5.0 |" in tables["markdown"]
    assert "& 75 & $-$5.0 &" in tables["latex"]


def test_answers_that_are_not_finite_are_told(tabulate, folder, make_row):
    row = make_row(None, steps=2, negative_scale_share=None)
    tables = tabulate([folder.score("ige-t2", 0, [row])])
    assert ",83456,204800,,,,,,,44,300," in tables["csv"]
    assert "| ige-t2 | 2 | 204,800 | 83,456 |  | 44 |  |  |  |  |  |  |  |" in tables["markdown"]
    assert "some answers of the model were not finite" in tables["markdown"]


def test_without_the_reference_nothing_is_relative_to_it(tabulate, folder, make_row):
    text = tabulate([folder.score("ige-t2", 0, [make_row(50.0, steps=2)])])["markdown"]
    assert "| 50.0 | 44 | +6.0 |  |  | 60.0 |" in text


def test_the_same_scores_give_the_same_bytes(tabulate, two_seeds):
    assert tabulate(two_seeds) == tabulate(two_seeds)


def test_a_missing_score_leaves_no_table(tabulate, two_seeds, tmp_path):
    with pytest.raises(InputError, match=r"gone\.json"):
        tabulate([*two_seeds, tmp_path / "gone.json"])
    assert not (tmp_path / "poses.csv").exists()


def test_latex_has_as_many_cells_as_columns_in_every_line(tabulate, two_seeds):
    text = tabulate(two_seeds)["latex"]
    spec = re.search(r"\\begin\{longtable\}\{@\{\}(l+r+)@\{\}\}", text)
    body = [line for line in text.splitlines() if re.search(r"\\\\\*?$", line) and "caption" not in line]
    assert len(body) == 2 * 2 + 1 + 4
    spans = [
        sum(int(span) for span in re.findall(r"\\multicolumn\{(\d+)\}", line)) or len(line.split(" & "))
        for line in body
    ]
    assert set(spans) == {len(spec[1])}
    assert text.count("{") == text.count("}")
    assert r"\caption{Pose lifting: ours beside published.}\label{tab:poses}" in text


def test_markdown_escapes_what_would_format():
    table = headline_table([])
    text = markdown("t", ["a_b|c *d* <e>"], [("h", table)])
    assert r"- a\_b\|c \*d\* \<e\>" in text
