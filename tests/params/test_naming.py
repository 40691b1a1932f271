import pytest

from ige.params.naming import (
    folder_of,
    shape_trained_name,
    split_shape_trained,
    split_trained,
    trained_in,
    trained_name,
)


@pytest.mark.parametrize("parts", [("ige-t4", "projection"), ("ige-t4", "sh-ft")])
def test_names_of_trained_models_of_poses_are_split_again(parts):
    assert split_trained(trained_name(*parts)) == parts


@pytest.mark.parametrize("parts", [("ige", 32, None), ("ige-1", 256, "car")])
def test_names_of_trained_models_of_shapes_are_split_again(parts):
    assert split_shape_trained(shape_trained_name(*parts)) == parts


def test_folders_are_nested_by_model():
    assert folder_of("ige-1@32@car") == "ige-1/32/car"
    assert trained_in("ige-t4/sh-ft") == "ige-t4@sh-ft"


def test_what_is_no_name_of_a_trained_model_of_shapes():
    with pytest.raises(ValueError, match="no name"):
        split_shape_trained("ige@32@car@0")
