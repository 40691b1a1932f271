import pytest
from shapenet_trees import write_shrec16

from ige.base.errors import InputError
from ige.shapes.shapenet import SYNSETS
from ige.shapes.shrec16 import read_shrec16

IDS = {"car": [f"c{number}" for number in range(20)], "rifle": ["r1", "r2"]}
HEAD = "id,synsetId,subSynsetId,modelId,split\n"


@pytest.mark.parametrize("padded", [True, False])
def test_splits_are_read_by_synset_with_and_without_leading_zeros(tmp_path, padded):
    written = write_shrec16(tmp_path, IDS, padded=padded)
    splits = read_shrec16(tmp_path / "all.csv")
    assert set(splits) == {SYNSETS["car"], SYNSETS["rifle"], "02747177"}
    cars = splits[SYNSETS["car"]]
    assert sorted(cars) == sorted(IDS["car"])
    for word, split in (("train", "train"), ("val", "validation"), ("test", "test")):
        assert [id for id in cars if cars[id] == split] == written["car"][word]
        assert written["car"][word]


def test_a_model_may_stand_in_several_sub_synsets_of_one_split(tmp_path):
    (tmp_path / "all.csv").write_text(HEAD + "1,2958343,2958343,c1,val\n2,2958343,2701002,c1,val\n")
    assert read_shrec16(tmp_path / "all.csv") == {SYNSETS["car"]: {"c1": "validation"}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "1,02958343,0,c1,train\n2,02958343,0,c1,test\n", r"line 3: the model c1 .*train and test"),
        (HEAD + "1,02958343,0,c1,dev\n", "line 2 is no model with its split.*found 02958343, c1, dev"),
        (HEAD + "1,,0,,train\n", "line 2 is no model"),
        (HEAD + "1,2958343.0,0,c1,train\n", "line 2 is no model"),
        ("id,split\n1,train\n", "is no table of splits: expected columns synsetId"),
        ("<html>\n<body>\n", "is no table of splits"),
    ],
)
def test_other_files_and_models_in_two_splits_are_refused(tmp_path, text, words):
    (tmp_path / "all.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        read_shrec16(tmp_path / "all.csv")
