"""The guard against other packages called `autograd` or `nn`."""

from pathlib import Path

import pytest

from autograd._install_guard import check
from autograd.errors import ChalkgradError, InstallClashError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder laid out as site-packages is when only chalkgrad is installed."""
    for name in ("autograd", "nn"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    for neighbour in ("chalkgrad-0.1.0.dist-info", "autograd_gamma-0.5.0.dist-info", "nn_utils-1.egg-info"):
        (tmp_path / neighbour).mkdir()
    return tmp_path


def test_this_installation_passes() -> None:
    check()


def test_chalkgrad_alone_passes(home: Path) -> None:
    check(str(home), [str(home), str(home / "nowhere"), str(home / "autograd" / "__init__.py")])


@pytest.mark.parametrize(
    ("entry", "owner"),
    [
        ("autograd-1.9.1.dist-info", "autograd 1.9.1"),
        ("nn-0.1.1.egg-info", "nn 0.1.1"),
        ("NN-2-py3.11.egg-info", "nn 2-py3.11"),
    ],
)
def test_another_distribution_is_named_with_its_cure(home: Path, entry: str, owner: str) -> None:
    (home / entry).mkdir()
    with pytest.raises(InstallClashError) as caught:
        check(str(home), [str(home)])
    message = str(caught.value)
    assert owner in message
    assert str(home) in message
    assert f"pip uninstall {owner.split()[0].lower()}`" in message
    assert "environment of its own" in message


def test_current_folder_is_searched(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "nn-0.1.1.dist-info").mkdir()
    monkeypatch.chdir(home)
    with pytest.raises(InstallClashError, match=r"nn 0\.1\.1"):
        check(str(home), [""])


@pytest.mark.parametrize("name", ["autograd", "nn"])
def test_file_of_the_other_package_is_found(home: Path, name: str) -> None:
    (home / name / "core.py").touch()
    with pytest.raises(InstallClashError, match=r"holds core\.py"):
        check(str(home), [])


@pytest.mark.parametrize("name", ["autograd", "nn"])
def test_half_a_package_is_found(home: Path, name: str) -> None:
    (home / name / "__init__.py").unlink()
    with pytest.raises(InstallClashError, match=f"'{name}' is uninstalled"):
        check(str(home), [])


def test_the_error_is_an_import_error_and_ours() -> None:
    assert issubclass(InstallClashError, ImportError)
    assert issubclass(InstallClashError, ChalkgradError)
