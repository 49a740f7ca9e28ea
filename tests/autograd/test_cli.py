"""The `chalkgrad` command."""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autograd import cli
from autograd.errors import InstallClashError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, arguments)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with two demos, which the command takes for the one it lives in."""
    (tmp_path / "pyproject.toml").touch()
    demos = tmp_path / "demos"
    demos.mkdir()
    (demos / "000_writes.py").write_text(
        '"""Writes a file.\n\nMore."""\nimport sys\nopen("out/made", "w").write(sys.executable)\n'
    )
    (demos / "003_fails.py").write_text("raise SystemExit(3)\n")
    monkeypatch.setattr(cli, "__file__", str(tmp_path / "autograd" / "cli.py"))
    return tmp_path


def test_version() -> None:
    assert version("chalkgrad") in run("--version").stdout


def test_demo_list_shows_headlines_and_runs_nothing(clone: Path) -> None:
    result = run("demo", "--list")
    assert result.exit_code == 0
    assert result.stdout == "000_writes  Writes a file.\n003_fails   \n"
    assert not (clone / "out").exists()


def test_demo_runs_in_the_clone_with_this_python(clone: Path) -> None:
    result = run("demo", "000")
    assert result.exit_code == 0
    assert "000_writes: Writes a file." in result.stdout
    assert (clone / "out" / "made").read_text() == sys.executable


def test_demo_stops_at_the_one_that_fails_and_names_it(clone: Path) -> None:
    (clone / "demos" / "004_never.py").write_text('open("out/never", "w")\n')
    result = run("demo")
    assert result.exit_code == 1
    assert "demos/003_fails.py failed with exit status 3" in result.stderr
    assert (clone / "out" / "made").exists()
    assert not (clone / "out" / "never").exists()


def test_unknown_demo_is_refused_with_the_nearest(clone: Path) -> None:
    result = run("demo", "000", "003_fials")
    assert result.exit_code == 2
    assert result.stderr == "chalkgrad: no demo starts with '003_fials'; the nearest is '003_fails'\n"
    assert not (clone / "out").exists()


def test_installed_without_demos_says_where_they_are(clone: Path) -> None:
    (clone / "pyproject.toml").unlink()
    result = run("demo")
    assert result.exit_code == 2
    assert "clone of the repository" in result.stderr


def test_install_clash_is_one_plain_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def clash() -> None:
        raise InstallClashError("two\nlines")

    monkeypatch.setattr(cli, "check", clash)
    result = run("demo")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "chalkgrad: two lines\n")
