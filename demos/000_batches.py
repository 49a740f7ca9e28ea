"""000: eight rows in four batches of two; nine gradients of a summed loss, and what must stay in the sum."""

from _printing import DATA, heading, pyplot, save, say, table

from autograd import Value, draw
from autograd import sum as total
from nn import MLP, SGD, Table, squared_error, train

heading("8 rows, 4 batches: batch size = 8 / 4 = 2")
salaries = Table.from_csv(DATA / "000_salaries.csv")
for i, batch in enumerate(salaries.batches(2), start=1):
    print(f"  batch {i}:  " + ";   ".join(f"IQ {x1:g}, Level {x2:g}, Salary {y:g}" for (x1, x2), y in batch))
print()
say("""
    The network has 2 inputs, 2 hidden units and 1 output, all linear: 4 + 2 weights, 2 + 1 biases. It
    begins at random. The columns are standardised (each less its mean, over its standard deviation),
    since raw salaries of 30 to 5000 make the loss overflow at any ordinary η.
""")
scaled = salaries.standardised()
batches = list(scaled.batches(2))
eta, epochs = 0.01, 200


def network():
    return MLP(2, [2, 1], activation="linear", init="uniform", seed=3)


def numbers(net):
    return {name: parameter.data for name, parameter in net.named_parameters().items()}


def summed_loss(net, rows):
    return total(squared_error(net(x), y) for x, y in rows)


def by_hand(net, x, y):
    """For one row, the error ŷ - y, and the factor that stands beside it in each of the nine gradients."""
    p = numbers(net)
    x1, x2 = x
    O11 = p["w1_11"] * x1 + p["w1_21"] * x2 + p["b11"]
    O12 = p["w1_12"] * x1 + p["w1_22"] * x2 + p["b12"]
    O21 = p["w2_11"] * O11 + p["w2_21"] * O12 + p["b21"]
    return O21 - y, {
        "w2_21": ("O12", O12),
        "w2_11": ("O11", O11),
        "w1_22": ("w2_21 x2", p["w2_21"] * x2),
        "w1_21": ("w2_11 x2", p["w2_11"] * x2),
        "w1_12": ("w2_21 x1", p["w2_21"] * x1),
        "w1_11": ("w2_11 x1", p["w2_11"] * x1),
        "b21": ("1", 1),
        "b12": ("w2_21", p["w2_21"]),
        "b11": ("w2_11", p["w2_11"]),
    }


def right(net, batch):
    """2 Σ (ŷ_i - y_i) factor_i: each row with its own factor."""
    rows = [by_hand(net, x, y) for x, y in batch]
    return {name: 2 * sum(error * factors[name][1] for error, factors in rows) for name in numbers(net)}


def as_noted(net, batch, row):
    """2 {(ŷ_1 - y_1) + (ŷ_2 - y_2)} factor: one factor for both rows, that of row 1 or that of row 2."""
    rows = [by_hand(net, x, y) for x, y in batch]
    errors = sum(error for error, _ in rows)
    return {name: 2 * errors * factor for name, (_, factor) in rows[row - 1][1].items()}


heading("The nine gradients of batch 1")
net = network()
summed_loss(net, batches[0]).backward()
graph = net.named_parameters()
_, factors = by_hand(net, *batches[0][0])
hand, noted1, noted2 = right(net, batches[0]), as_noted(net, batches[0], 1), as_noted(net, batches[0], 2)
table(
    ["∂loss/∂", "factor", "backward()", "Σ by hand", "noted, row 1", "noted, row 2"],
    [(n, factors[n][0], graph[n].grad, hand[n], noted1[n], noted2[n]) for n in factors],
)
say("""
    By hand, a gradient is 2 Σ (ŷ_i - y_i) factor_i over the rows, and backward() finds the same. The
    notes take the factor out of the sum: 2 {(ŷ_1 - y_1) + (ŷ_2 - y_2)} factor, as if O11, O12, x1 and x2
    were the same in both rows. That leaves the biases right. The weights get another number, whichever
    row the factor is taken from; with row 2 all six get the wrong sign. (For b11 the notes derive the
    factor w2_21 and conclude with w2_11. It is w2_11.)
""")

named = [
    ([Value(x1, f"x1({i})"), Value(x2, f"x2({i})")], Value(y, f"y({i})"))
    for i, ((x1, x2), y) in enumerate(batches[0], start=1)
]
loss = summed_loss(network(), named)
loss.backward()
say("""
    The graph of this loss, and a page that walks through it, forward and backward. There are two paths to
    each weight, one for each row, and nothing can be taken out of their sum:
""")
save(draw(loss, highlight="w1_11"), "000_batches_graph.svg", "000_batches_walk.html")

heading("One epoch: four updates, w = w - η ∂loss/∂w")
course, losses = [numbers(net)], []
for batch in batches:
    loss = summed_loss(net, batch)
    net.zero_grad()
    loss.backward()
    for parameter in net.parameters():
        parameter.data -= eta * parameter.grad
    course.append(numbers(net))
    losses.append(loss.data)
table(
    ["", "at first", "after batch 1", "batch 2", "batch 3", "batch 4"],
    [(name, *(p[name] for p in course)) for name in factors] + [("loss of the batch", "", *losses)],
)

heading(f"{epochs} epochs")
say("That loop is one call of train(). Beside it, the same training with the gradients of the notes:")


def losses_as_noted(row):
    net = network()
    losses = []
    for _ in range(epochs):
        losses.append(0)
        for batch in batches:
            losses[-1] += summed_loss(net, batch).data
            gradients = as_noted(net, batch, row)
            for name, parameter in net.named_parameters().items():
                parameter.data -= eta * gradients[name]
    return losses


net = network()
history = train(net, scaled, loss=squared_error, reduce="sum", batches=4, optimizer=SGD(eta), epochs=epochs)
losses = {
    "backward()": history.epoch_losses,
    "noted, row 1": losses_as_noted(1),
    "noted, row 2": losses_as_noted(2),
}
table(
    ["loss in epoch", *losses],
    [(f"{n}", *(course[n - 1] for course in losses.values())) for n in (1, 2, 5, 10, 50, epochs)],
)
say("""
    With the factors of row 1 the network never learns. With those of row 2 it does, by luck, and ends
    with a larger loss.
""")

plt = pyplot()
figure, axes = plt.subplots(figsize=(7, 4.2))
for name, course in losses.items():
    axes.plot(range(1, epochs + 1), course, label=name)
axes.set(
    title="The same network, three gradients", xlabel="epoch", ylabel="loss of the 8 rows", ylim=(0, None)
)
axes.legend()
save(figure, "000_batches.png")
