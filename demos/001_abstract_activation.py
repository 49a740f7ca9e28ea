"""001: height from weight and shoulder, with an abstract activation f; nine gradients, each with f'."""

from _printing import DATA, heading, pyplot, save, say, table

from autograd import Value, derivative, draw, primitive, relu, sigmoid
from nn import Table

heading("The network, and three choices of f")
people = Table.from_csv(DATA / "001_heights.csv")
print(people, end="\n\n")
say("""
    The notes say only "apply an activation function" and write f. So does this script. It runs with
    ReLU, with sigmoid, and with one the engine has not got: swish(z) = z σ(z), made a primitive by
    stating its value and its derivative.
""")
swish = primitive(
    "swish",
    lambda z: z * sigmoid(z),
    lambda z, out: (sigmoid(z) + out * sigmoid(-z),),
)
activations = {"ReLU": relu, "sigmoid": sigmoid, "swish": swish}

START = {
    "W1": 0.03, "W2": -0.08, "b1": 0.0,
    "W3": -0.02, "W4": 0.07, "b2": 0.0,
    "W5": 2.0, "W6": 3.0, "b3": 1.0,
}  # fmt: skip


def forward(p, f, X1, X2):
    Z1 = p["W1"] * X1 + p["W2"] * X2 + p["b1"]
    Z2 = p["W3"] * X1 + p["W4"] * X2 + p["b2"]
    A1 = f(Z1)
    A2 = f(Z2)
    Y_pred = p["W5"] * A1 + p["W6"] * A2 + p["b3"]
    return Y_pred, Z1, Z2, A1, A2


def half_squared_error(Y, Y_pred):
    return (Y - Y_pred) ** 2 / 2


heading("The first person: forward, and nine gradients")
X1, X2, Y = people[0]
passes, gradients, off = [], [], 0.0
for f in activations.values():
    p = {name: Value(start, name) for name, start in START.items()}
    Y_pred, Z1, Z2, A1, A2 = forward(p, f, X1, X2)
    L = half_squared_error(Y, Y_pred)
    L.backward()

    slope = derivative(f)
    e, W5, W6 = Y_pred.data - Y, p["W5"].data, p["W6"].data
    f1, f2 = slope(Z1.data), slope(Z2.data)  # f'(Z1), f'(Z2)
    by_hand = {
        "W5": e * A1.data,
        "W6": e * A2.data,
        "b3": e,
        "W1": e * W5 * f1 * X1,
        "W2": e * W5 * f1 * X2,
        "b1": e * W5 * f1,
        "W3": e * W6 * f2 * X1,
        "W4": e * W6 * f2 * X2,
        "b2": e * W6 * f2,
    }
    off = max(off, *(abs(by_hand[name] - p[name].grad) for name in p))
    gradients.append({name: p[name].grad for name in by_hand})
    passes.append([Z1.data, A1.data, f1, Z2.data, A2.data, f2, Y_pred.data, L.data])

quantities = [
    "Z1 = W1 X1 + W2 X2 + b1",
    "A1 = f(Z1)",
    "f'(Z1)",
    "Z2 = W3 X1 + W4 X2 + b2",
    "A2 = f(Z2)",
    "f'(Z2)",
    "Y_pred = W5 A1 + W6 A2 + b3",
    "L = (Y - Y_pred)² / 2",
]
table(["", *activations], zip(quantities, *passes, strict=True))
formulas = {
    "W5": "e A1", "W6": "e A2", "b3": "e",
    "W1": "e W5 f'(Z1) X1", "W2": "e W5 f'(Z1) X2", "b1": "e W5 f'(Z1)",
    "W3": "e W6 f'(Z2) X1", "W4": "e W6 f'(Z2) X2", "b2": "e W6 f'(Z2)",
}  # fmt: skip
table(
    ["∂L/∂", "e = Y_pred - Y", *activations],
    [(name, formula, *(g[name] for g in gradients)) for name, formula in formulas.items()],
)
say(f"""
    The numbers are those of backward(); the formulas beside them, worked out by hand, differ from them
    by {off:.1g} at most. Where ReLU is flat f'(Z2) = 0, and nothing behind it learns from this person: W3,
    W4 and b2 get no gradient.
""")

Z1.name, Z2.name, A1.name, A2.name, Y_pred.name = "Z1", "Z2", "A1", "A2", "Y_pred"
say("The network with swish, each unit with its formula; and a page that walks through it:")
save(draw(L, fold="neurons", show=["formulas", "values", "gradients"]), "001_abstract_activation_network.svg")
save(draw(L), "001_abstract_activation_walk.html")

heading("Updates, W = W - η ∂L/∂W, person by person, for n epochs")
say("""
    The gradient of W1 is X1 times that of b1, here 68 times, so no η suits both. With X1 and X2
    standardised it does: the two people are now (-1, -1) and (1, 1).
""")
scaled = people.standardised("Weight", "Shoulder")
eta, epochs = 0.05, 100
history = {}
for name, f in activations.items():
    p = {name: Value(start, name) for name, start in START.items()}
    history[name] = []
    for _ in range(epochs):
        losses, predictions = [], []
        for X1, X2, Y in scaled:
            Y_pred, *_ = forward(p, f, X1, X2)
            L = half_squared_error(Y, Y_pred)
            for parameter in p.values():
                parameter.grad = 0
            L.backward()
            for parameter in p.values():
                parameter.data -= eta * parameter.grad
            losses.append(L.data)
            predictions.append(Y_pred.data)
        history[name].append((sum(losses), *predictions))

table(
    ["f", "epoch", "loss", "Y_pred, Y = 5.7", "Y_pred, Y = 6.0"],
    [(name, f"{n}", *history[name][n - 1]) for name in activations for n in (1, 2, 5, 20, epochs)],
)

plt = pyplot()
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2))
zs = [i / 50 - 4 for i in range(401)]
for i, (name, f) in enumerate(activations.items()):
    left.plot(zs, [f(z) for z in zs], f"C{i}", label=name)
    left.plot(zs, [derivative(f)(z) for z in zs], f"C{i}--")
    right.plot(range(1, epochs + 1), [loss for loss, *_ in history[name]], f"C{i}", label=name)
left.set(title="f (solid) and f' (dashed)", xlabel="z", ylim=(-0.6, 3))
right.set(title="Loss of both people", xlabel="epoch", yscale="log", ylim=(1e-12, 100), xlim=(0, epochs))
left.legend()
right.legend()
save(figure, "001_abstract_activation.png")
