"""004: one sigmoid neuron with binary cross-entropy, and the mean over n points."""

from math import log

from _printing import heading, save, say, table

from autograd import Value, dot, draw, mean, sigmoid


def binary_cross_entropy(y, a):
    return -(y * a.log() + (1 - y) * (1 - a).log())


heading("One neuron, one point: a = 0.7, y = 1")
say("""
    w is (1, d) and x is (d, 1), so z = w x + b and a = σ(z) are (1, 1), and J is a scalar. Here d = 2,
    and w, x, b are such that a = 0.7.
""")

w = [Value(0.5, "w1"), Value(-0.25, "w2")]
x = [2.0, 4.0]
b = Value(log(0.7 / 0.3), "b")
y = Value(1.0, "y")

z = dot(w, x) + b
a = sigmoid(z)
J = binary_cross_entropy(y, a)
z.name, a.name, J.name = "z", "a", "J"
J.backward()

(da_dz,) = a.local_derivatives
table(
    ["", "formula", "by hand", "the graph"],
    [
        ("∂J/∂a", "-(y / a + (1 - y) / (a - 1))", -(1 / 0.7), a.grad),
        ("∂a/∂z", "a (1 - a)", 0.7 * 0.3, da_dz),
        ("∂J/∂z", "a - y", 0.7 - 1, z.grad),
        ("∂J/∂w1", "(a - y) x1", (0.7 - 1) * 2, w[0].grad),
        ("∂J/∂w2", "(a - y) x2", (0.7 - 1) * 4, w[1].grad),
        ("∂J/∂b", "a - y", 0.7 - 1, b.grad),
        ("∂J/∂y", "log(1 - a) - log(a)", log(0.3) - log(0.7), y.grad),
    ],
)
say("""
    The fractions cancel, and a - y is left: the neuron says 0.7, the label says 1. The notes call this
    -0.3 "Δw/Δx" and "∂J/∂y"; it is ∂J/∂z, and so ∂J/∂b. What ∂J/∂y is stands in the last row.
""")

save(draw(J), "004_neuron_graph.svg", "004_neuron_walk.html")

alpha = 0.1
for parameter in [*w, b]:
    parameter.data -= alpha * parameter.grad
say(f"After one update with α = {alpha} the neuron says a = {sigmoid(dot(w, x) + b).data:.4f}.")

heading("Many points: the mean of (a_i - y_i) x_i^T")
points = [([1.0, 2.0], 1), ([2.0, -1.0], 0), ([-1.0, 0.5], 0), ([0.5, 1.5], 1)]
n = len(points)
w, b = [Value(0.3), Value(-0.1)], Value(0.2)
outputs = [sigmoid(dot(w, x) + b) for x, _ in points]
J = mean(binary_cross_entropy(y, a) for (_, y), a in zip(points, outputs, strict=True))
J.backward()

errors = [a.data - y for (_, y), a in zip(points, outputs, strict=True)]  # A - Y
products = [sum(e * x[i] for e, (x, _) in zip(errors, points, strict=True)) for i in range(2)]  # (A - Y) X^T
table(
    ["", "(A - Y) X^T", "divided by n", "the graph"],
    [
        ("∂J/∂w1", products[0], products[0] / n, w[0].grad),
        ("∂J/∂w2", products[1], products[1] / n, w[1].grad),
        ("∂J/∂b", sum(errors), sum(errors) / n, b.grad),
    ],
)
say(f"""
    A mean needs its 1/n. The notes leave it out of the matrix form ("take mean in code"); without it
    the step is n = {n} times as long.
""")
