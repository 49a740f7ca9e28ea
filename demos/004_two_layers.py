"""004: two layers: the chain of five factors, and a boundary that one neuron cannot draw."""

from _printing import heading, load, number, pyplot, save, say, table

from autograd import Value, draw, sigmoid
from autograd.pictures.plots import plot_decision
from nn import MLP, Adam, binary_cross_entropy_with_logit, train

plt = pyplot()
moons = load("sklearn.datasets").make_moons

heading("One unit after another: five factors")
w1, b1, w2, b2 = Value(0.8, "w1"), Value(0.1, "b1"), Value(-1.2, "w2"), Value(0.4, "b2")
x = 1.5

Z1 = w1 * x + b1
A1 = sigmoid(Z1)
Z2 = A1 * w2 + b2
A2 = sigmoid(Z2)
J = -A2.log()  # binary cross-entropy for y = 1
Z1.name, A1.name, Z2.name, A2.name, J.name = "Z1", "A1", "Z2", "A2", "J"
J.backward()

factors = [
    ("∂J/∂A2", "-1 / A2", -1 / A2.data),
    ("∂A2/∂Z2", "A2 (1 - A2)", A2.data * (1 - A2.data)),
    ("∂Z2/∂A1", "w2", w2.data),
    ("∂A1/∂Z1", "A1 (1 - A1)", A1.data * (1 - A1.data)),
    ("∂Z1/∂w1", "x", x),
]
product = 1.0
for _, _, factor in factors:
    product *= factor
table(["factor", "formula", "number"], factors)
say(f"""
    Their product is {number(product)}, and backward() finds ∂J/∂w1 = {number(w1.grad)}. It multiplies
    the same factors, one edge of the graph at a time (v1 to v3 are the nodes without a name):
""")
for step in J.backward_steps():
    print(f"    {step}")

save(draw(J, highlight=w1), "004_two_layers_graph.svg", "004_two_layers_walk.html")

heading("Two moons: a boundary that is not a line")
X, Y = moons(n_samples=300, noise=0.15, random_state=0)
points = [(list(map(float, x)), int(y)) for x, y in zip(X, Y, strict=True)]
points, held_out = points[:100], points[100:]
nets = {
    "one neuron": MLP(2, [1], seed=1),
    "8 linear units, then one": MLP(2, [8, 1], activation="linear", seed=1),
    "8 tanh units, then one": MLP(2, [8, 1], activation="tanh", seed=1),
}


def accuracy(net, points):
    """The output is z; class 1 is where a = σ(z) > 1/2, and that is where z > 0."""
    right = sum((net(x) > 0) == (y == 1) for x, y in points)
    return f"{right / len(points):.1%}"


rows = []
for name, net in nets.items():
    history = train(
        net,
        points,
        loss=binary_cross_entropy_with_logit,
        optimizer=Adam(0.05),
        batch_size=10,
        epochs=40,
        order="shuffled",
    )
    rows.append((name, history.epoch_losses[-1], accuracy(net, points), accuracy(net, held_out)))
table(["", "mean loss", "right of 100", "of 200 held out"], rows)
say("""
    One neuron draws a line, and so do any number of linear layers: a sum of sums is a sum. It takes a
    layer with a bend in it, tanh(x w1 + b1), to draw a curve. Shaded is where the network says class 1:
""")

nets = {"one neuron": nets["one neuron"], "8 tanh units, then one": nets["8 tanh units, then one"]}
columns, lines = 36, 16
x1s = [-1.5 + 4.1 * i / (columns - 1) for i in range(columns)]
x2s = [1.4 - 2.4 * j / (lines - 1) for j in range(lines)]
pictures = []
for net in nets.values():
    picture = [["░" if net([x1, x2]) > 0 else " " for x1 in x1s] for x2 in x2s]
    for (x1, x2), y in points:
        picture[round((1.4 - x2) / 2.4 * (lines - 1))][round((x1 + 1.5) / 4.1 * (columns - 1))] = "ox"[y]
    pictures.append(["".join(line) for line in picture])
print("  " + "    ".join(name.center(columns) for name in nets))
for line in zip(*pictures, strict=True):
    print("  " + "    ".join(line))
print()

figure, panels = plt.subplots(1, 2, figsize=(10, 4.2))
for panel, (name, net) in zip(panels, nets.items(), strict=True):
    plot_decision(lambda x, net=net: sigmoid(net(x).data), points, panel)
    panel.set_title(name)
save(figure, "004_two_layers.png")
