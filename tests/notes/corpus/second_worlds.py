"""The quantities of the notes in `second_unseen`, as `worlds.py` has those of the others."""

from __future__ import annotations

import torch

from tests.notes.corpus.worlds import SIGMOID, Random, Scope, entropy, given, half_squares, upstream


def any_loss(*parts: torch.Tensor) -> torch.Tensor:
    """A number that depends on every entry, and on each in another way."""
    terms = [p * (0.3 + 0.1 * torch.arange(p.numel()).reshape(p.shape)) + 0.2 * p**3 for p in parts]
    return sum((term.sum() for term in terms), torch.tensor(0.0, dtype=torch.float64))


def nielsen_chapter(rng: Random) -> Scope:
    # square, so that a wrong index or transpose still has a value
    a, z, w, b = {1: rng(3)}, {}, {}, {}
    for l in (2, 3):
        w[l], b[l] = rng(3, 3), rng(3)
        z[l] = w[l] @ a[l - 1] + b[l]
        a[l] = SIGMOID(z[l])
    y = rng(3)
    C = half_squares(y - a[3])
    return {"a": a, "z": z, "w": w, "b": b, "y": y, "C": C, "delta": {l: upstream(C, z[l]) for l in (2, 3)}}


def planar_data(rng: Random) -> Scope:
    # as many units, inputs and outputs as examples, for the same reason
    X, W1, b1, W2, b2 = rng(3, 3), rng(3, 3), rng(3, 1), rng(3, 3), rng(3, 1)
    Y = rng.between(0, 1, 3, 3)
    z1 = W1 @ X + b1
    A1 = torch.tanh(z1)
    z2 = W2 @ A1 + b2
    A2 = SIGMOID(z2)
    names = {"X": X, "W1": W1, "b1": b1, "W2": W2, "b2": b2, "Y": Y, "z1": z1, "A1": A1, "z2": z2, "A2": A2}
    return names | {"m": 3, "J": entropy(Y, A2).sum() / 3, "alpha": 0.3}


def logistic_neurons(rng: Random) -> Scope:
    x, w, t = rng(3), rng(3, 3), rng(3)
    net = x @ w
    o = SIGMOID(net)
    return {"x": x, "w": w, "t": t, "net": net, "o": o, "E": half_squares(t - o), "eta": 0.3}


def batch_norm_paper(rng: Random) -> Scope:
    x, gamma, beta = rng(4), rng(), rng()
    mu = x.mean()
    v = ((x - mu) ** 2).mean()
    xh = (x - mu) / torch.sqrt(v + 0.01)
    y = gamma * xh + beta
    names = {"x": x, "gamma": gamma, "beta": beta, "mu": mu, "v": v, "xh": xh, "y": y, "eps": 0.01}
    return names | {"m": 4, "l": any_loss(y)}


def flash_attention(rng: Random) -> Scope:
    Q, K, V = rng(3, 3), rng(3, 3), rng(3, 3)
    S = Q @ K.T
    P = torch.softmax(S, 1)
    O = P @ V
    return {"Q": Q, "K": K, "V": V, "S": S, "P": P, "O": O, "phi": any_loss(O)}


def tied_encoder(rng: Random) -> Scope:
    W, b, c, x = rng(3, 3), rng(3), rng(3), rng(3)
    a = W @ x + b
    h = SIGMOID(a)
    xh = W.T @ h + c
    return {"W": W, "b": b, "c": c, "x": x, "a": a, "h": h, "xh": xh, "L": half_squares(xh - x)}


def letters_for_layers(rng: Random) -> Scope:
    x, w, v, t = rng(3), rng(3, 3), rng(3, 3), rng(3)
    a = w @ x
    z = torch.tanh(a)
    y = v @ z
    return {"x": x, "w": w, "v": v, "t": t, "a": a, "z": z, "y": y, "E": half_squares(y - t)}


def then_the_new_loss(rng: Random) -> Scope:
    values = {"x": 1.5, "w1": 0.8, "b1": -0.2, "w2": -1.5, "b2": 0.5, "y": 0.2}
    s: Scope = {name: given(value) for name, value in values.items()}
    s["z"] = s["w1"] * s["x"] + s["b1"]
    s["h"] = torch.relu(s["z"])
    s["yh"] = s["w2"] * s["h"] + s["b2"]
    return s | {"L": (s["yh"] - s["y"]) ** 2}


def one_letter_many_layers(rng: Random) -> Scope:
    s = rng.named("x a b u v t2")
    s["y1"] = s["x"] + s["x"] ** 3 - 0.4 * s["x"] ** 2
    s["Fp"] = lambda x: 3 * x**2 - 0.8 * x
    s["t"], s["h"] = SIGMOID(s["a"] * s["x"]), torch.tanh(s["b"] * s["x"])
    s["y2"] = s["t"] * s["h"] + (1 - s["t"]) * s["x"]
    s["y3"] = s["u"] * SIGMOID(s["v"])
    s["y4"] = torch.log(1 + torch.exp(s["x"]))
    return s | {"y5": (s["x"] - s["t2"]) ** 2 / 2}


def batch_softmax(rng: Random) -> Scope:
    X, W1, b1, W2, b2, lam = rng(3, 3), rng(3, 3), rng(1, 3), rng(3, 3), rng(1, 3), rng()
    Y = torch.softmax(rng(3, 3), 1).detach()
    Z1 = X @ W1 + b1
    H1 = torch.relu(Z1)
    S = H1 @ W2 + b2
    P = torch.softmax(S, 1)
    L = -(Y * torch.log(P)).sum() / 3 + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    names = {"X": X, "W1": W1, "b1": b1, "W2": W2, "b2": b2, "lam": lam, "Y": Y}
    return names | {"Z1": Z1, "H1": H1, "S": S, "P": P, "L": L}


def homework_plain(rng: Random) -> Scope:
    s = rng.named("x y W1 b1 W2 b2")
    s["h"] = torch.tanh(s["W1"] * s["x"] + s["b1"])
    s["yh"] = s["W2"] * s["h"] + s["b2"]
    return s | {"L": (s["yh"] - s["y"]) ** 2 / 2, "lr": 0.3}


def radial_basis(rng: Random) -> Scope:
    x, t, w, c, s = rng(4), rng(4), rng(3), rng(3), rng(3)
    phi = torch.exp(-((x[:, None] - c) ** 2) / (2 * s**2))
    f = phi @ w
    names = {"x": x, "t": t, "w": w, "c": c, "s": s, "phi": phi, "f": f, "e": t - f, "E": half_squares(t - f)}
    names |= dict(zip(("pa", "pb", "pc"), (rng(), rng(), rng()), strict=True))
    g = names["pa"] * x**2 + names["pb"] * x + names["pc"]
    return names | {"g": g, "Q": ((g - t) ** 2).sum()}
