"""Pictures of computation graphs: Graphviz diagrams, a tree for the terminal, the explorer page, plots."""
