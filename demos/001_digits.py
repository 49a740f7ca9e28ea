"""001: a network that reads digits, with one output neuron for each class: first three, then ten.

`python demos/001_digits.py 200` trains on 200 images instead of 1,000.
"""

import sys

from _printing import heading, load, pyplot, save, say, table

from autograd import draw as draw_graph
from autograd import jit, mean, softmax, topological_order
from autograd.pictures.plots import plot_activations, plot_gradients
from nn import MLP, SGD, Adam, cross_entropy, train

n_images = int(sys.argv[1]) if len(sys.argv) > 1 else 1000

plt = pyplot()
digits = load("sklearn.datasets").load_digits()  # 1,797 scans of handwriting, 8 x 8 pixels from 0 to 16
images = [
    ([float(v) / 16 for v in x], int(label)) for x, label in zip(digits.data, digits.target, strict=True)
]
images, held_out = images[:1000], images[1000:]


def draw(*images):
    """Draw images side by side, each pixel by two characters."""
    for top in range(0, 64, 8):
        lines = ("".join(" ░▒▓█"[round(4 * v)] * 2 for v in pixels[top : top + 8]) for pixels in images)
        print("    " + "    ".join(lines))
    print()


def outputs(net, pixels):
    return [a.data for a in softmax(net(pixels))]


def answer(net, pixels):
    a = outputs(net, pixels)
    return a.index(max(a))


def answers(net, images):
    """The same for many images at once, by the network compiled."""
    return jit(net).rows([pixels for pixels, _ in images]).argmax(axis=1)


def accuracy(net, images):
    return (answers(net, images) == [label for _, label in images]).mean()


heading("Three classes, three output neurons")
few = [(pixels, label) for pixels, label in images if label < 3][: n_images // 5]
few_held_out = [(pixels, label) for pixels, label in held_out if label < 3]
net = MLP(64, [8, 3], activation="tanh", seed=5)
two = next(pixels for pixels, label in few_held_out if label == 2)
say("Each of the 64 pixels is an input. This image has the label 2; it is not among those trained on.")
draw(two)
say(f"The untrained network says it is a {answer(net, two)}. Its weights are random, and so are its outputs.")

y = [0, 0, 1]
before = outputs(net, two)
cross_entropy(net(two), y).backward()
SGD(learning_rate=0.1).step(net.parameters())
one_step = outputs(net, two)

net = MLP(64, [8, 3], activation="tanh", seed=5)  # afresh: this one is never shown that image
train(net, few, loss=cross_entropy, optimizer=Adam(0.01), batch_size=10, epochs=4, order="shuffled")
trained = outputs(net, two)
table(
    ["output neuron", "before", "label y", "a - y", "so", "one step", "trained"],
    [
        (f"{k}", before[k], y[k], before[k] - y[k], "increase" if y[k] else "reduce", one_step[k], trained[k])
        for k in range(3)
    ],
)
say(f"""
    a - y is the gradient of the loss by the sum that goes into each output neuron, and one step against
    it has already moved all three outputs the right way. After training on {len(few)} other images, 4
    times each, only the neuron for 2 is high. Of {len(few_held_out)} images held out the network reads
    {accuracy(net, few_held_out):.1%} right.
""")

heading("Ten classes, ten output neurons")
net = MLP(64, [16, 10], activation="tanh", seed=5)
print(net.summary() + "\n")
untrained = accuracy(net, held_out)
history = train(
    net,
    images[:n_images],
    loss=cross_entropy,
    optimizer=Adam(0.01),
    batch_size=10,
    epochs=3,
    order="shuffled",
)
table(
    ["epoch", f"mean loss of {n_images:,} images"],
    [(f"{n}", loss) for n, loss in enumerate(history.epoch_losses, start=1)],
)
mistakes = [
    (pixels, label, found)
    for (pixels, label), found in zip(held_out, answers(net, held_out), strict=True)
    if found != label
]
say(f"""
    Of the {len(held_out)} images held out, the untrained network reads {untrained:.1%} right, the trained one
    {1 - len(mistakes) / len(held_out):.1%}. Some that it gets wrong:
""")
some = mistakes[:: max(1, len(mistakes) // 8)]
captions = [f"{label}, read as {found}" for _, label, found in some]
print("    " + "".join(f"{caption:20}" for caption in captions[:3]))
draw(*(pixels for pixels, *_ in some[:3]))

loss = mean(cross_entropy(net(pixels), label) for pixels, label in images[:20])
net.zero_grad()
loss.backward()
say(f"""
    The loss of 20 images is a graph of {len(topological_order(loss)):,} Values, drawn as layers. Beside it,
    how the gradients of each layer lie, and the outputs of its units:
""")
save(draw_graph(loss), "001_digits_layers.svg")
figure, panels = plt.subplots(1, 2, figsize=(10, 4.2))
plot_gradients(loss, panels[0])
plot_activations(loss, panels[1])
save(figure, "001_digits_histograms.png")

figure, axes = plt.subplot_mosaic("lll0123;lll4567", figsize=(10, 4.2))
axes["l"].plot(history.step_losses, color="C0")
axes["l"].set(title="Ten digits", xlabel="step (10 images)", ylabel="mean loss of the 10", ylim=(0, None))
for i, axis in axes.items():
    if i != "l":
        axis.axis("off")
for i, caption in enumerate(captions[:8]):
    axes[f"{i}"].imshow([some[i][0][row : row + 8] for row in range(0, 64, 8)], cmap="gray_r")
    axes[f"{i}"].set_title(caption, fontsize=10)
save(figure, "001_digits.png")
