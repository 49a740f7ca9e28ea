"""The page of all pictures."""

import re

from autograd.pictures.gallery import gallery


def test_every_picture_is_shown_and_every_page_linked(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in (
        "000_a.png",
        "000_a.html",
        "001_b.svg",
        "sub/tree.txt",
        ".hidden.png",
        "note.bin",
        "index.html",
    ):
        (tmp_path / name).write_text("x")
    page = gallery(tmp_path, {"000": "The <first>"}).read_text()
    assert re.findall(r'<img src="([^"]+)" alt="([^"]+)"', page) == [
        ("000_a.png", "000 a"),
        ("001_b.svg", "001 b"),
    ]
    assert '<a href="000_a.html">000 a</a> (page)' in page
    assert 'href="sub/tree.txt"' in page
    assert "The &lt;first&gt;" in page
    assert ".hidden" not in page
    assert "note.bin" not in page
    assert "<nav" in page
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_hostile_file_names(tmp_path):
    name = '"><script>alert(1)<.png'.replace("/", "")
    (tmp_path / name).write_text("x")
    page = gallery(tmp_path).read_text()
    assert "<script" not in page
    assert 'src="%22%3E%3Cscript%3Ealert%281%29%3C.png"' in page


def test_a_folder_without_pictures(tmp_path):
    assert "no pictures yet" in gallery(tmp_path).read_text()
