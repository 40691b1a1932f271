import re

import pytest

from ige.base.errors import InputError
from ige.report.action_rows import read_action_table, write_action_table
from ige.report.action_tables import tabulate_poses_by_action
from ige.report.published import ACTIONS, published_actions

HEAD = "metric,model,observation,steps,source,data,seeds,frames,joints,Eating,Walking,by_action,by_frame\n"
CSV = (
    HEAD
    + """\
mpjpe_mm,mean-pose,projection,,this run,procedural,2,300,17,150.10,150.00,151.00,150.00
n_mpjpe_mm,mean-pose,projection,,this run,procedural,2,300,17,135.10,135.00,136.00,135.00
n_mpjpe_mm,lifter-128-1,projection,,this run,procedural,2,300,17,86.10,86.00,87.00,86.00
n_mpjpe_mm,ige-t2,projection,2,this run,procedural,2,300,17,56.60,56.50,57.50,56.50
n_mpjpe_mm,ige-t2,projection,1,this run,procedural,2,300,17,58.60,58.50,59.50,58.50
pa_mpjpe_mm,mean-pose,projection,,this run,procedural,2,300,17,130.10,130.00,131.00,130.00
pa_mpjpe_mm,lifter-128-1,projection,,this run,procedural,2,300,17,81.10,81.00,82.00,81.00
pa_mpjpe_mm,ige-t2,projection,2,this run,procedural,2,300,17,51.60,51.50,52.50,51.50
pa_mpjpe_mm,ige-t2,projection,1,this run,procedural,2,300,17,53.60,53.50,54.50,53.50
opt_scale_mm,mean-pose,projection,,this run,procedural,2,300,17,140.10,140.00,141.00,140.00
opt_scale_mm,lifter-128-1,projection,,this run,procedural,2,300,17,91.10,91.00,92.00,91.00
opt_scale_mm,ige-t2,projection,2,this run,procedural,2,300,17,61.60,61.50,62.50,61.50
opt_scale_mm,ige-t2,projection,1,this run,procedural,2,300,17,63.60,63.50,64.50,63.50
"""
)
P2 = """\
## P2 (PA-MPJPE), mm

| model | T | Eating | Walking | mean by action | mean by frame |
| --- | ---: | ---: | ---: | ---: | ---: |
| mean-pose |  | 130.1 | 130.0 | 131.0 | 130.0 |
| lifter-128-1 |  | 81.1 | 81.0 | 82.0 | 81.0 |
| ige-t2 | 2 | 51.6 | 51.5 | 52.5 | 51.5 |
| ige-t2 | 1 | 53.6 | 53.5 | 54.5 | 53.5 |
"""


@pytest.fixture
def tabulate(tmp_path, pose_settings):
    def call(scores):
        paths = {name: tmp_path / f"by.{name}" for name in ("csv", "markdown", "latex")}
        tabulate_poses_by_action(scores=scores, settings=pose_settings, **paths)
        return {name: path.read_text(encoding="utf-8") for name, path in paths.items()}

    return call


@pytest.fixture
def full(folder, make_row):
    """A metric and a free model on all actions of Human3.6M, which the file has in another order."""
    actions = sorted(ACTIONS)

    def call(**over):
        lifter = make_row(60.0, actions=actions, lacks=["opt_scale_mm"], negative_scale_share=None)
        return [
            folder.score("lifter-1024-2-metric", 0, [lifter], scale="metric", **over),
            folder.score("ige-t2", 0, [make_row(50.0, steps=2, actions=actions)], **over),
        ]

    return call


def test_the_tables_to_the_letter(tabulate, two_seeds):
    tables = tabulate(two_seeds)
    assert tables["csv"] == CSV
    assert P2 in tables["markdown"]
    assert "Published" not in tables["markdown"], "other actions than those of Human3.6M"
    assert "Mean over seeds 0 and 1." in tables["markdown"]
    for text in (tables["markdown"], tables["latex"]):
        assert "Data: generated motion (procedural); every 4th frame, views with every joint in the" in text
    assert r"ige-t2 & 2 & 51.6 & 51.5 & 52.5 & 51.5 \\" in tables["latex"]


def test_actions_of_human36m_stand_in_the_usual_order_beside_the_published(tabulate, full):
    text = tabulate(full())["markdown"]
    assert f"| model | observation | T | {' | '.join(ACTIONS)} | mean by action | mean by frame |" in text
    p1, others = text.split("## N-MPJPE, mm")
    values = [f"{80.0 + 0.1 * sorted(ACTIONS).index(action):.1f}" for action in ACTIONS]
    ours = f"| lifter-1024-2-metric | projection |  | {' | '.join(values)} | 81.0 | 80.0 |\n"
    below = f"| Published, of Human3.6M: |{18 * '  |'}"
    theirs = "| Martinez et al. 2017 | ground truth |  | 37.7 | 44.4 | 40.3 |"
    assert ours in p1
    assert below in p1
    assert p1.index(ours) < p1.index(below) < p1.index(theirs)
    assert p1.count("Martinez et al. 2017 |") == 2
    assert "ige-t2 | projection" not in p1, "free in scale"
    n_mpjpe, p2 = others.split("## P2")
    assert "Martinez" not in n_mpjpe
    assert "| Martinez et al. 2017 | SH, fine-tuned |  | 39.5 | 43.2 |" in p2
    assert "| 43.1 | 47.7 |  |" in p2


def test_the_notes_say_protocol_joints_and_sources(tabulate, full, two_seeds):
    assert "Source of" not in tabulate(two_seeds)["markdown"]
    text = tabulate(full())["markdown"]
    for words in (
        "17 joints are scored: the 16 that models answer, and the midpoint of the hips",
        "P1 is given for the models that answer poses in metres (lifter-1024-2-metric)",
        "A line that would be empty for this reason is left out.",
        "No error after the optimal scale: lifter-1024-2-metric",
        "17 joints are scored: 16 and the hip joint of the skeleton",
        "Source of Martinez et al. 2017, SH, fine-tuned, P2: Martinez et al., ICCV 2017; as quoted by Li",
        r"github.com/weigq/3d\_pose\_baseline\_pytorch",
        "The data of this run is not Human3.6M",
    ):
        assert words in text


def test_on_human36m_published_lines_compare(tabulate, full):
    tables = tabulate(full(data="h36m"))
    assert "| Published: |" in tables["markdown"]
    assert "not Human3.6M" not in tables["markdown"]
    assert "mpjpe_mm,Martinez et al. 2017,ground truth,," in tables["csv"]


def test_observations_stand_side_by_side(tabulate, folder, make_row):
    scores = [folder.score("lifter-128-1", 0, [make_row(75.0)])]
    rows = [make_row(90.0, frames=299, actions=["Eating"])]
    scores.append(folder.score("lifter-128-1", 0, rows, observation_name="sh"))
    tables = tabulate(scores)
    assert "| model | observation | T | Eating | Walking |" in tables["markdown"]
    assert "| lifter-128-1 | sh |  | 90.0 |  | 91.0 | 90.0 |" in tables["markdown"]


def test_an_action_with_answers_that_are_not_finite_is_empty(tabulate, folder, make_row):
    row = make_row(50.0, steps=2, pa_mpjpe_mm_by_frame=None, pa_mpjpe_mm_by_action=None)
    row["actions"]["Walking"]["pa_mpjpe_mm"] = None
    text = tabulate([folder.score("ige-t2", 0, [row])])["markdown"]
    assert "| ige-t2 | 2 | 50.1 |  |  |  |" in text


def test_latex_fits_its_columns_and_escapes(tabulate, full):
    text = tabulate(full())["latex"]
    spec = re.search(r"\\begin\{longtable\}\{@\{\}(ll[r]+)@\{\}\}", text)
    width = 3 + 15 + 2
    assert len(spec[1]) == width
    body = [line for line in text.splitlines() if re.search(r"\\\\\*?$", line) and "caption" not in line]
    for line in body:
        spans = re.findall(r"\\multicolumn\{(\d+)\}", line)
        assert sum(map(int, spans)) == width if spans else line.count(" & ") == width - 1, line
    assert len(body) == 2 * 2 + (1 + 1 + 1 + 3) + (1 + 2) + (1 + 2 + 1 + 1) + (1 + 1)
    assert text.count("{") == text.count("}")
    assert text.count(r"\begin") == text.count(r"\end{")
    assert "& Dir & Disc & Eat & Greet & Phone &" in text
    assert re.search(r"(?<!\\)_", text.split("\\par", 1)[0].split(r"\endfoot")[1]) is None
    assert not re.search(r"\n\s*\n", text), "an empty line would end a paragraph within the table"


def test_the_same_scores_give_the_same_bytes(tabulate, two_seeds):
    assert tabulate(two_seeds) == tabulate(two_seeds)


def test_the_file_gives_back_the_rows(tabulate, full, tmp_path):
    tabulate(full())
    table = read_action_table(tmp_path / "by.csv")
    write_action_table(tmp_path / "again.csv", table)
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "by.csv").read_bytes()
    published = [row for row in table.rows if row.is_published]
    assert [row.errors for row in published] == [
        line.errors_mm
        for metric in ("mpjpe_mm", "pa_mpjpe_mm")
        for line in published_actions()
        if line.metric == metric
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("model,error\nlifter,1\n", "is no table of poses by action"),
        (HEAD.replace("Eating,Walking,", ""), "is no table of poses by action"),
        (CSV.replace("51.60", "good"), r"no number.*good"),
    ],
)
def test_another_file_is_refused(tmp_path, content, told):
    path = tmp_path / "other.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=told):
        read_action_table(path)


def test_seeds_with_different_rows_are_refused(tabulate, folder, make_row):
    paths = [folder.score("ige-t2", 0, [make_row(50.0, steps=2)])]
    paths.append(folder.score("ige-t2", 1, [make_row(50.0, steps=2), make_row(50.0, steps=1)]))
    with pytest.raises(InputError, match="the scores of seeds 0 and 1 differ"):
        tabulate(paths)
