"""002: IQ, gpa and salary row by row; weights 1, biases 0; each gradient beside its formula."""

from fractions import Fraction

from _printing import DATA, heading, number, pyplot, save, say, table

from autograd import Value, draw, topological_order, walk
from autograd.errors import DivergedError
from nn import MLP, SGD, Table, squared_error, train

students = Table.from_csv(DATA / "002_salaries.csv", number=Fraction)  # exact: 3.5 is 7/2


def network(init="ones"):
    return MLP(2, [2, 1], activation="linear", init=init, seed=3)


def gradients(net, x, y):
    """The loss of a row, the values on the way to it, and nine gradients: by hand, and by the graph."""
    net.zero_grad()
    L = squared_error(net(x), y)
    L.name = "L"
    L.backward()
    v = {node.name: node.data for node in topological_order(L)}  # by the names of the notes
    xi1, xi2 = x
    dL_dyhat = -2 * (y - v["yhat"])
    by_hand = [
        ("w2_21", "-2 (y - ŷ) o12", dL_dyhat * v["O12"]),
        ("w2_11", "-2 (y - ŷ) o11", dL_dyhat * v["O11"]),
        ("b21", "-2 (y - ŷ)", dL_dyhat),
        ("w1_11", "-2 (y - ŷ) w2_11 xi1", dL_dyhat * v["w2_11"] * xi1),
        ("w1_21", "-2 (y - ŷ) w2_11 xi2", dL_dyhat * v["w2_11"] * xi2),
        ("b11", "-2 (y - ŷ) w2_11", dL_dyhat * v["w2_11"]),
        ("w1_12", "-2 (y - ŷ) w2_21 xi1", dL_dyhat * v["w2_21"] * xi1),
        ("w1_22", "-2 (y - ŷ) w2_21 xi2", dL_dyhat * v["w2_21"] * xi2),
        ("b12", "-2 (y - ŷ) w2_21", dL_dyhat * v["w2_21"]),
    ]
    graph = {name: p.grad for name, p in net.named_parameters().items()}
    return L, v, by_hand, graph


heading("Steps 0 to 3: initialise, select a row, predict, loss")
x, y = students.examples()[0]
L, v, by_hand, graph = gradients(network().convert(Fraction), x, y)
table(
    ["IQ", "gpa", "Salary y", "o11", "o12", "ŷ", "L = (y - ŷ)²"],
    [(*x, y, v["O11"], v["O12"], v["yhat"], L.data)],
)
say("""
    The notes suppose that the network predicts 60, so that the loss is (40 - 60)² = 400. With weights 1
    and biases 0 it predicts IQ + gpa, twice over.
""")

heading("Step 4: nine gradients")
table(
    ["", "∂L/∂ by hand", "=", "backward()", "equal"],
    [(name, text, hand, graph[name], "yes" if hand == graph[name] else "NO") for name, text, hand in by_hand],
)
net = network("uniform").convert(Fraction)
_, _, random_hand, random_graph = gradients(net, x, y)
equal = sum(hand == random_graph[name] for name, _, hand in random_hand)
say(f"""
    Equal to the last digit: these are fractions, and nothing is rounded. But where all weights are 1, a
    formula with the wrong weight looks right too. At random weights {equal} of the 9 are equal.

    This is how backward() gets there, edge by edge (the v's are nodes without a name):
""")
for step in L.backward_steps():
    print(f"  {step}")

save(
    draw(L, fold="neurons", show=["formulas", "values", "gradients", "locals"]),
    "002_row_by_row_network.svg",
)

heading("Where these notes slip")
yhat, (xi1, xi2) = v["yhat"], x
table(
    ["", "as noted", "=", "backward()", "what happened"],
    [
        ("w2_21", "-2 (ŷ - ŷ) o12", -2 * (yhat - yhat) * v["O12"], graph["w2_21"], "ŷ for y"),
        ("w1_12", "-2 (y - ŷ) w2_21 xi2", -2 * (y - yhat) * xi2, graph["w1_12"], "that is w1_22"),
        ("w1_11", "-2 (ŷ - y) w2_11 xi1", -2 * (yhat - y) * xi1, graph["w1_11"], "the sign"),
        ("b21", "-2 (ŷ - y) w2_21", -2 * (yhat - y), graph["b21"], "sign; that is b12"),
    ],
)

heading("Step 5: w = w - η ∂L/∂w, for every row, epoch after epoch")
students = Table.from_csv(DATA / "002_salaries.csv")  # floats from here on
curves = {}
for eta in (0.01, 0.00001):
    try:
        history = train(network(), students, loss=squared_error, optimizer=SGD(eta), epochs=100)
        curves["unscaled"] = history.epoch_losses
        say(f"η = {eta:f}: no overflow, but look at the losses in the table below.")
    except DivergedError as error:
        losses = ", ".join(number(loss, 0) for loss in error.history.step_losses)
        say(f"η = {eta}: the losses of the rows are {losses}. Then: {error}.")
say("""
    IQ is 20 times as large as gpa, so an η that IQ can stand is far too small for gpa and the biases.
    With all columns standardised, one η suits all.
""")
scaled = students.standardised()
sd = scaled.scaling["Salary"].sd
nets = {"alike": network("ones"), "random": network("uniform")}
for start, net in nets.items():
    history = train(net, scaled, loss=squared_error, optimizer=SGD(0.03), epochs=100, record=True)
    curves[f"standardised, {start}"] = [loss * sd**2 for loss in history.epoch_losses]  # in Salary²
table(
    ["mean loss in epoch", *curves],
    [(f"{n}", *(curve[n - 1] for curve in curves.values())) for n in (1, 2, 5, 10, 100)],
)

pairs = [("w1_11", "w1_12"), ("w1_21", "w1_22"), ("b11", "b12"), ("w2_11", "w2_21")]
alike, random = (net.named_parameters() for net in nets.values())
table(
    ["", "alike: unit 1", "unit 2", "random: unit 1", "unit 2"],
    [(f"{a}, {b}", alike[a].data, alike[b].data, random[a].data, random[b].data) for a, b in pairs],
)
say("""
    Two hidden units that begin alike get the same gradients, and stay alike for ever: one unit, twice.
    Here one is enough, since all is linear. Elsewhere it is not, and so weights begin at random.
""")

(x1, x2), y = scaled.examples()[0]
L = squared_error(nets["random"]([Value(x1, "x1"), Value(x2, "x2")]), Value(y, "y"))
say("This page walks through the first row, and with its second slider through the training as well:")
save(walk(L, history), "002_row_by_row_training.html")

plt = pyplot()
figure, axes = plt.subplots(figsize=(7, 4.2))
for name, curve in curves.items():
    axes.plot(range(1, 101), curve, label=name)
axes.set(title="Row by row, unscaled and standardised", xlabel="epoch", ylabel="mean loss", yscale="log")
axes.legend()
save(figure, "002_row_by_row.png")
