"""Refuse to run beside another distribution that owns an import name of ours.

PyPI has another `autograd` (HIPS autograd) and another `nn`. pip writes one over the other without a
word, and uninstalling either takes `__init__.py` with it, so that half a package is left. Whichever
`__init__.py` of ours is still there calls `check()` before anything else.
"""

import os
import sys
from collections.abc import Iterable

from autograd.errors import InstallClashError

_NAMES = ("autograd", "nn")
_MARKER = "core.py"  # both others have a file of this name; we never do
_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # the folder that holds both packages


def check(home: str = _HOME, search_path: Iterable[str] | None = None) -> None:
    """Raise `InstallClashError` if an import name of ours is not ours alone.

    `home` is the folder that holds `autograd/` and `nn/`; `search_path` is where installed
    distributions are looked for (`sys.path` if not given).
    """
    for name, version, folder in _other_owners(sys.path if search_path is None else search_path):
        raise InstallClashError(
            f"{name} {version} in {folder} is another distribution with the import name '{name}', and pip "
            f"installs one over the other. Run `pip uninstall {name}`, then install chalkgrad again with "
            "`pip install --force-reinstall`; or give chalkgrad an environment of its own"
        )
    for name in _NAMES:
        package = os.path.join(home, name)
        if os.path.exists(os.path.join(package, _MARKER)):
            raise InstallClashError(
                f"{package} holds {_MARKER}, which belongs to another package called '{name}' and not to "
                "chalkgrad. Install chalkgrad in an environment of its own"
            )
        if os.path.isdir(package) and not os.path.exists(os.path.join(package, "__init__.py")):
            raise InstallClashError(
                f"{package} has lost its __init__.py, as happens when another package called '{name}' is "
                "uninstalled. Install chalkgrad again with `pip install --force-reinstall`"
            )


def _other_owners(search_path: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    """Yield ("autograd", "1.9.1", folder) for each installed distribution that has a name of ours.

    The same question put to importlib.metadata costs 15 to 50 ms, nearly all of it the import of that
    module; reading the folders takes 0.4 ms.
    """
    for folder in search_path:
        try:
            entries = os.listdir(folder or os.curdir)
        except OSError:  # a zip file, or not there at all
            continue
        for entry in entries:
            stem, suffix = os.path.splitext(entry)
            name, _, version = stem.partition("-")
            if suffix in (".dist-info", ".egg-info") and name.lower() in _NAMES:
                yield name.lower(), version, folder
