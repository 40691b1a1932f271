import pytest
import trimesh

from ige.base.errors import InputError
from ige.shapes import dae
from ige.shapes.loading import load_mesh_bytes

BOX = trimesh.creation.box().export(file_type="dae").decode()
GEOMETRY = BOX[BOX.index("<library_geometries>") : BOX.index("</library_geometries>")]
ID = GEOMETRY.partition('<geometry id="')[2].partition('"')[0]
SPACE = "http://www.collada.org/2005/11/COLLADASchema"


def text_of(nodes, scene, head=""):
    scenes = f"<library_visual_scenes><visual_scene id='s'>{scene}</visual_scene></library_visual_scenes>"
    return (
        f'<?xml version="1.0"?>{head}<COLLADA xmlns="{SPACE}" version="1.4.1"><asset/>'
        f"{GEOMETRY}</library_geometries><library_nodes>{nodes}</library_nodes>{scenes}"
        '<scene><instance_visual_scene url="#s"/></scene></COLLADA>'
    )


def doubled(times):
    """Nodes that each place the one before twice."""
    nodes = [f'<node id="n0"><instance_geometry url="#{ID}"/></node>']
    for number in range(1, times + 1):
        below = f'<instance_node url="#n{number - 1}"/>'
        nodes.append(f'<node id="n{number}">{below * 2}</node>')
    return text_of("".join(nodes), f'<node id="r"><instance_node url="#n{times}"/></node>')


def load(text):
    return load_mesh_bytes(text.encode() if isinstance(text, str) else text, "a.dae", up="z")


def test_nodes_may_be_placed_again():
    assert len(load(doubled(3)).faces) == 8 * 12


def test_nodes_that_place_each_other_to_no_end_are_refused():
    with pytest.raises(InputError, match=rf"^a\.dae: nodes placed too often: .* found {2**40}$"):
        load(doubled(40))


def test_large_geometry_placed_often_is_refused(monkeypatch):
    monkeypatch.setattr(dae, "_MOST_LETTERS", 100)
    load(doubled(3))
    with pytest.raises(InputError, match="nodes placed too often"):
        load(doubled(12))


def test_nodes_that_hold_themselves_are_refused():
    circle = '<node id="a"><instance_node url="#b"/></node><node id="b"><instance_node url="#a"/></node>'
    with pytest.raises(InputError, match=r"^a\.dae: cannot be read: .*a node that holds itself"):
        load(text_of(circle, '<node id="r"><instance_node url="#a"/></node>'))


ENTITIES = [
    '<!DOCTYPE a [<!ENTITY x "y">]>',
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/">%x;]>',
]


@pytest.mark.parametrize("head", ENTITIES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_every_encoding(head, encoding):
    text = text_of("", "", head).replace('<?xml version="1.0"?>', "")
    with pytest.raises(InputError, match=r"^a\.dae: entities, which are not read"):
        load(text.encode(encoding))
