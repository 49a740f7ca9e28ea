"""Why a topological sort? The recursion that looks right, and what it gets wrong.

The chain rule is short: a node multiplies its gradient by its local derivative and adds the product to
the gradient of each operand. The one hard part is *when* a node may do so: not before its own gradient
is complete. This script runs three plausible orders beside the right one.
"""

from _printing import heading, save, say, table

from autograd import Value, draw, paths, topological_order

heading("A node that is used twice")
say("""
    b = a * 3 is an operand of both c = b * 2 and L = c + b. So a reaches L along two paths,
    and dL/da = 3 * 2 + 3 * 1 = 9.
""")

a = Value(2.0, "a")
b = a * 3
b.name = "b"
c = b * 2
c.name = "c"
L = c + b
L.name = "L"
for path in paths(a, L):
    print("    " + " -> ".join(node.name for node in path))


def edges(node):
    """The operands of a node that are Values, each with the local derivative by it."""
    return [(x, d) for x, d in zip(node.operands, node.local_derivatives, strict=True) if d is not None]


# Three recursions. Each keeps its gradients in a dict, so that they do not disturb one another.


def recurse_at_once(node, grads):
    """Hand the gradient on as soon as some of it has arrived, every time some of it arrives."""
    for x, d in edges(node):
        grads[x] = grads.get(x, 0) + d * grads[node]
        recurse_at_once(x, grads)


def recurse_once(node, grads, seen):
    """The same, but visit no node twice."""
    seen.add(node)
    for x, d in edges(node):
        grads[x] = grads.get(x, 0) + d * grads[node]
        if x not in seen:
            recurse_once(x, grads, seen)


calls = 0


def recurse_along_paths(node, arriving, grads):
    """Hand on only what has just arrived: one walk for every path. Right, and hopeless."""
    global calls
    calls += 1
    grads[node] = grads.get(node, 0) + arriving
    for x, d in edges(node):
        recurse_along_paths(x, d * arriving, grads)


def in_topological_order(root):
    """Results before operands: a gradient is handed on when nothing can be added to it any more."""
    grads = {root: 1}
    for node in reversed(topological_order(root)):
        for x, d in edges(node):
            grads[x] = grads.get(x, 0) + d * grads[node]
    return grads


at_once, once, along_paths = {L: 1}, {L: 1}, {}
recurse_at_once(L, at_once)
recurse_once(L, once, set())
recurse_along_paths(L, 1, along_paths)
ordered = in_topological_order(L)
L.backward()

table(
    ["order", "dL/dc", "dL/db", "dL/da", ""],
    [
        (name, g[c], g[b], g[a], "right" if g[a] == a.grad else "wrong")
        for name, g in [
            ("recurse at once", at_once),
            ("recurse, no node twice", once),
            ("recurse along every path", along_paths),
            ("topological order", ordered),
        ]
    ],
)
say(f"""
    At once: b receives 2 from c and hands it to a. Then b receives 1 from L and hands on the sum, 3, of
    which a has had 2 already: {at_once[a]:g} instead of {a.grad:g}.

    No node twice: b hands on the 2 from c, is crossed off, and the 1 from L never gets to a: {once[a]:g}.

    In topological order b comes after both c and L, so it hands on its gradient once, complete. These
    are the steps of backward():
""")
for step in L.backward_steps():
    print(f"    {step}")

save(draw(L), "why_topological_order_graph.svg", "why_topological_order_walk.html")

heading("Why not along every path, then?")
say("Because there are too many. In a chain of n doublings, x = x + x, the number of paths is 2^n:")

rows = []
for n in (1, 5, 10, 15):
    x = top = Value(1.0, "x")
    for _ in range(n):
        top = top + top
    calls, grads = 0, {}
    recurse_along_paths(top, 1, grads)
    top.backward()
    steps = sum(1 for _ in top.backward_steps())
    rows.append((n, grads[x], calls, x.grad, steps))
table(["n", "dL/dx by paths", "calls", "dL/dx by backward()", "steps"], rows)

heading("Why not a recursive sort?")
depth = 100_000
x = top = Value(1.0, "x")
for _ in range(depth):
    top = top + 1
try:
    recurse_once(top, {top: 1}, set())
except RecursionError as error:
    say(f"In a chain of {depth:,} additions, any recursion ends so: RecursionError: {error}.")
top.backward()
say(f"backward() keeps its own stack, and finds dL/dx = {x.grad:g}.")
