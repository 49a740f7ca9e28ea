"""Moons: a network of 337 scalars learns to tell two half circles apart, in Python and compiled."""

import time

from _printing import heading, load, pyplot, save, say, table

from autograd import jit, sigmoid
from autograd.pictures.plots import plot_decision, plot_loss
from nn import MLP, SGD, binary_cross_entropy_with_logit, train

plt = pyplot()
X, Y = load("sklearn.datasets").make_moons(n_samples=300, noise=0.15, random_state=0)
rows = [(x, y) for x, y in zip(X.tolist(), Y.tolist(), strict=True)]
rows, held_out = rows[:100], rows[100:]
STEPS = 3000


def network():
    return MLP(2, [16, 16, 1], activation="relu", seed=1)


heading("One network, two engines")
say(f"""
    Each of {len(rows)} points has two coordinates and belongs to one of two half circles. The loss is the
    mean binary cross-entropy of all of them; a step takes its gradient by the 337 weights and biases of
    an MLP 2-16-16-1. Written in scalars that is a graph of some 15,000 nodes in each step.
""")
results = []
for engine, steps in (("eager", 10), ("jit", 10), ("jit", STEPS)):
    net = network()
    start = time.perf_counter()
    history = train(
        net,
        rows,
        loss=binary_cross_entropy_with_logit,
        optimizer=SGD(0.2, momentum=0.9),
        batches=1,
        epochs=steps,
        engine=engine,
    )
    seconds = time.perf_counter() - start
    losses = history.step_losses
    results.append((engine, f"{steps:,}", losses[0], losses[9], losses[-1], f"{seconds:.2f} s"))
table(["engine", "steps", "first loss", "10th", "last", "time"], results)
say("""
    Both take the same steps. The compiled ones are of another speed: most of the time of the first ten is
    tracing the network and compiling it, once.
""")

heading("What it has learned")


@jit
def probability(x):
    """Of class 1. The network it closes over is compiled, and reads its weights at each call."""
    return sigmoid(net(x))


def share_right(rows):
    found = probability.rows([x for x, _ in rows]) > 0.5
    return f"{(found == [y == 1 for _, y in rows]).mean():.1%}"


say(
    f"It is right about {share_right(rows)} of these points, and about {share_right(held_out)} of 200 others."
)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=(3, 2))
plot_decision(probability, rows, left)
left.set_title("probability of class 1")
plot_loss(history.step_losses, right)
right.set_title(f"{STEPS:,} steps")
save(figure, "moons.png")
