"""003: IQ, CGPA and package; a random row at each step, for a number of epochs."""

from random import Random

from _printing import DATA, console, heading, pyplot, save, say, table
from rich.tree import Tree

from autograd import Value, draw
from nn import MLP, SGD, Table, squared_error, train

students = Table.from_csv(DATA / "003_packages.csv")
print(f"\n{students}")

heading("The first row, with weights 1 and biases 0")
net = MLP(2, [2, 1], activation="linear", init="ones")
x, y = students.examples()[0]
yhat = net(x)
L = squared_error(yhat, y)
table(
    ["", "ŷ", "L = (y - ŷ)²"],
    [("the notes suppose", 17, squared_error(17, y)), ("the network says", yhat.data, L.data)],
)

heading("What ŷ depends on")


def parts(node):
    """The named Values that a node was computed from, looking through those without a name."""
    for x in node.operands:
        if isinstance(x, Value):
            yield from [x] if x.name else parts(x)


def grow(tree, node):
    for part in parts(node):
        grow(tree.add(part.name), part)
    return tree


console.print(grow(Tree("O21 = ŷ"), yhat))
say(f"""

    O21 depends on {len(list(parts(yhat)))} variables; two of them, O11 and O12, depend on more. At the
    ends stand {len(net.parameters())} weights and biases, each of which needs its gradient.
""")

heading("What a gradient means")
L.backward()
w = net.named_parameters()["w2_11"]
rows = []
for nudge in (1, 0.1, 0.01, 0.001):
    w.data += nudge
    nudged = squared_error(net(x), y)
    w.data -= nudge
    rows.append((f"{nudge}", nudged.data - L.data, (nudged.data - L.data) / nudge))
table(["w2_11 grows by", "L grows by", "per unit of w2_11"], rows)
O11 = next(part.data for part in parts(yhat) if part.name == "O11")
say(f"""
    The smaller the nudge, the nearer to ∂L/∂w2_11 = ∂L/∂ŷ · ∂ŷ/∂w2_11 = -2 (y - ŷ) · O11 =
    {-2 * (y - yhat.data):g} · {O11:g} = {-2 * (y - yhat.data) * O11:,.0f}; backward() says {w.grad:,.0f}.
""")

save(draw(L, highlight=w), "003_random_rows_graph.svg")

heading("A random row, a step; a random row, a step")
scaled = students.standardised()
rows = scaled.examples()
random = Random(3)
net = MLP(2, [2, 1], activation="linear", init="ones")
eta = 0.02
steps = []
for step in range(1, 10):
    i = random.randrange(len(rows))
    x, y = rows[i]
    loss = squared_error(net(x), y)
    net.zero_grad()
    loss.backward()
    for parameter in net.parameters():
        parameter.data -= eta * parameter.grad
    of_all = sum(squared_error(net(x), y).data for x, y in rows)
    steps.append((f"{step}", i + 1, loss.data, squared_error(net(x), y).data, of_all))
table(["step", "row", "its loss before", "and after the step", "loss of all rows"], steps)
say("""
    Every step lowers the loss of its own row. That of the others may grow, so the loss of all goes down
    by and by, not step by step. Three steps are an epoch here; and since rows are drawn at random, an
    epoch can see one row twice and another not at all.
""")

heading("Many epochs")
net = MLP(2, [2, 1], activation="linear", init="ones")
epochs = 200
history = train(
    net, scaled, loss=squared_error, optimizer=SGD(eta), order="random row", epochs=epochs, seed=3
)
table(
    ["mean loss in epoch", ""],
    [(f"{n}", history.epoch_losses[n - 1]) for n in (1, 2, 5, 10, 50, epochs)],
)
table(
    ["IQ", "CGPA", "Package", "prediction"],
    [(*row, scaled.unscale("Package", net(x).data)) for row, (x, _) in zip(students, rows, strict=True)],
)
say("Three students fix a plane, so a linear network can get all three right. Most tables are longer.")

plt = pyplot()
figure, axes = plt.subplots(figsize=(7, 4.2))
axes.plot(history.step_losses, ".", color="C7", markersize=3, label="one row, before its step")
axes.plot(range(0, 3 * epochs, 3), history.epoch_losses, label="mean of an epoch")
axes.set(title="Random rows", xlabel="step", ylabel="loss", yscale="log")
axes.legend()
save(figure, "003_random_rows.png")
