from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ige.geometry.cameras import (
    Camera,
    camera_to_world,
    distort,
    distortion_jacobian,
    from_pixels,
    in_image,
    look_at,
    monotonic_radius,
    project,
    to_pixels,
    undistort,
    world_to_camera,
)

PROPERTY = settings(derandomize=True, deadline=None, max_examples=60, database=None)
RADIAL = np.array([-0.207, 0.248, -0.003])
TANGENTIAL = np.array([-0.0010, -0.0027])


def numbers(low: float, high: float, *shape: int):
    return arrays(np.float64, shape, elements=st.floats(low, high, allow_subnormal=False))


radials = st.tuples(st.floats(-0.4, 0.4), st.floats(-0.3, 0.3), st.floats(-0.1, 0.1)).map(np.array)
tangentials = numbers(-0.01, 0.01, 2)
places = numbers(-5.0, 5.0, 3)


@pytest.fixture
def camera() -> Camera:
    return Camera(
        name="one",
        extrinsics=look_at((4.0, -2.0, 1.5), (0.0, 0.0, 0.9)),
        focal=np.array([1145.0, 1144.0]),
        centre=np.array([512.0, 515.0]),
        radial=RADIAL,
        tangential=TANGENTIAL,
    )


@PROPERTY
@given(eye=places, target=places)
def test_look_at_puts_the_target_on_the_axis_and_up_upwards(eye, target) -> None:
    if np.linalg.norm((target - eye)[:2]) < 1e-3:
        return
    extrinsics = look_at(eye, target)
    distance = np.linalg.norm(target - eye)
    seen = world_to_camera(np.stack([target, eye, target + np.array([0.0, 0.0, 0.1])]), extrinsics)
    np.testing.assert_allclose(seen[0], [0.0, 0.0, distance], atol=1e-12)
    np.testing.assert_allclose(seen[1], 0.0, atol=1e-12)
    assert seen[2, 1] < 0.0  # y points down
    np.testing.assert_allclose(seen[2, 0], 0.0, atol=1e-12)
    assert np.linalg.det(extrinsics[:, :3]) == pytest.approx(1.0)


def test_look_at_along_y_has_x_right_y_down_z_forward() -> None:
    extrinsics = look_at((0.0, -3.0, 1.0), (0.0, 0.0, 1.0))
    points = np.array([[1.0, -3.0, 1.0], [0.0, -3.0, 0.0], [0.0, -2.0, 1.0]])
    np.testing.assert_allclose(world_to_camera(points, extrinsics), np.eye(3), atol=1e-15)


@pytest.mark.parametrize("target", [(1.0, 2.0, 3.0), (1.0, 2.0, 0.0)])
def test_look_at_refuses_the_vertical(target) -> None:
    with pytest.raises(ValueError, match="along the vertical"):
        look_at((1.0, 2.0, 3.0), target)


@PROPERTY
@given(eye=places, points=numbers(-5.0, 5.0, 4, 3))
def test_world_and_camera_are_inverse_and_rigid(eye, points) -> None:
    extrinsics = look_at(eye, eye + np.array([1.0, 0.5, -0.2]))
    seen = world_to_camera(points, extrinsics)
    np.testing.assert_allclose(seen, (points - eye) @ extrinsics[:, :3].T, atol=1e-12)  # R (X - t)
    np.testing.assert_allclose(camera_to_world(seen, extrinsics), points, atol=1e-12)


def test_extrinsics_broadcast_over_samples(camera) -> None:
    points = np.random.default_rng(0).normal(size=(2, 5, 3))
    other = look_at((0.0, 3.0, 1.0), (0.0, 0.0, 0.0))
    both = world_to_camera(points, np.stack([camera.extrinsics, other]))
    np.testing.assert_array_equal(both[0], world_to_camera(points[0], camera.extrinsics))
    np.testing.assert_array_equal(both[1], world_to_camera(points[1], other))


@PROPERTY
@given(radial=radials, tangential=tangentials, points=numbers(-0.6, 0.6, 7, 2))
def test_projection_agrees_with_opencv(radial, tangential, points) -> None:
    depth = np.linspace(2.0, 6.0, 7)[:, None]
    points_cam = np.concatenate([points * depth, depth], axis=1)
    focal, centre = np.array([1145.0, 1149.0]), np.array([512.0, 508.0])
    matrix = np.array([[focal[0], 0.0, centre[0]], [0.0, focal[1], centre[1]], [0.0, 0.0, 1.0]])
    coefficients = np.array([*radial[:2], *tangential, radial[2]])  # OpenCV's order: k1 k2 p1 p2 k3
    expected, _ = cv2.projectPoints(points_cam, np.zeros(3), np.zeros(3), matrix, coefficients)
    found = to_pixels(project(points_cam, radial, tangential), focal, centre)
    np.testing.assert_allclose(found, expected[:, 0], atol=1e-9)


def test_martinez_leaves_out_the_factor_two() -> None:
    point = np.array([[0.5, -0.25]])
    r2, (p1, p2) = 0.3125, TANGENTIAL
    radial = 1.0 + RADIAL @ [r2, r2**2, r2**3]
    tangential = p1 * -0.25 + p2 * 0.5
    for model, factor in (("martinez", 1.0), ("opencv", 2.0)):
        scale = radial + factor * tangential
        expected = [[0.5 * scale + p2 * r2, -0.25 * scale + p1 * r2]]
        found = distort(point, RADIAL, TANGENTIAL, tangential_model=model)
        np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_martinez_and_opencv_are_a_quarter_pixel_apart_where_people_are() -> None:
    points = np.mgrid[-0.44:0.45:0.02, -0.44:0.45:0.02].reshape(2, -1).T
    tangential = np.array([-0.0016, -0.0027])
    both = [
        1146.0 * distort(points, np.zeros(3), tangential, tangential_model=model)
        for model in ("opencv", "martinez")
    ]
    apart = np.linalg.norm(both[0] - both[1], axis=-1)
    assert 0.1 < apart[np.linalg.norm(points, axis=-1) < 0.25].max() < 0.25
    assert 1.2 < apart.max() < 1.4


def _inside(radial, fractions, angles):
    radius = fractions * min(float(monotonic_radius(radial)), 1.0)
    return np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=-1)


@PROPERTY
@given(
    radial=radials,
    tangential=tangentials,
    fractions=numbers(0.0, 0.85, 6),
    angles=numbers(0.0, 6.3, 6),
    model=st.sampled_from(["opencv", "martinez"]),
)
def test_undistort_inverts_distort(radial, tangential, fractions, angles, model) -> None:
    points = _inside(radial, fractions, angles)
    distorted = distort(points, radial, tangential, tangential_model=model)
    found = undistort(distorted, radial, tangential, tangential_model=model)
    np.testing.assert_allclose(found, points, atol=1e-10)
    again = distort(found, radial, tangential, tangential_model=model)
    np.testing.assert_allclose(again, distorted, atol=1e-12)


def test_undistort_agrees_with_opencv_when_that_converges() -> None:
    points = np.random.default_rng(0).uniform(-0.4, 0.4, (50, 2))
    coefficients = np.array([*RADIAL[:2], *TANGENTIAL, RADIAL[2]])
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 500, 1e-15)
    expected = cv2.undistortPoints(points[:, None], np.eye(3), coefficients, criteria=criteria)
    np.testing.assert_allclose(undistort(points, RADIAL, TANGENTIAL), expected[:, 0], atol=1e-10)


def test_undistort_handles_one_lens_for_each_sample() -> None:
    points = np.random.default_rng(0).uniform(-0.4, 0.4, (3, 5, 2))
    radial, tangential = (
        RADIAL * np.array([[0.0], [1.0], [-1.0]]),
        TANGENTIAL * np.array([[1.0], [2.0], [0.0]]),
    )
    found = undistort(points, radial, tangential)
    for sample in range(3):
        np.testing.assert_allclose(
            found[sample], undistort(points[sample], radial[sample], tangential[sample]), atol=1e-12
        )


@pytest.mark.parametrize("bad", [[0.9, 0.0], [1e60, 0.0], [np.nan, 0.0]])
def test_undistort_names_a_point_that_no_lens_shows(bad) -> None:
    points = np.array([[[0.1, 0.1], [0.0, 0.0]], [[0.2, 0.1], bad]])
    with pytest.raises(ValueError, match=r"1 of 4 points .* at index \(1, 1\)"):
        undistort(points, np.array([-0.3, 0.0, 0.0]), np.zeros(2))  # reaches 2/3 of 1.054 at most


def test_jacobian_is_the_derivative() -> None:
    points = np.random.default_rng(0).uniform(-0.6, 0.6, (8, 2))
    for model in ("opencv", "martinez"):
        jacobian = distortion_jacobian(points, RADIAL, TANGENTIAL, tangential_model=model)
        for axis in range(2):
            step = 1e-6 * np.eye(2)[axis]
            ahead = distort(points + step, RADIAL, TANGENTIAL, tangential_model=model)
            behind = distort(points - step, RADIAL, TANGENTIAL, tangential_model=model)
            np.testing.assert_allclose(jacobian[..., axis], (ahead - behind) / 2e-6, atol=1e-9)


@PROPERTY
@given(radial=radials)
def test_distortion_grows_up_to_the_monotonic_radius_and_no_farther(radial) -> None:
    limit = float(monotonic_radius(radial))

    def slope(radius):
        return 1.0 + np.stack([3 * radius**2, 5 * radius**4, 7 * radius**6], axis=-1) @ radial

    assert (slope(np.linspace(0.0, min(limit, 100.0), 1000)[:-1]) > 0.0).all()
    if np.isfinite(limit):
        assert slope(np.array(limit)) == pytest.approx(0.0, abs=1e-6 * max(1.0, limit**6))


def test_monotonic_radius_of_known_lenses() -> None:
    found = monotonic_radius(np.array([[-0.3, 0.0, 0.0], [0.0, 0.0, 0.0], [0.3, 0.1, 0.0]]))
    np.testing.assert_allclose(found, [1.0 / np.sqrt(0.9), np.inf, np.inf])
    assert monotonic_radius(np.array([-0.3, 0.0, 0.0])).shape == ()


@PROPERTY
@given(points=numbers(-3.0, 3.0, 5, 2))
def test_pixels_round_trip(points) -> None:
    focal, centre = np.array([1145.0, 1144.0]), np.array([512.0, 515.0])
    pixels = to_pixels(points, focal, centre)
    np.testing.assert_allclose(pixels, points * focal + centre)
    np.testing.assert_allclose(from_pixels(pixels, focal, centre), points, atol=1e-12)


def test_in_image_needs_all_of_front_lens_and_borders(camera) -> None:
    plain = replace(camera, radial=np.zeros(3), tangential=np.zeros(2))
    left, right = -512.0 / 1145.0, (1000.0 - 512.0) / 1145.0
    points = np.array(
        [
            [0.0, 0.0, 2.0],
            [0.0, 0.0, -2.0],
            [0.0, 0.0, 0.0],
            [left + 1e-9, 0.0, 1.0],
            [left - 1e-9, 0.0, 1.0],
            [right - 1e-9, 0.0, 1.0],
            [right + 1e-9, 0.0, 1.0],
            [0.0, np.nan, 1.0],
            [0.0, np.inf, 1.0],
        ]
    )
    shown = [True, False, False, True, False, True, False, False, False]
    np.testing.assert_array_equal(in_image(points, plain, (1000, 1000)), shown)


def test_in_image_is_not_fooled_by_points_that_fold_back(camera) -> None:
    folding = replace(camera, radial=np.array([-0.3, 0.0, 0.0]), tangential=np.zeros(2))
    point = np.array([[1.8, 0.0, 1.0]])
    pixel = to_pixels(project(point, folding.radial, folding.tangential), folding.focal, folding.centre)
    assert (pixel > 0).all()
    assert (pixel < 1000).all()
    assert not in_image(point, folding, (1000, 1000)).any()


def test_shape_views_of_the_house() -> None:
    azimuth, elevation, distance = 0.7, 0.4, np.sqrt(1.36)
    eye = distance * np.array(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)]
    )
    origin = world_to_camera(np.zeros((1, 3)), look_at(eye, np.zeros(3)))
    np.testing.assert_allclose(origin, [[0.0, 0.0, 1.166]], atol=2e-4)
    # focal 35/32 image widths: the image is 32/35 wide at unit depth, centred at 0.5
    edge = np.array([[16.0 / 35.0, -16.0 / 35.0, 1.0]])
    flat = project(edge, np.zeros(3), np.zeros(2))
    np.testing.assert_allclose(to_pixels(flat, np.full(2, 35.0 / 32.0), np.full(2, 0.5)), [[1.0, 0.0]])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("extrinsics", np.eye(3), "extrinsics must be"),
        ("extrinsics", np.diag([1.0, 1.0, -1.0]) @ np.eye(3, 4), "no rotation"),
        ("extrinsics", 1.01 * np.eye(3, 4), "no rotation"),
        ("focal", np.array([1145.0, 0.0]), "must be positive"),
        ("focal", np.array([1145.0]), "focal must be"),
        ("centre", np.array([np.nan, 0.0]), "centre must be"),
        ("radial", np.zeros(2), "radial must be"),
        ("tangential", np.zeros(3), "tangential must be"),
    ],
)
def test_camera_names_what_is_wrong(camera, field, value, message) -> None:
    with pytest.raises(ValueError, match=f"camera one: .*{message}"):
        replace(camera, **{field: value})
