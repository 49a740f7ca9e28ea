"""A GPT on scalars reads the names that come with Python, letter by letter, and makes up new ones.

Every number in it is a Value of its own; 4,224 of them learn. What it does with a text is compiled, and
`python demos/gpt.py --eager` walks the graph in Python instead: the same steps, in hours.
"""

import argparse
import re
import sys
import sysconfig
import time
from pathlib import Path
from random import Random

from _printing import heading, pyplot, save, say

from autograd import Value, dot, jit, mean, relu, softmax, take
from autograd.pictures.plots import plot_loss
from nn import Adam, Module, cross_entropy, train

EMBEDDING, HEADS, CONTEXT = 16, 4, 16
END = "."  # stands before and after each name
LETTERS = "abcdefghijklmnopqrstuvwxyz_" + END


class GPT(Module):
    """A transformer of one layer: takes a text, gives a score for each letter that may follow each place."""

    def __init__(self, random):
        def matrix(rows, columns):
            return [[Value(random.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]

        self.letter = matrix(len(LETTERS), EMBEDDING)
        self.place = matrix(CONTEXT, EMBEDDING)
        self.query = matrix(EMBEDDING, EMBEDDING)
        self.key = matrix(EMBEDDING, EMBEDDING)
        self.value = matrix(EMBEDDING, EMBEDDING)
        self.mix = matrix(EMBEDDING, EMBEDDING)
        self.widen = matrix(4 * EMBEDDING, EMBEDDING)
        self.narrow = matrix(EMBEDDING, 4 * EMBEDDING)
        self.score = matrix(len(LETTERS), EMBEDDING)

    def __call__(self, text):
        """Read the numbers of some letters, each in the light of those before it."""
        keys, values, scores = [], [], []
        for place, letter in enumerate(text):
            x = normalised(plus(take(self.letter, letter), self.place[place]))

            # look back: each head compares its query with the keys so far, and takes from their values
            seen = normalised(x)
            keys.append(in_heads(times(self.key, seen)))
            values.append(in_heads(times(self.value, seen)))
            found = []
            for head, query in enumerate(in_heads(times(self.query, seen))):
                matches = [dot(query, key[head]) / len(query) ** 0.5 for key in keys]
                weights = softmax(matches)
                found += [dot(weights, each) for each in transposed(value[head] for value in values)]
            x = plus(x, times(self.mix, found))

            # think it over
            hidden = [relu(z) for z in times(self.widen, normalised(x))]
            x = plus(x, times(self.narrow, hidden))

            scores.append(times(self.score, x))
        return scores


def times(matrix, x):
    return [dot(row, x) for row in matrix]


def plus(x, y):
    return [a + b for a, b in zip(x, y, strict=True)]


def transposed(rows):
    return zip(*rows, strict=True)


def normalised(x):
    """The same direction, scaled to a root mean square of 1."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [scale * v for v in x]


def in_heads(x):
    size = len(x) // HEADS
    return [x[i : i + size] for i in range(0, len(x), size)]


def surprise(scores, text):
    """The loss: the mean of -log(probability) that was given to the letters that did follow."""
    return mean(cross_entropy(each, letter) for each, letter in zip(scores, text, strict=True))


def names_of_python():
    """The modules of the standard library, and the functions and classes in them, read from their sources."""
    library = Path(sysconfig.get_path("stdlib"))
    names = set(sys.stdlib_module_names)
    for module in sys.stdlib_module_names:
        for file in (library / f"{module}.py", *(library / module).glob("*.py")):
            if file.exists():
                source = file.read_text(encoding="utf-8", errors="replace")
                names.update(re.findall(r"^ *(?:def|class) (\w+)", source, re.MULTILINE))
    return sorted(name for name in names if re.fullmatch(r"[a-z][a-z_]{1,13}", name))


def numbers(text):
    return [LETTERS.index(letter) for letter in text]


def rows_of(names):
    """A row for each name: that name, then others until all places are full; and the letters that follow."""
    around = names + (names * CONTEXT)[:CONTEXT]
    rows = []
    for i in range(len(names)):
        text = numbers(END + END.join(around[i : i + CONTEXT]))
        rows.append((text[:CONTEXT], text[1 : CONTEXT + 1]))
    return rows


def new_names(count, temperature=0.7):
    """Write names, all at once, each letter drawn with the probability that the network gives it."""
    texts = [END] * count
    for place in range(CONTEXT - 1):
        for i, scores in enumerate(read(texts)):
            probabilities = softmax([score / temperature for score in scores[place]])
            texts[i] += random.choices(LETTERS, probabilities)[0]
    return [name for _, name, *_ in (text.split(END) for text in texts) if name]


def read(texts):
    """The scores for every place of some texts, as plain numbers."""
    if options.eager:
        return [[[score.data for score in scores] for scores in net(numbers(text))] for text in texts]
    return compiled.rows([numbers(text.ljust(CONTEXT, END)) for text in texts]).tolist()


parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("--eager", action="store_true", help="walk the graph in Python, nothing is compiled")
parser.add_argument("--epochs", type=int, default=12, help="how often it reads all the names (12)")
parser.add_argument("--names", type=int, default=None, help="how many names it reads (all)")
parser.add_argument("--new", type=int, default=24, help="how many names it makes up (24)")
options = parser.parse_args()

plt = pyplot()
random = Random(1)
names = names_of_python()
random.shuffle(names)
names = names[: options.names]
net = GPT(random)
compiled = jit(net)

heading(f"{len(names):,} names, {len(net.parameters()):,} scalars that learn")
say(f"It reads {', '.join(names[:8])} ... Before that it writes {', '.join(new_names(4))}.")
start = time.perf_counter()
history = train(
    net,
    rows_of(names),
    loss=surprise,
    optimizer=Adam(0.01),
    batch_size=32,
    epochs=options.epochs,
    order="shuffled",
    engine="eager" if options.eager else "jit",
)
seconds = time.perf_counter() - start
letters = options.epochs * len(names) * CONTEXT
say(f"""
    It has read {letters:,} letters in {seconds:.1f} s: {letters / seconds:,.0f} tokens a second. The mean of
    -log(probability of the next letter) fell from {history.step_losses[0]:.2f} to
    {history.epoch_losses[-1]:.2f}; whoever knows nothing but the {len(LETTERS)} letters has 3.33.
""")

heading("New names")
found = new_names(options.new)
for i in range(0, len(found), 6):
    print("    " + "".join(f"{name:17}" for name in found[i : i + 6]))
print()
say(f"Of these {len(found)} Python has {sum(name in names for name in found)}. The others are its own.")

figure, axes = plt.subplots(figsize=(7, 4.2))
plot_loss(history.step_losses, axes)
axes.set(title="A GPT on scalars reads the names of Python", ylabel="mean loss of 32 rows")
save(figure, "gpt.png")
