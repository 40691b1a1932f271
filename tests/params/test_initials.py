from ige.params.initials import with_initials


def test_each_model_is_followed_by_all_that_it_starts_from_and_named_once():
    starts = {"ige": "long", "head": "long", "long": "lifter"}
    names = with_initials(["mean", "ige", "head", "lifter"], starts.get)
    assert names == ["mean", "ige", "long", "lifter", "head"]
