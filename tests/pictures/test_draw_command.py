"""`chalkgrad draw`."""

import pytest
from click.testing import CliRunner

from autograd.commands.draw import draw
from autograd.errors import FileFormatError, SettingError


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


def test_nothing_is_written_where_one_of_the_files_cannot_be(tmp_path):
    with pytest.raises(SettingError, match="must end in one of"):
        run("--layers", "2,2,1", str(tmp_path / "a.dot"), str(tmp_path / "b.doc"))
    assert [*tmp_path.iterdir()] == []


def test_highlight_needs_a_file():
    with pytest.raises(SettingError, match="--highlight 'w1_11': the tree marks nothing; name a FILE"):
        run("--layers", "2,2,1", "--highlight", "w1_11")


def test_a_seed_may_be_0():
    assert run("--layers", "2,2,1", "--seed", "0") != run("--layers", "2,2,1", "--seed", "1")


def test_arguments_are_those_that_derive_takes(tmp_path):
    path = tmp_path / "loss.py"
    path.write_text(
        'from autograd import *\nw = Value(2.0, "w")\n'
        "def by_keyword(x, *, y): return (w * x - y) ** 2\n"
        "def of_many(*x): return x[0]\n"
        "def of_a_list(x): return sum(x) * w\n"
    )
    assert "x  " in run("--function", f"{path}:by_keyword")
    for name, words, message in [
        ("of_many", [], "a fixed list of arguments"),
        ("of_a_list", ["--size", "z=3"], "a size was given for 'z', but the arguments are x"),
        ("of_lists", [], r"did you mean of_a_list\?"),
        ("zzz", [], "it has by_keyword, of_many, of_a_list$"),
    ]:
        with pytest.raises(SettingError, match=message):
            run("--function", f"{path}:{name}", *words)
    with pytest.raises(FileFormatError, match=r"not iterable; .* with --size NAME=N"):
        run("--function", f"{path}:of_a_list")
