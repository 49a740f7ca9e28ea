"""Notes to formulas, and a formula to what is typeset: nothing has a meaning yet."""
