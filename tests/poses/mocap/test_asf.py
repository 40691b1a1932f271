from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ige.base.errors import InputError
from ige.poses.mocap.asf import read_asf, turned


def test_bones_come_after_their_parents(tmp_path: Path, asf_text: str) -> None:
    (tmp_path / "a.asf").write_text(asf_text)
    skeleton = read_asf(tmp_path / "a.asf")
    assert [(bone.name, bone.parent) for bone in skeleton.bones] == [
        ("root", -1),
        ("spine", 0),
        ("thigh", 0),
        ("shin", 2),
    ]
    shin = skeleton.bones[3]
    np.testing.assert_allclose(shin.vector, [0.0, -6.0, 0.0])  # the direction need not have unit length
    np.testing.assert_allclose(shin.frame, Rotation.from_euler("y", 90, degrees=True).as_matrix(), atol=1e-12)
    assert shin.dof == ("RX",)
    assert skeleton.metres_per_unit == pytest.approx(0.0254 / 0.5)


def test_angles_may_be_radians(tmp_path: Path, asf_text: str) -> None:
    text = asf_text.replace("angle deg", "angle rad").replace("axis 0 90 0", "axis 0 1.5707963 0")
    (tmp_path / "a.asf").write_text(text)
    skeleton = read_asf(tmp_path / "a.asf")
    assert not skeleton.degrees
    np.testing.assert_allclose(skeleton.bones[3].frame[0], [0.0, 0.0, 1.0], atol=1e-6)


def test_without_units_angles_are_degrees_and_lengths_inches(tmp_path: Path, asf_text: str) -> None:
    before, rest = asf_text.split(":units")
    (tmp_path / "a.asf").write_text(before + ":documentation" + rest.split(":documentation")[1])
    skeleton = read_asf(tmp_path / "a.asf")
    assert skeleton.degrees
    assert skeleton.metres_per_unit == pytest.approx(0.0254)


@pytest.mark.parametrize("axes", ["XYZ", "ZYX", "YZX"])
def test_the_first_axis_acts_first(axes: str) -> None:
    angles = np.array([0.3, -0.7, 1.1])
    expected = Rotation.from_euler(axes.lower(), angles).as_matrix()  # lower case: about fixed axes, in order
    np.testing.assert_allclose(turned(angles, axes), expected, atol=1e-12)


BROKEN = {
    "no root": (":root", ":rot", "no :root section"),
    "no hierarchy": (":hierarchy", ":tree", "no :hierarchy section"),
    "unknown angle": (
        "angle deg",
        "angle grad",
        "line 7: unknown unit of angles: expected deg or rad, found 'grad'",
    ),
    "zero length unit": ("length 0.5", "length 0", "line 6: the unit of length is not positive"),
    "root order": ("order TX TY", "order TX TX", "line 11: cannot read the root's order"),
    "no root axis": ("   axis XYZ\n", "", "the root has no axis"),
    "root axis": ("   axis XYZ", "   axis XYX", "line 12: cannot read the order of axes: .* found 'XYX'"),
    "turned root": ("orientation 0 0 0", "orientation 0 0 9", "line 14: a turned root"),
    "no direction": ("direction 0 -1 0\n", "\n", "line 25: a bone without direction"),
    "zero direction": (
        "direction 0 -1 0",
        "direction 0 0 0",
        "line 20: a bone without direction or of negative length",
    ),
    "NaN": (
        "direction 0 -1 0",
        "direction 0 nan 0",
        "line 19: direction holds a value that is not a finite number",
    ),
    "no axis order": ("axis 0 0 20 XYZ", "axis 0 0 20", "line 21: cannot read the order of axes"),
    "length dof": (
        "dof rx rz",
        "dof rx l",
        "line 22: cannot read the degrees of freedom: expected rx ry rz, found rx l",
    ),
    "no end": ("  end\n:hierarchy", ":hierarchy", "a bone without its end"),
    "unknown bone": ("thigh shin", "thigh calf", "line 44: a bone that is not in :bonedata: found 'calf'"),
    "two parents": (
        "root spine thigh",
        "root spine thigh shin",
        "line 45: a bone with two parents: found 'shin'",
    ),
    "lost bone": ("root spine thigh", "root spine", "bones that do not hang on the root: found shin, thigh"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_skeleton_is_one_line(
    tmp_path: Path, asf_text: str, old: str, new: str, message: str
) -> None:
    assert old in asf_text
    (tmp_path / "a.asf").write_text(asf_text.replace(old, new))
    with pytest.raises(InputError, match=message) as caught:
        read_asf(tmp_path / "a.asf")
    assert "\n" not in str(caught.value)


def test_another_text_is_no_asf(tmp_path: Path) -> None:
    (tmp_path / "a.asf").write_text("hello\n")
    with pytest.raises(InputError, match="not an ASF file"):
        read_asf(tmp_path / "a.asf")
