"""Notes in, verdicts out: the equations of a Markdown or LaTeX derivation, each held against the graph."""
