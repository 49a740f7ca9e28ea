"""`chalkgrad draw`."""

import pytest
from click.testing import CliRunner

from autograd.commands.draw import draw
from autograd.errors import SettingError


def run(*words):
    """What the command prints; its own errors come out as they are."""
    result = CliRunner().invoke(draw, words, catch_exceptions=False, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.output


@pytest.fixture
def own_file(tmp_path):
    path = tmp_path / "loss.py"
    path.write_text(
        'from autograd import Value\nw = Value(2.0, "w")\n'
        "def loss(x, power=2): return sum((w * a - 1) ** power for a in x)\n"
        "def number(x): return 3\ndef broken(x): return x.nothing\n"
    )
    return path


def test_a_network_is_printed_as_a_tree():
    text = run("--layers", "2,2,1", "--at", "x1=8,x2=7", "--at", "y=5,w1_11=0.5")
    assert "w1_11" in text
    assert "8 * " in text  # d O11 / d w1_11
    assert run("--layers", "2,2,1", "--seed", "2") != run("--layers", "2,2,1")
    assert "–" in run("--layers", "2,1", "--no-backward")
    assert run("--layers", "2,1", "--until", "1").count("more") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--activation", "tanh,relu", "--output", "sigmoid", "--names", "numbered"),
        ("--loss", "binary_cross_entropy"),
    ],
)
def test_networks(words):
    assert "L" in run("--layers", "2,3,3,1" if "numbered" in words else "2,1", *words)
    for names in ("layered", "numbered"):
        assert "w" in run("--layers", "2,3", "--loss", "cross_entropy", "--names", names).casefold()


def test_files_are_written(tmp_path):
    files = [str(tmp_path / name) for name in ("net.dot", "net.txt")]
    options = [
        "--highlight",
        "w1_11",
        "--fold",
        "none",
        "--direction",
        "TB",
        "--show",
        "values",
        "--theme",
        "dark",
    ]
    assert run("--layers", "2,2,1", *options, *files) == ""
    assert "rankdir=TB" in (tmp_path / "net.dot").read_text()
    assert "w1_11" in (tmp_path / "net.txt").read_text()


def test_a_function_in_a_file(own_file):
    text = run("--function", f"{own_file}:loss", "--size", "x=2", "--at", "x1=3,w=1")
    assert "x1" in text
    assert "L +" in text
    assert " 4 " in text  # d/dx1 (x1 - 1)^2 at 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--layers", "2,2,1", "--fold", "neuron"], "--fold"),
        (["--layers", "2,2,1", "--at", "q=1"], "--at: nothing is named 'q'; there are"),
        (["--layers", "2,2,1", "--at", "x1=1,2"], "2 numbers given, and it takes one"),
        (["--layers", "2,2,1", "--size", "x=2"], "belongs to --function"),
        (["--layers", "2,1", "--loss", "cross_entropy"], "only one output"),
        (["--layers", "2,2,1", "--activation", "f"], "f has no numbers to draw"),
        (["--layers", "2,2,1", "--highlight", "w9", "a.dot"], "--highlight: .*nothing of this name"),
        (["--layers", "2,2,1", "a.jpg"], "must end in one of"),
        (["--function", "FILE:loss", "--layers", "2,1"], "--layers: '2,1' is for a network"),
        (["--function", "FILE:number"], "it gave 3, and no Value"),
    ],
)
def test_what_cannot_be(own_file, words, message):
    with pytest.raises(SettingError, match=message):
        run(*[word.replace("FILE", str(own_file)) for word in words])
