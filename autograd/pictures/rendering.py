"""Graphviz at work: by the program `dot` if there is one, else by pygraphviz."""

from __future__ import annotations

import subprocess

from ..errors import MissingPackageError, PictureError

__all__ = ["render"]

PROGRAM = "dot"
SECONDS = 60
"""A picture that takes `dot` longer is given up."""


def render(source: str, format: str) -> bytes:
    """What Graphviz makes of DOT source, such as "svg", "png", "pdf" or "json0".

    Raises `MissingPackageError` where there is neither `dot` nor pygraphviz, and `PictureError` where `dot`
    fails or takes more than `SECONDS`.

    >>> render("digraph { a -> b }", "plain").decode().split()[0]
    'graph'
    """
    try:
        done = subprocess.run(
            [PROGRAM, f"-T{format}"],
            input=source.encode(),
            capture_output=True,
            timeout=SECONDS,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # on Windows a console would flash up
        )
    except (FileNotFoundError, PermissionError):
        return _without_dot(source, format)
    except subprocess.TimeoutExpired as error:
        raise PictureError(
            f"`dot` did not lay out the graph in {SECONDS} s; fold it (fold='neurons' or 'layers'), "
            "show less of it (until=3), or print(tree(loss))"
        ) from error
    if done.returncode or not done.stdout:
        said = " ".join(done.stderr.decode(errors="replace").split())[:200]
        raise PictureError(f"`dot` could not draw the graph: {said or f'exit status {done.returncode}'}")
    return done.stdout


def _without_dot(source: str, format: str) -> bytes:
    try:
        import pygraphviz
    except ImportError as error:
        raise MissingPackageError(
            "a picture needs Graphviz: either `pip install 'chalkgrad[render]'`, which brings it along, or "
            "the program `dot` (`apt install graphviz`, `brew install graphviz`); "
            "`print(tree(loss))` needs neither"
        ) from error
    return pygraphviz.AGraph(string=source).draw(format=format, prog="dot")  # type: ignore[no-any-return]
