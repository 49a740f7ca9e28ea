"""The rules for all kinds of nodes: whoever imports this can `evaluate` any formula.

Each of these modules adds its rules to `evaluating.RULES`.
"""

from . import applying, cases, differentiating, index_sums, products

__all__ = ["applying", "cases", "differentiating", "index_sums", "products"]
