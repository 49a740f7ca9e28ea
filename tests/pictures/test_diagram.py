"""Graphviz pictures: what is in them, with `dot`, with pygraphviz, and with neither."""

import base64
import html
import os
import re
import stat
import subprocess
import sys
import time
import types
import xml.etree.ElementTree as ElementTree

import graphviz
import pytest

from autograd import Value, tree, walk
from autograd.errors import FileAccessError, MissingPackageError, PictureError, SettingError
from autograd.pictures import dot as module
from autograd.pictures import rendering
from autograd.pictures.diagram import draw
from autograd.pictures.labels import LONGEST, number_text, shortened
from autograd.pictures.rendering import render
from nn import MLP, squared_error

HOSTILE = [
    "</script><script>alert(1)</script>", '" onload="alert(1)', "<b>bold</b>", "{a|b}", r"\n", '"', "a\nb",
    r"\N\G\L",
    "\x1b[31mred\x07", "&amp;", "<<i>html</i>>", "]]>", "w" * 10_000,
    "\u202eevil", "\u2066a\u2069", "\x9b31m", "a\0b", "]--\u2028>", "%s",
]  # fmt: skip

can_render = pytest.mark.renders


def texts(svg):
    """Every piece of text in an SVG picture, and nothing that is markup."""
    root = ElementTree.fromstring(svg)
    return [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")], root


# ---------------------------------------------------------------------------------------- what is drawn


def test_nodes_show_name_value_and_gradient_and_edges_the_local_derivative(notes_loss):
    source = draw(notes_loss).source
    assert "<B>w1_11</B>" in source
    assert "value&#160;&#160;&#160;1" in source
    assert "grad&#160;&#160;400" in source
    assert re.search(r"n3 -> n7 \[label=<.*>8</TD>", source)  # d dot / d w1_11 = x1
    assert 'tooltip="dv1/dw1_11 = 8"' in source
    assert 'subgraph "cluster_' in source or "subgraph cluster_" in source


def test_before_backward_a_gradient_is_a_dash():
    source = draw(Value(2.0, "w") * 3).source
    assert "grad&#160;&#160;–" in source
    assert "grad&#160;&#160;0" not in source


def test_kinds_differ_in_shape_and_in_colour(notes_loss):
    looks = set()
    for name in ("w1_11", "x1", "yhat", "L"):
        line = next(
            x
            for x in re.findall(r"\bn\d+ \[.*?\](?= |\n)", draw(notes_loss).source, re.S)
            if f"<B>{name}</B>" in x
        )
        shape, fill = re.search(r"shape=(\w+)", line)[1], re.search(r'fillcolor="(#\w+)"', line)[1]
        looks.add((shape + ("rounded" if "rounded" in line else ""), fill))
    assert len({shape for shape, _ in looks}) == len({fill for _, fill in looks}) == 4


@pytest.mark.parametrize("theme", module.THEMES)
def test_ink_stands_out_from_every_fill(theme):
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    def contrast(a, b):
        low, high = sorted((luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)

    look = module.THEMES[theme]
    for fill in [look.paper, look.frame, *(fill for fill, _ in look.kinds.values())]:
        assert contrast(look.ink, fill) >= 7
        assert contrast(look.faint, fill) >= 4.5
    for outline in [look.line, look.marked, *(line for _, line in look.kinds.values())]:
        assert contrast(outline, look.paper) >= 3


def test_what_is_shown_can_be_chosen(notes_loss):
    only = draw(notes_loss, show="values").source
    assert "value" in only
    assert "grad&#160;" not in only
    assert ">8</TD>" not in only
    formulas = draw(notes_loss, show=["formulas"]).source
    assert "= w1_11 x1 + w1_21 x2" in formulas
    assert "<B>v1</B>" in formulas  # what other formulas call it
    assert draw(notes_loss, show=[]).source.count("value") == 0


def test_directions(notes_loss):
    assert "rankdir=TB" in draw(notes_loss, direction="TB").source
    assert "rankdir=LR" in draw(notes_loss).source
    deep = Value(1.0, "x")
    for _ in range(12):
        deep = deep.tanh()
    assert "rankdir=TB" in draw(deep).source


def test_precision():
    x = Value(1 / 3, "x")
    assert "0.33</" not in draw(x * 1).source
    assert "0.333333333" in draw(x * 1, precision=9).source
    assert number_text(1e300, 4) == "1e+300"
    assert number_text(float("nan"), 4) == "nan"
    assert len(number_text(10**100, 4)) == LONGEST


def test_a_constant_has_no_frame_and_a_dashed_edge():
    source = draw(Value(2.0, "w") * 3).source
    assert "shape=plaintext" in source
    assert "style=dashed" in source


def test_folded_layers_show_ranges_and_counts():
    net = MLP(2, [16, 16, 1], activation="tanh", seed=1)
    loss = squared_error(net([Value(1.0, "x1"), Value(7.0, "x2")]), 5.0)
    unset = draw(loss).source
    assert "16 Values" in unset
    assert "272 parameters" in unset
    assert "peripheries=2" in unset
    loss.backward()
    assert re.search(r"grad&#160;.*&#160;…&#160;", draw(loss).source)
    assert "folded to layers" in draw(loss).source
    one = draw(MLP(1, [1])([Value(1.0, "x1")]), fold="neurons").source
    assert "2 parameters" in one


def test_numbers_without_an_order_are_several():
    from autograd.expr import symbol

    net = [Value(symbol(f"w{i}"), f"w{i}") for i in range(2)]
    x = Value(symbol("a"), "x")
    units = [(w * x).tanh() for w in net]
    for i, unit in enumerate(units):
        unit.name = f"u{i}"
    assert "several" in draw(units[0] * units[1] + units[0] / units[1], fold="layers").source


def test_units_stand_in_columns_in_their_order():
    net = MLP(2, [3, 3, 1], activation="tanh", seed=1)
    picture = draw(net([Value(1.0, "x1"), Value(7.0, "x2")]), fold="neurons")
    columns = re.findall(r"\{\s*graph \[rank=same\](.*?)\n\t\}", picture.source, re.S)
    names = [re.findall(r"<B>([^<]*)</B>", column) for column in columns]
    assert names == [["x1", "x2"], ["layer 1", "O11", "O12", "O13"], ["layer 2", "O21", "O22", "O23"]]


def test_many_edges_have_no_derivatives_on_them_and_the_picture_says_so():
    net = MLP(2, [10, 10, 1], activation="tanh", seed=1)
    source = draw(net([Value(1.0, "x1"), Value(7.0, "x2")]), fold="neurons", highlight="w1_11").source
    assert "the derivatives on 130 edges are left out" in source
    assert "splines=line" in source
    assert source.count(module.THEMES["light"].marked) > 10


def test_highlight_and_until_in_the_picture(notes_loss):
    assert module.THEMES["dark"].marked in draw(notes_loss, highlight="w1_11", theme="dark").source
    assert module.THEMES["light"].marked not in draw(notes_loss).source
    assert "... 2 more" in draw(notes_loss, until=2).source


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"direction": "lr"}, r"direction='lr': .*It is one of auto, LR, RL, TB, BT"),
        ({"theme": "drak"}, r"did you mean 'dark'"),
        ({"show": "grads"}, r"show='grads': did you mean 'gradients'"),
        ({"precision": 0}, "precision=0: it is a number of digits from 1 to 17"),
        ({"precision": "4"}, "precision='4'"),
    ],
)
def test_options_that_cannot_be(notes_loss, options, message):
    with pytest.raises(SettingError, match=message):
        draw(notes_loss, **options)


def test_the_digraph_can_be_adjusted_further(notes_loss):
    picture = draw(notes_loss)
    assert isinstance(picture.digraph, graphviz.Digraph)
    picture.digraph.attr("graph", size="4")
    assert "size=4" in picture.source
    assert repr(picture) == "Diagram of L: 20 Values, 20 nodes, 21 edges"


# --------------------------------------------------------------------------------------- hostile labels


@can_render
@pytest.mark.parametrize("label", HOSTILE)
def test_labels_are_text_in_svg_and_dot(label):
    w, x = Value(2.0, label), Value(3.0, f"x{label}")
    loss = w * x
    loss.name = label
    picture = draw(loss, show=module.SHOWN)
    found, root = texts(picture.svg())
    tags = {e.tag.rpartition("}")[2] for e in root.iter()}
    assert tags <= {"svg", "g", "a", "title", "text", "path", "polygon", "polyline", "ellipse", "tspan"}
    assert not [name for e in root.iter() for name in e.attrib if name.lower().startswith("on")]
    shown = shortened(label)
    assert any((text or "").replace("\xa0", " ").startswith(shown.strip()) for text in found)
    assert all(c.isprintable() or c in "\n\t" for c in picture.source)
    assert picture._repr_html_().count("<") == 1


@can_render
@pytest.mark.parametrize("name", [*HOSTILE, "\ud800"])
def test_names_that_are_given_are_text_as_well(name, tmp_path):
    w = Value(2.0)
    names = {name: w}
    picture = draw(w * 3, names=names)
    found, _ = texts(picture.svg())
    assert shortened(name) in [(text or "").replace("\xa0", " ") for text in found] or name.strip() != name
    assert all(c.isprintable() or c in "\n\t" for c in picture.source)
    assert all(c.isprintable() or c == "\n" for c in str(tree(w * 3, names=names)))
    page = walk(w * 3, names=names).html
    assert page.count("<script") == page.count("</script>") == 2
    picture.save(tmp_path / "net.html")
    picture.save(tmp_path / "net.txt")


@can_render
def test_hostile_names_of_neurons():
    for label in HOSTILE:
        unit = (Value(1.0, "w") * Value(2.0, "x") + Value(3.0, "b")).tanh()
        unit.name = label
        found, _ = texts(draw(unit * 2).svg())
        assert found.count(shortened(label)) >= 1


# -------------------------------------------------------------------------------------------- rendering


@can_render
@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("PNG", b"\x89PNG"), ("pdf", b"%PDF")])
def test_pictures_are_saved(tmp_path, notes_loss, ending, start):
    path = draw(notes_loss).save(tmp_path / f"net.{ending}")
    assert path.read_bytes().startswith(start)
    assert [p.name for p in tmp_path.iterdir()] == [f"net.{ending}"]


def test_text_and_source_are_saved_without_graphviz(tmp_path, notes_loss, monkeypatch):
    without_dot(monkeypatch)
    without_pygraphviz(monkeypatch)
    picture = draw(notes_loss)
    assert picture.save(str(tmp_path / "net.dot")).read_text() == picture.source
    assert "w1_11" in (tmp_path / "net.txt").read_text() if picture.save(tmp_path / "net.txt") else False


def test_the_page_and_the_tree_know_what_the_picture_was_asked_for(tmp_path, monkeypatch):
    asked = {}

    def walk(root, **options):
        asked.update(options)
        return types.SimpleNamespace(html="<!doctype html>")

    monkeypatch.setitem(sys.modules, "autograd.pictures.explorer", types.SimpleNamespace(walk=walk))
    w = Value(2.0)
    x = Value(1 / 3)
    picture = draw(w * x + 1, fold="none", highlight=w, names={"w": w, "x": x}, until=1, precision=9)
    assert picture.save(tmp_path / "net.html").read_text() == "<!doctype html>"
    assert asked == {"names": {"w": w, "x": x}, "fold": "none", "highlight": w, "theme": None}
    draw(w * x, theme="dark").save(tmp_path / "net.html")
    assert asked["theme"] == "dark"
    text = picture.save(tmp_path / "net.txt").read_text()
    assert "1.66666667" in text
    assert "… 2 more" in text
    assert "x " in draw(w * x, names={"x": x}).save(tmp_path / "net.txt").read_text()


def without_dot(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")


def without_pygraphviz(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
def test_pygraphviz_takes_the_place_of_dot(monkeypatch, tmp_path, notes_loss, format):
    pytest.importorskip("pygraphviz", reason="pygraphviz is not installed")
    without_dot(monkeypatch)
    path = draw(notes_loss).save(tmp_path / f"net.{format}")
    assert path.stat().st_size > 2000
    if format == "svg":
        found, _ = texts(path.read_text())
        assert "w1_11" in found


def test_with_neither_the_error_names_both_ways(monkeypatch, tmp_path, notes_loss):
    without_dot(monkeypatch)
    without_pygraphviz(monkeypatch)
    with pytest.raises(MissingPackageError) as caught:
        draw(notes_loss).save(tmp_path / "net.svg")
    with pytest.raises(MissingPackageError):
        walk(notes_loss)
    assert "w1_11" in str(tree(notes_loss))
    for words in ("chalkgrad[render]", "dot", "apt install graphviz", "print(tree(loss))"):
        assert words in str(caught.value)
    assert [*tmp_path.iterdir()] == []


@can_render
def test_no_text_is_wider_than_its_node(notes_loss):
    """Monospace text is 0.6 em wide; the outline of each node must hold it, whoever laid it out."""
    _, root = texts(draw(notes_loss, show=module.SHOWN).svg())
    svg = "{http://www.w3.org/2000/svg}"
    checked = 0
    for group in root.iter(f"{svg}g"):
        if group.get("class") != "node":
            continue
        outlines = [
            e.get("points") or e.get("d") for e in group.iter() if e.tag in (f"{svg}polygon", f"{svg}path")
        ]
        xs = [float(x) for o in outlines for x, _ in re.findall(r"(-?[\d.]+),(-?[\d.]+)", o)]
        for text in group.iter(f"{svg}text"):
            size = float(text.get("font-size"))
            width = 0.6 * size * len(text.text)
            left = float(text.get("x")) - (width / 2 if text.get("text-anchor") == "middle" else 0)
            assert min(xs) <= left + 1
            assert left + width <= max(xs) + 1
            checked += 1
    assert checked > 50


@can_render
def test_a_notebook_gets_an_image_with_alternative_text(notes_loss):
    shown = draw(notes_loss)._repr_html_()
    encoded, alt = re.fullmatch(
        r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]*)" style="max-width: none">', shown
    ).groups()
    assert base64.b64decode(encoded).startswith(b"<?xml")
    assert html.unescape(alt).startswith("Computation graph of L = 625, a function of y, w2_11")
    assert not hasattr(draw(notes_loss), "_repr_mimebundle_")


def test_the_description_says_what_is_missing():
    net = MLP(30, [1])
    found = draw(net([Value(1.0, f"x{i}") for i in range(30)]), fold="neurons").description()
    assert ", ..." in found
    assert "no gradients yet" in found
    assert "folded to neurons" in found
    assert draw(Value(1.0) + 1).description().startswith("Computation graph of L = 2, a function")


@can_render
def test_600_nodes_are_drawn_in_less_than_a_second():
    loss = sum(Value(1.0, f"w{i}") * Value(2.0, f"x{i}") for i in range(150))
    start = time.process_time() + time.perf_counter()
    picture = draw(loss, fold="none")
    picture.svg()
    took = time.process_time() + time.perf_counter() - start
    assert len(picture.scene.nodes) > 600
    assert took < 6  # both clocks; a second is what it takes on an idle machine


def test_importing_autograd_loads_no_pictures():
    code = (
        "import autograd, sys; print([m for m in sys.modules if 'picture' in m or m in ('graphviz', 'rich')])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


# ------------------------------------------------------------------------------------------------ files


def test_another_ending_is_refused(tmp_path, notes_loss):
    with pytest.raises(SettingError, match=r"must end in one of \.svg, \.png, \.pdf, \.dot, \.txt, \.html"):
        draw(notes_loss).save(tmp_path / "net.jpg")


def test_a_file_is_replaced_in_one_step(tmp_path, notes_loss):
    path = tmp_path / "net.dot"
    path.write_text("old")
    path.chmod(0o640)
    draw(notes_loss).save(path)
    assert path.read_text().startswith("digraph")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, notes_loss, monkeypatch):
    path = tmp_path / "net.dot"
    path.write_text("old")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileAccessError, match=r"net\.dot"):
        draw(notes_loss).save(path)
    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_a_link_and_a_folder_are_refused(tmp_path, notes_loss):
    (tmp_path / "real.dot").write_text("old")
    (tmp_path / "link.dot").symlink_to(tmp_path / "real.dot")
    (tmp_path / "folder.dot").mkdir()
    for name in ("link.dot", "folder.dot", "no/such.dot", "nul\0.dot"):
        with pytest.raises(FileAccessError):
            draw(notes_loss).save(str(tmp_path / name))
    assert (tmp_path / "real.dot").read_text() == "old"


@can_render
def test_render_takes_source():
    assert b"<svg" in render("digraph { a -> b }", "svg")


@pytest.fixture
def fake_dot(tmp_path, monkeypatch):
    """Puts a program of the name `dot` in the place of the real one."""

    def put(script):
        path = tmp_path / "dot"
        path.write_text(f"#!{sys.executable}\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(rendering, "PROGRAM", str(path))

    return put


def test_a_layout_that_takes_too_long_is_given_up(fake_dot, monkeypatch):
    fake_dot("import time; time.sleep(20)")
    monkeypatch.setattr(rendering, "SECONDS", 0.2)
    with pytest.raises(PictureError, match=r"did not lay out the graph in 0.2 s; fold it .*until=3"):
        render("digraph {}", "svg")


def test_what_dot_says_is_told_in_one_line(fake_dot, notes_loss, tmp_path):
    fake_dot("import sys; sys.exit('Format: \"svg\" not\\nrecognized.')")
    with pytest.raises(PictureError, match=r'could not draw the graph: Format: "svg" not recognized\.$'):
        draw(notes_loss).save(tmp_path / "net.svg")
    assert not (tmp_path / "net.svg").exists()
    fake_dot("raise SystemExit(3)")
    with pytest.raises(PictureError, match="exit status 3"):
        render("digraph {}", "svg")
