"""Notes in, verdicts out: the equations of a Markdown or LaTeX derivation, each held against the graph.

What happens between a file and its report (`checking`):

    reading     the formulas in the text, and each of them as what is typeset
    meaning     what is typeset as an expression, and what that is worth at a point
    defining    what the names stand for: definitions, front matter, conventions, sizes and shapes
    judging     a verdict on every step; evidence, counterexample and repair of what is wrong
    claiming    the steps of a formula together: a claim
    reports     terminal, JSON, Markdown, a page, explanations, corrected notes

What does not hold by all that the notes say is read again before it is called wrong (`rereading`): by what is
in force where it stands, by what stands near it, or by its section alone (`whereabouts`).
"""
