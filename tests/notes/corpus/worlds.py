"""The quantities of each note of the corpus, built from tensors at a random point: one function for a note.

They are written from what the notes say, by hand, and share nothing with the checker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

Scope = dict[str, Any]
SIGMOID = torch.sigmoid


class Random:
    """Numbers with a gradient, none of them near 0 or 1."""

    def __init__(self, seed: int) -> None:
        self.source = torch.Generator().manual_seed(seed)

    def __call__(self, *shape: int) -> torch.Tensor:
        size = torch.rand(shape, generator=self.source, dtype=torch.float64) * 0.7 + 0.15
        sign = torch.randint(0, 2, shape, generator=self.source) * 2 - 1
        return (size * sign).requires_grad_()

    def between(self, low: float, high: float, *shape: int) -> torch.Tensor:
        numbers = torch.rand(shape, generator=self.source, dtype=torch.float64)
        return (low + (high - low) * numbers).requires_grad_()

    def named(self, names: str) -> Scope:
        return {name: self() for name in names.split()}


def given(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


def half_squares(x: torch.Tensor) -> torch.Tensor:
    return (x**2).sum() / 2


def entropy(y: Any, a: Any) -> torch.Tensor:
    return -(y * torch.log(a) + (1 - y) * torch.log(1 - a))


def nielsen_delta(rng: Random) -> Scope:
    sizes = {1: 3, 2: 4, 3: 2}
    a, z, W, b = {1: rng(3)}, {}, {}, {}
    for l in (2, 3):
        W[l], b[l] = rng(sizes[l], sizes[l - 1]), rng(sizes[l])
        z[l] = W[l] @ a[l - 1] + b[l]
        a[l] = SIGMOID(z[l])
    y = rng(2)
    C = half_squares(y - a[3])
    delta = {l: torch.autograd.grad(C, z[l], retain_graph=True)[0] for l in (2, 3)}
    return {"a": a, "z": z, "W": W, "b": b, "y": y, "C": C, "delta": delta, "eta": 0.3}


def numbers_only(rng: Random) -> Scope:
    n = {"w1": 0.1, "w2": 0.3, "w3": 0.4, "w4": 0.2, "w5": 0.5, "w6": 0.35, "w7": 0.15, "w8": 0.45}
    n |= {"b1": 0.25, "b2": 0.4, "i1": 0.2, "i2": 0.6, "t1": 0.9, "t2": 0.1}
    s: Scope = {name: given(value) for name, value in n.items()}
    s["neth1"] = s["w1"] * s["i1"] + s["w2"] * s["i2"] + s["b1"]
    s["neth2"] = s["w3"] * s["i1"] + s["w4"] * s["i2"] + s["b1"]
    s["outh1"], s["outh2"] = SIGMOID(s["neth1"]), SIGMOID(s["neth2"])
    s["neto1"] = s["w5"] * s["outh1"] + s["w6"] * s["outh2"] + s["b2"]
    s["neto2"] = s["w7"] * s["outh1"] + s["w8"] * s["outh2"] + s["b2"]
    s["outo1"], s["outo2"] = SIGMOID(s["neto1"]), SIGMOID(s["neto2"])
    s["Eo1"], s["Eo2"] = (s["t1"] - s["outo1"]) ** 2 / 2, (s["t2"] - s["outo2"]) ** 2 / 2
    return s | {"E": s["Eo1"] + s["Eo2"]}


def sigma_bce(rng: Random) -> Scope:
    s = rng.named("w x b y")
    z = s["w"] * s["x"] + s["b"]
    a = SIGMOID(z)
    return s | {"z": z, "a": a, "L": entropy(s["y"], a), "eta": 0.3}


def softmax_ce(rng: Random) -> Scope:
    z, y = rng(3), torch.softmax(rng(3), 0)
    p = torch.softmax(z, 0)
    return {"z": z, "y": y, "p": p, "S": torch.exp(z).sum(), "L": -(y * torch.log(p)).sum()}


def matrix_form(rng: Random) -> Scope:
    # square, so that a product with a wrong transpose has a value and is wrong for more than its shape
    s: Scope = {"x": rng(3), "W1": rng(3, 3), "b1": rng(3), "W2": rng(3, 3), "b2": rng(3), "t": rng(3)}
    z1 = s["W1"] @ s["x"] + s["b1"]
    a1 = torch.tanh(z1)
    z2 = s["W2"] @ a1 + s["b2"]
    L = half_squares(z2 - s["t"])
    d1, d2 = (torch.autograd.grad(L, z, retain_graph=True)[0] for z in (z1, z2))
    return s | {"z1": z1, "a1": a1, "z2": z2, "L": L, "d1": d1, "d2": d2, "eta": 0.3}


def bishop(rng: Random) -> Scope:
    z0, w, v, t = rng(3), rng(3, 3), rng(2, 3), rng(2)
    a = w @ z0
    z = torch.tanh(a)
    y = v @ z
    names = {"z0": z0, "w": w, "v": v, "t": t, "a": a, "z": z, "y": y, "E": half_squares(y - t)}
    return names | {"h": torch.tanh, "hp": lambda a: 1 - torch.tanh(a) ** 2}


def rnn_two_steps(rng: Random) -> Scope:
    s = rng.named("u w b v c h0 x1 x2 y")
    s["s1"] = s["u"] * s["x1"] + s["w"] * s["h0"] + s["b"]
    s["h1"] = torch.tanh(s["s1"])
    s["s2"] = s["u"] * s["x2"] + s["w"] * s["h1"] + s["b"]
    s["h2"] = torch.tanh(s["s2"])
    s["yh"] = s["v"] * s["h2"] + s["c"]
    return s | {"L": (s["yh"] - s["y"]) ** 2}


def align(rng: Random) -> Scope:
    s = rng.named("x t w1 b1 w2 b2")
    s["z1"] = s["w1"] * s["x"] + s["b1"]
    s["a1"] = torch.tanh(s["z1"])
    s["z2"] = s["w2"] * s["a1"] + s["b2"]
    s["a2"] = SIGMOID(s["z2"])
    return s | {"E": (s["a2"] - s["t"]) ** 2 / 2}


def notebook(rng: Random) -> Scope:
    s = rng.named("x1 x2 w1 w2 b y")
    s["z"] = s["w1"] * s["x1"] + s["w2"] * s["x2"] + s["b"]
    s["yh"] = SIGMOID(s["z"])
    return s | {"L": (s["yh"] - s["y"]) ** 2 / 2}


def chinese(rng: Random) -> Scope:
    s = rng.named("x1 x2 w11 w12 w21 w22 b1 b2 v1 v2 c y")
    s["z1"] = s["w11"] * s["x1"] + s["w21"] * s["x2"] + s["b1"]
    s["z2"] = s["w12"] * s["x1"] + s["w22"] * s["x2"] + s["b2"]
    s["h1"], s["h2"] = SIGMOID(s["z1"]), SIGMOID(s["z2"])
    s["z3"] = s["v1"] * s["h1"] + s["v2"] * s["h2"] + s["c"]
    s["yh"] = SIGMOID(s["z3"])
    return s | {"L": (s["yh"] - s["y"]) ** 2 / 2}


def hindi(rng: Random) -> Scope:
    s = rng.named("x1 x2 w1 w2 b y")
    s["z"] = s["w1"] * s["x1"] + s["w2"] * s["x2"] + s["b"]
    s["a"] = torch.relu(s["z"])
    return s | {"L": (s["y"] - s["a"]) ** 2}


def spanish(rng: Random) -> Scope:
    s = rng.named("x c y")
    w, b, v = rng(3), rng(3), rng(3)
    u = w * s["x"] + b
    h = torch.tanh(u)
    yh = (v * h).sum() + s["c"]
    return s | {"w": w, "b": b, "v": v, "u": u, "h": h, "yh": yh, "J": (s["y"] - yh) ** 2 / 2}


def nepali_english(rng: Random) -> Scope:
    s = rng.named("x y w1 b1 w2 b2")
    s["h"] = SIGMOID(s["w1"] * s["x"] + s["b1"])
    s["o"] = SIGMOID(s["w2"] * s["h"] + s["b2"])
    return s | {"L": (s["y"] - s["o"]) ** 2}


def stanford_brackets(rng: Random) -> Scope:
    X, W1, b1 = rng(3, 4), rng(3, 3), rng(3, 1)
    W2, b2, Y = rng(1, 3), rng(1, 1), rng.between(0, 1, 1, 4)
    Z1 = W1 @ X + b1
    A1 = torch.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = SIGMOID(Z2)
    names = {"X": X, "W1": W1, "b1": b1, "W2": W2, "b2": b2, "Y": Y, "Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    J = entropy(Y, A2).mean()
    return names | {"J": J, "m": 4}


def linear_regression(rng: Random) -> Scope:
    t0, t1, x, y = rng(), rng(), rng(3), rng(3)
    h = t0 + t1 * x
    return {"t0": t0, "t1": t1, "x": x, "y": y, "h": h, "m": 3, "J": half_squares(h - y) / 3}


def logistic_theta(rng: Random) -> Scope:
    X, th, y = rng(4, 4), rng(4), rng.between(0, 1, 4)
    z = X @ th
    h = SIGMOID(z)
    losses = entropy(y, h)
    return {
        "X": X,
        "th": th,
        "y": y,
        "z": z,
        "h": h,
        "g": SIGMOID,
        "m": 4,
        "ell": -losses[0],
        "J": losses.mean(),
    }


def computation_graph(rng: Random) -> Scope:
    s = rng.named("x y z w0 w1 w2 x0 x1")
    s["q"] = s["x"] + s["y"]
    s["s"] = s["w0"] * s["x0"] + s["w1"] * s["x1"] + s["w2"]
    s["c1"] = -s["s"]
    s["c2"] = torch.exp(s["c1"])
    s["c3"] = s["c2"] + 1
    return s | {"f": s["q"] * s["z"], "p": 1 / s["c3"]}


def relu_cases(rng: Random) -> Scope:
    return two_two_one(rng, torch.relu, lambda z: z)


def front_matter_layers(rng: Random) -> Scope:
    s = two_two_one(rng, SIGMOID, SIGMOID)
    return s | {"delta": s["yh"] * (1 - s["yh"]) * (s["yh"] - s["y"])}


def two_two_one(rng: Random, hidden: Callable[[Any], Any], output: Callable[[Any], Any]) -> Scope:
    s = rng.named("x1 x2 y w1_11 w1_12 w1_21 w1_22 w2_11 w2_21 b11 b12 b21")
    s["z11"] = s["w1_11"] * s["x1"] + s["w1_21"] * s["x2"] + s["b11"]
    s["z12"] = s["w1_12"] * s["x1"] + s["w1_22"] * s["x2"] + s["b12"]
    s["O11"], s["O12"] = hidden(s["z11"]), hidden(s["z12"])
    s["yh"] = output(s["w2_11"] * s["O11"] + s["w2_21"] * s["O12"] + s["b21"])
    return s | {"L": (s["y"] - s["yh"]) ** 2 / 2}


def tanh_chain(rng: Random) -> Scope:
    w, b = ({k: rng() for k in (1, 2, 3)} for _ in range(2))
    x, t = rng(), rng()
    a = {0: x}
    for k in (1, 2, 3):
        a[k] = torch.tanh(w[k] * a[k - 1] + b[k])
    return {"x": x, "t": t, "w": w, "b": b, "a": a, "z1": w[1] * x + b[1], "E": (a[3] - t) ** 2 / 2}


def mse_rows(rng: Random) -> Scope:
    s = rng.named("w1 w2 b")
    x, y = rng(3, 2), rng(3)
    yh = s["w1"] * x[:, 0] + s["w2"] * x[:, 1] + s["b"]
    return s | {"x": x, "y": y, "yh": yh, "n": 3, "M": ((y - yh) ** 2).mean()}


def layer_norm(rng: Random) -> Scope:
    x, gamma, beta, upstream = rng(4), rng(), rng(), rng(4)
    mu = x.mean()
    v = ((x - mu) ** 2).mean()
    s = torch.sqrt(v + 0.01)
    xh = (x - mu) / s
    y = gamma * xh + beta
    L = (upstream * y + upstream**2 * y**3).sum()
    (g,) = torch.autograd.grad(L, y, retain_graph=True)
    names = {"x": x, "gamma": gamma, "beta": beta, "mu": mu, "v": v, "s": s, "xh": xh, "y": y}
    return names | {"L": L, "g": g, "n": 4, "eps": 0.01}


def momentum_adam(rng: Random) -> Scope:
    s = rng.named("w x y")
    s["yh"] = s["w"] * s["x"]
    return s | {"L": (s["yh"] - s["y"]) ** 2 / 2}


def autoencoder_tied(rng: Random) -> Scope:
    s = rng.named("w x b c")
    s["h"] = SIGMOID(s["w"] * s["x"] + s["b"])
    s["r"] = s["w"] * s["h"] + s["c"]
    return s | {"L": (s["x"] - s["r"]) ** 2}


def ridge(rng: Random) -> Scope:
    s = rng.named("w1 w2 x1 x2 b y lam")
    s["yh"] = s["w1"] * s["x1"] + s["w2"] * s["x2"] + s["b"]
    return s | {"J": (s["yh"] - s["y"]) ** 2 / 2 + s["lam"] / 2 * (s["w1"] ** 2 + s["w2"] ** 2)}


def ascii_slashes(rng: Random) -> Scope:
    s = rng.named("w x b y")
    s["z"] = s["w"] * s["x"] + s["b"]
    s["a"] = SIGMOID(s["z"])
    return s | {"L": (s["a"] - s["y"]) ** 2}


def adjoint_bars(rng: Random) -> Scope:
    s = rng.named("x1 x2")
    s |= {"v1": s["x1"] * s["x2"], "v2": torch.sin(s["x1"]), "sin": torch.sin, "cos": torch.cos}
    s["v3"] = s["v1"] + s["v2"]
    return s | {"y": s["v3"] ** 2}


def aligned_steps(rng: Random) -> Scope:
    s = rng.named("w1 w2 x1 x2 y")
    s["z"] = s["w1"] * s["x1"] + s["w2"] * s["x2"]
    s["p"] = SIGMOID(s["z"])
    return s | {"l": entropy(s["y"], s["p"])}


def swish(u: torch.Tensor) -> torch.Tensor:
    return u * SIGMOID(u)


def swish_prime(u: torch.Tensor) -> torch.Tensor:
    return (swish(u + 1e-6) - swish(u - 1e-6)) / 2e-6  # a difference, no formula


def swish_residual(rng: Random) -> Scope:
    s = rng.named("u w x b v t")
    s["uu"] = s["w"] * s["x"] + s["b"]
    s["r"] = s["x"] + s["v"] * swish(s["uu"])
    return s | {"C": (s["r"] - s["t"]) ** 2 / 2, "f": swish, "fp": swish_prime}


def convolution(rng: Random) -> Scope:
    x, k, t = rng(4), rng(2), rng(3)
    y = [k[0] * x[i] + k[1] * x[i + 1] for i in range(3)]
    return {"x": x, "k": k, "t": t, "y": y, "L": sum((yi - ti) ** 2 for yi, ti in zip(y, t, strict=True))}


def huber_hinge(rng: Random) -> Scope:
    s = rng.named("w x b y")
    s["s"] = s["w"] * s["x"] + s["b"]
    t = torch.sign(rng()).detach()
    names = {"t": t, "H": torch.relu(1 - t * s["s"]), "A": (s["s"] - s["y"]).abs()}
    return s | names | {"lrelu": lambda v: torch.where(v > 0, v, 0.1 * v)}


def thresholds_chinese(rng: Random) -> Scope:
    s: Scope = {"x": rng(2), "v": rng(2, 3), "ga": rng(3), "w": rng(3, 2), "th": rng(2), "y": rng(2)}
    al = s["x"] @ s["v"]
    b = SIGMOID(al - s["ga"])
    be = b @ s["w"]
    yh = SIGMOID(be - s["th"])
    E = half_squares(yh - s["y"])
    g = -torch.autograd.grad(E, be, retain_graph=True)[0]
    e = -torch.autograd.grad(E, al, retain_graph=True)[0]
    return s | {"al": al, "b": b, "be": be, "yh": yh, "E": E, "g": g, "e": e, "eta": 0.3}


def net_phi(rng: Random) -> Scope:
    w0, w1, t = rng(), rng(), rng()
    o = {0: rng(), 1: rng()}
    net = {2: w0 * o[0] + w1 * o[1]}
    o[2] = SIGMOID(net[2])
    return {"w0": w0, "w1": w1, "t": t, "o": o, "net": net, "E": (t - o[2]) ** 2 / 2}


def scratch_article(rng: Random) -> Scope:
    s = rng.named("x1 x2 w11 w12 w21 w22 b1 b2 v1 v2 c y")
    s["z1"] = s["w11"] * s["x1"] + s["w21"] * s["x2"] + s["b1"]
    s["z2"] = s["w12"] * s["x1"] + s["w22"] * s["x2"] + s["b2"]
    s["a1"], s["a2"] = SIGMOID(s["z1"]), SIGMOID(s["z2"])
    s["z"] = s["v1"] * s["a1"] + s["v2"] * s["a2"] + s["c"]
    s["yh"] = SIGMOID(s["z"])
    return s | {"C": (s["yh"] - s["y"]) ** 2}


# ------------------------------------------------------------------------------------ the notes in `unseen`


def upstream(output: torch.Tensor, by: torch.Tensor) -> torch.Tensor:
    return torch.autograd.grad(output, by, retain_graph=True)[0]


def course_capital_theta(rng: Random) -> Scope:
    x, T1, T2, y = rng(3), rng(3, 3), rng(2, 3), rng.between(0, 1, 2)
    z2 = T1 @ x
    a2 = SIGMOID(z2)
    z3 = T2 @ a2
    a3 = SIGMOID(z3)
    J = entropy(y, a3).sum()
    names = {"x": x, "T1": T1, "T2": T2, "y": y, "z2": z2, "a2": a2, "z3": z3, "a3": a3, "J": J}
    return names | {"d3": upstream(J, z3), "d2": upstream(J, z2)}


def french(rng: Random) -> Scope:
    s = rng.named("w1 w2 x1 x2 b t")
    s["u"] = s["w1"] * s["x1"] + s["w2"] * s["x2"] + s["b"]
    s["v"] = torch.tanh(s["u"])
    return s | {"E": (s["v"] - s["t"]) ** 2}


def macros(rng: Random) -> Scope:
    s = rng.named("al be x y")
    s["z"] = s["al"] * s["x"] + s["be"]
    s["s"] = torch.log(1 + torch.exp(s["z"]))
    return s | {"L": (s["s"] - s["y"]) ** 2 / 2}


def gru_step(rng: Random) -> Scope:
    s = rng.named("u v w r x h")
    s["p"] = s["u"] * s["x"] + s["v"] * s["h"]
    s["q"] = s["w"] * s["x"] + s["r"] * s["h"]
    s["g"], s["c"] = SIGMOID(s["p"]), torch.tanh(s["q"])
    s["hn"] = (1 - s["g"]) * s["h"] + s["g"] * s["c"]
    return s | {"L": s["hn"] ** 3}


def attention(rng: Random) -> Scope:
    q, k, v = rng(), rng(3), rng(3)
    scores = q * k
    al = torch.softmax(scores, 0)
    return {"q": q, "k": k, "v": v, "s": scores, "al": al, "o": (al * v).sum()}


def german_numbers(rng: Random) -> Scope:
    x, w, b, t = map(given, (1.5, -0.8, 0.4, 1.0))
    z = w * x + b
    o = SIGMOID(z)
    return {"x": x, "w": w, "b": b, "t": t, "z": z, "o": o, "E": (t - o) ** 2 / 2}


def index_notation(rng: Random) -> Scope:
    s: Scope = {"x": rng(2), "A": rng(3, 2), "a": rng(3), "B": rng(2, 3), "b": rng(2), "t": rng(2)}
    s |= {"f": lambda u: u + 0.3 * u**2 - 0.7 * u**3, "fp": lambda u: 1 + 0.6 * u - 2.1 * u**2}
    s["n"] = s["A"] @ s["x"] + s["a"]
    s["h"] = s["f"](s["n"])
    s["o"] = s["B"] @ s["h"] + s["b"]
    return s | {"Q": ((s["o"] - s["t"]) ** 2).sum()}


def chain_rule_warmup(rng: Random) -> Scope:
    s = rng.named("x c a b")
    s["u"] = 3 * s["x"] ** 2 + 1
    s["k"] = s["c"] ** 2
    s["m"], s["n"] = s["a"] + s["b"], s["a"] - s["b"]
    return s | {"y1": s["u"] ** 4, "p": torch.exp(-s["k"]), "r": s["m"] * s["n"]}


def gaussian_likelihood(rng: Random) -> Scope:
    x, mu, rho = rng(), rng(), rng()
    s = torch.exp(rho)
    return {"x": x, "mu": mu, "rho": rho, "s": s, "l": (x - mu) ** 2 / (2 * s**2) + torch.log(s)}


def poisson_counts(rng: Random) -> Scope:
    s = rng.named("t0 t1 x y")
    s["lam"] = torch.exp(s["t0"] + s["t1"] * s["x"])
    return s | {"L": s["lam"] - s["y"] * torch.log(s["lam"])}


def least_squares_matrix(rng: Random) -> Scope:
    A, x, b, mu = rng(3, 3), rng(3), rng(3), rng()
    r = A @ x - b
    f = half_squares(r)
    return {"A": A, "x": x, "b": b, "mu": mu, "r": r, "f": f, "g": f + mu * half_squares(x)}


def rnn_general_t(rng: Random) -> Scope:
    a, c, v = rng(), rng(), rng()
    x, y = ({t: rng() for t in (1, 2, 3)} for _ in range(2))
    h, o = {0: rng()}, {}
    for t in (1, 2, 3):
        h[t] = torch.tanh(a * h[t - 1] + c * x[t])
        o[t] = v * h[t]
    L = sum((o[t] - y[t]) ** 2 for t in (1, 2, 3)) / 2
    return {"a": a, "c": c, "v": v, "x": x, "y": y, "h": h, "o": o, "L": L}


def relu_by_hand(rng: Random) -> Scope:
    return {}


def portuguese_adaline(rng: Random) -> Scope:
    w, x, b, dd = rng(3), rng(3), rng(), rng()
    u = (w * x).sum() + b
    e = dd - u
    return {"w": w, "x": x, "b": b, "dd": dd, "u": u, "e": e, "J": e**2 / 2}


def dropout_mask(rng: Random) -> Scope:
    w, v, x, t = rng(3), rng(3), rng(), rng()
    m = torch.tensor([1.0, 1.0, 0.0], dtype=torch.float64)
    z = w * x
    h = SIGMOID(z)
    ht = m * h / 0.8
    y = (v * ht).sum()
    names = {"w": w, "v": v, "x": x, "t": t, "m": m, "q": 0.8, "z": z, "h": h, "ht": ht}
    return names | {"y": y, "L": (y - t) ** 2}
