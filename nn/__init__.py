"""Neurons, layers and MLPs made of Values."""

try:
    from autograd._install_guard import check as _check
except ModuleNotFoundError as error:  # an editable install beside HIPS autograd, which comes first on sys.path
    raise ImportError(
        "`import autograd` finds another package of that name instead of chalkgrad's: run "
        "`pip uninstall autograd`, or give chalkgrad an environment of its own"
    ) from error

_check()
