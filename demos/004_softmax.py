"""004: softmax with cross-entropy for several classes, and sigmoid as its case of two."""

from math import log

from _printing import heading, save, say, table

from autograd import Value, dot, draw, jacobian, sigmoid, softmax
from autograd import sum as total


def cross_entropy(y, a):
    return -total(y_k * a_k.log() for y_k, a_k in zip(y, a, strict=True))


def binary_cross_entropy(y, a):
    return -(y * a.log() + (1 - y) * (1 - a).log())


heading("Softmax with cross-entropy: a = (0.7, 0.2, 0.1), y = (1, 0, 0)")
y = [1, 0, 0]
z = [Value(log(p), f"z{k}") for k, p in enumerate((0.7, 0.2, 0.1), start=1)]  # the softmax of log p is p
a = softmax(z)
J1 = cross_entropy(y, a)
J1.backward()
for k, a_k in enumerate(a, start=1):
    a_k.name = f"a{k}"
J1.name = "J1"
save(draw(J1), "004_softmax_graph.svg", "004_softmax_walk.html")
of_softmax = [z_k.grad for z_k in z]

for z_k in z:
    z_k.grad = 0
total(binary_cross_entropy(y_k, a_k) for y_k, a_k in zip(y, a, strict=True)).backward()
of_neurons = [z_k.grad for z_k in z]

table(
    ["class", "a", "y", "a - y", "∂J/∂z of J1", "∂J/∂z of J2"],
    [(f"{k + 1}", a[k].data, y[k], a[k].data - y[k], of_softmax[k], of_neurons[k]) for k in range(3)],
)
say("""
    J1 = -Σ y_k log a_k has the gradient a - y. J2 adds up the single neuron's J over the classes, and
    its gradient is another. The notes never say which J they mean: for softmax it has to be J1.

    Their "long mathematical proof" is this matrix, a_j (1 - a_j) on the diagonal and -a_j a_k beside
    it. Its columns add up to 0, since the outputs always add up to 1:
""")
matrix = jacobian(softmax)([z_k.data for z_k in z])
table(["", "by z1", "by z2", "by z3"], [(f"∂a{j + 1}", *matrix[j]) for j in range(3)])

heading("The shape of ∂J/∂w: (k, 1) times (1, d) is (k, d)")
x = [2.0, 4.0]
w = [[Value(0.0) for _ in range(2)] for _ in range(3)]
b = [Value(log(p)) for p in (0.7, 0.2, 0.1)]
a = softmax([dot(w_k, x) + b_k for w_k, b_k in zip(w, b, strict=True)])
cross_entropy(y, a).backward()
table(
    ["class", "∂J/∂w, x1 = 2", "∂J/∂w, x2 = 4", "∂J/∂b"],
    [(f"{k + 1}", w[k][0].grad, w[k][1].grad, b[k].grad) for k in range(3)],
)
say("""
    Each row is (a_k - y_k) x^T: 3 classes and 2 inputs make 3 x 2, as the notes say. The x that they
    write beside it has three entries, and would make 3 x 3.
""")

heading("Sigmoid is softmax for two classes")
say("e^zA / (e^zA + e^zB) = 1 / (1 + e^-(zA - zB)), so both columns and both derivatives agree:")
rows = []
for z_A, z_B in [(0.0, 0.0), (2.0, 0.5), (-1.0, 3.0)]:
    A, B, difference = Value(z_A), Value(z_B), Value(z_A - z_B)
    of_two, of_difference = softmax([A, B])[0], sigmoid(difference)
    of_two.backward()
    of_difference.backward()
    rows.append((z_A, z_B, of_two.data, of_difference.data, A.grad, difference.grad))
table(["zA", "zB", "softmax(zA, zB)", "σ(zA - zB)", "its ∂/∂zA", "its σ'"], rows)
