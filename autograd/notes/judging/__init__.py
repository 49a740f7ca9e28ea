"""Verdicts on every step, and for wrong ones the right formula, a counterexample and a repair."""
