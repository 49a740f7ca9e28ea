"use strict";
// The explorer page. `data` is written by explorer.py and walkthrough.py: nodes in topological order, edges in
// the order of the backward pass, and every number as the text that Python shows. Text gets into the page by
// textContent only, so a label can never become markup.

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const ROOT = data.labels.length - 1;
const OUT = -1; // in the pieces of a formula: the result itself

// The steps: 0 is the start; then a step for each computed node; one that sets dL/dL; one for each edge.
const computed = data.ruleOf.flatMap((rule, node) => (rule < 0 ? [] : [node]));
const SEED = computed.length + 1;
const LAST = SEED + data.edges.length;
const forwardStep = new Map(computed.map((node, i) => [node, i + 1]));
const edgesInto = data.labels.map(() => []); // for each node the edges that hand it gradient
const edgesOf = data.labels.map(() => []); // and those along which it hands on its own
data.edges.forEach(([node, , operand], e) => {
  edgesInto[operand].push(e);
  edgesOf[node].push(e);
});

const state = { step: 0, frame: 0, view: "", closed: new Set(), chosen: null, hovered: null, timer: 0, scale: 0 };

// ------------------------------------------------------------------------------------------- small tools

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

function svg(tag, attributes, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  return node;
}

const frame = () => data.frames[state.frame];
const name = (node) => data.labels[node];
const d = (by, of = ROOT) => `∂${name(of)}/∂${name(by)}`;
const fit = (text, longest) => ([...text].length <= longest ? text : [...text].slice(0, longest - 1).join("") + "…");
const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** A text as a factor or as what is taken to a power: in brackets unless it is a single thing. */
const bracketed = (text) => (/^-|[ /]/.test(text) ? `(${text})` : text);

/** The gradient of a node once the first `count` edges have handed theirs on; null before the first. */
function gradientAfter(node, count) {
  if (node === ROOT) return count < 0 ? null : "1";
  let found = null;
  for (const e of edgesInto[node]) {
    if (e >= count) break;
    found = frame().after[e] ?? frame().given[e];
  }
  return found;
}
const gradient = (node) => gradientAfter(node, state.step - SEED);
const finalGradient = (node) => gradientAfter(node, data.edges.length);
const isComputed = (node) => data.ruleOf[node] < 0 || forwardStep.get(node) <= state.step;

// --------------------------------------------------------------------------------------------- formulas

/** A node's name within a formula: hovering it lights the node in the picture. */
function mention(node, text = name(node)) {
  return el("span", {
    class: "node", "data-node": node,
    onmouseenter: () => hover(node, false), onmouseleave: () => hover(null, false),
  }, text);
}

/** The pieces of a rule as text and names; `write` says how an operand or the result is written. */
function written(pieces, write) {
  return pieces.map((piece) => (typeof piece === "number" ? write(piece) : piece));
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const rule = (node) => data.rules[data.ruleOf[node]];
const operandOf = (node, position) => (position === OUT ? node : data.operands[node][position]);

function inSymbols(node, pieces) {
  return written(pieces, (position) => {
    const x = operandOf(node, position);
    return typeof x === "number" ? mention(x) : x;
  });
}

function inNumbers(node, pieces) {
  const alone = pieces.length === 1;
  return written(pieces, (position) => {
    const x = operandOf(node, position);
    const text = typeof x === "number" ? frame().values[x] : x;
    return typeof x === "number" ? mention(x, alone ? text : bracketed(text)) : text;
  });
}

function inLetters(pieces) {
  return written(pieces, (position) => (position === OUT ? "out" : LETTERS[position] ?? `x${position + 1}`)).join("");
}

const line = (...children) => el("p", { class: "formula" }, ...children);
const answer = (text) => el("span", { class: "answer" }, text);

/** Texts with a sign between each two. */
const joined = (items, sign) => items.flatMap((item, i) => (i ? [sign, item] : [item]));

/** Factors with a dot between; a line breaks between factors, not within one. */
const product = (factors) => joined(factors.map((f) => el("span", { class: "factor" }, ...[f].flat())), " · ");

// ----------------------------------------------------------------------------------- what a step tells

function tellStart() {
  const given = data.ruleOf.filter((r) => r < 0).length;
  return [
    el("h2", {}, "Start"),
    el("p", {}, `${plural(given, "Value")} are given. The forward pass computes ${plural(computed.length, "more")
      .replace("mores", "more")}, up to ${name(ROOT)}; the backward pass then hands gradients back along `
      + `${plural(data.edges.length, "edge")}.`),
    el("p", {}, "Press → for the first step. Choose a parameter to see all its paths to ", el("b", {}, name(ROOT)), "."),
  ];
}

function tellForward(node) {
  const { name: op, formula } = rule(node);
  const told = [
    el("h2", {}, `Forward: compute ${name(node)}`),
    line(mention(node), " = ", ...inSymbols(node, formula)),
    line(mention(node), " = ", ...inNumbers(node, formula)),
    line(mention(node), " = ", answer(frame().values[node])),
  ];
  const definition = data.named.definitions[node];
  if (definition) told.push(el("h3", {}, "In quantities that have names"), line(`${name(node)} = ${definition}`));
  told.push(el("p", { class: "note" }, `Rule of the table: ${op}, ${inLetters(formula)}`));
  return told;
}

function tellSeed() {
  return [
    el("h2", {}, `Backward: ${d(ROOT)} = 1`),
    el("p", {}, `The backward pass starts here: ${name(ROOT)} changes by as much as it changes itself.`),
    line(d(ROOT), " = ", answer("1")),
  ];
}

function tellBackward(e) {
  const [node, position, operand] = data.edges[e];
  const { name: op, formula, slopes } = rule(node);
  const slope = slopes[position] ?? [];
  const before = gradientAfter(operand, e) ?? "0";
  const upstream = gradientAfter(node, e);
  const local = frame().local[e];
  const after = gradientAfter(operand, e + 1);
  const row = (title, symbols, number, cls = "") =>
    el("tr", { class: cls }, el("th", { scope: "row" }, title), el("td", {}, ...symbols), el("td", {}, number));
  const told = [
    el("h2", {}, `Backward: ${name(node)} hands gradient to ${name(operand)}`),
    el("table", { class: "sum" }, el("tbody", {},
      row("before", [`${d(operand)} so far`], before),
      row("upstream", [d(node)], upstream),
      row("local", [d(operand, node), ...(slope.length ? [" = ", ...inSymbols(node, slope)] : [])], local),
      row("after", [d(operand)], after, "after"))),
    line(`${d(operand)} = before + upstream · local`),
    line(`${d(operand)} = ${before} + ${bracketed(upstream)} · ${bracketed(local)} = `, answer(after)),
  ];
  const total = edgesInto[operand].length;
  if (total > 1) {
    const nth = edgesInto[operand].indexOf(e) + 1;
    told.push(el("p", { class: "note" },
      `${name(operand)} is used ${total} times; this is contribution ${nth} of ${total}, and they add up.`));
  }
  told.push(el("h3", {}, "The chain rule so far"), ...tellChain(e));
  if (data.named.gradients[operand] && total === edgesInto[operand].indexOf(e) + 1) {
    told.push(el("h3", {}, "By hand, in quantities that have names"), ...tellInNames(operand));
  }
  const how = slope.length ? `∂(${inLetters(formula)})/∂${LETTERS[position] ?? position + 1} = ${inLetters(slope)}` : "";
  told.push(el("p", { class: "note" }, `Rule of the table: ${op}${how && ", "}${how}`));
  return told;
}

const isUnnamed = (node) => data.ruleOf[node] >= 0 && !data.named.definitions[node];

/** The product of local derivatives from the loss to this edge, up to where several paths have come together. */
function tellChain(e) {
  const chain = [e];
  while (edgesInto[data.edges[chain[0]][0]].length === 1) chain.unshift(edgesInto[data.edges[chain[0]][0]][0]);
  const top = data.edges[chain[0]][0];
  const collected = top !== ROOT;
  const operand = data.edges[e][2];
  const symbols = chain.map((c) => d(data.edges[c][2], data.edges[c][0]));
  const numbers = chain.map((c) => bracketed(frame().local[c]));
  const formulas = chain.map((c) => {
    const [node, position] = data.edges[c];
    const slope = rule(node).slopes[position] ?? [];
    if (!slope.length) return [d(data.edges[c][2], node)];
    const inside = inSymbols(node, slope);
    const loose = slope.length > 1 || String(slope[0]).startsWith("-");
    return loose && (collected || chain.length > 1) ? ["(", ...inside, ")"] : inside;
  });
  if (collected) {
    symbols.unshift(d(top));
    formulas.unshift([d(top)]);
    numbers.unshift(bracketed(finalGradient(top)));
  }
  const left = edgesInto[operand].length > 1 ? "contribution" : d(operand);
  const told = [
    line(left, " = ", ...product(symbols)),
    line("= ", ...product(formulas)),
    line("= ", ...product(numbers), " = ", answer(frame().given[e])),
  ];
  const unnamed = new Set(formulas.flat().flatMap((x) => (x.dataset ? [Number(x.dataset.node)] : [])).filter(isUnnamed));
  for (const x of unnamed) told.push(line("where ", mention(x), " = ", ...inSymbols(x, rule(x).formula)));
  if (collected) {
    told.push(el("p", { class: "note" }, `${d(top)} is the sum over ${edgesInto[top].length} edges into ${name(top)}.`));
  }
  return told;
}

// Partial derivatives between quantities that have names, by the quantity they are of.
const partialsOf = new Map();
data.named.partials.forEach(([of, by, text], i) => {
  if (!partialsOf.has(of)) partialsOf.set(of, []);
  partialsOf.get(of).push({ of, by, text, i });
});

/** The paths from the loss to a node in named quantities, as lists of partials; null where there are many. */
function namedPaths(target, most = 4) {
  const reaches = new Map([[target, true]]);
  const leads = (node) => {
    if (!reaches.has(node)) reaches.set(node, (partialsOf.get(node) ?? []).some((p) => leads(p.by)));
    return reaches.get(node);
  };
  const found = [];
  const search = (node, path) => {
    if (node === target) found.push(path);
    for (const p of partialsOf.get(node) ?? []) {
      if (found.length > most) return;
      if (leads(p.by)) search(p.by, [...path, p]);
    }
  };
  if (leads(ROOT)) search(ROOT, []);
  return found.length && found.length <= most ? found : null;
}

/** The derivation as one writes it by hand: named quantities only, formula and number. */
function tellInNames(node) {
  const told = [];
  const paths = node === ROOT ? null : namedPaths(node);
  // -2 (y - yhat) opens a product as it is; elsewhere, and any sum, needs brackets.
  const brackets = (p) => (/^-?[\w.^]+( \([^()]*\)| [\w.^]+)*$/.test(p.text) && (p.of === ROOT || !p.text.startsWith("-"))
    ? p.text : `(${p.text})`);
  const sum = (write) => joined(paths.map((path) => product(path.map(write))), " + ").flat();
  if (paths) {
    told.push(line(`${d(node)} = `, ...sum((p) => d(p.by, p.of))));
    if (paths.every((path) => path.every((p) => p.text))) told.push(line("= ", ...sum(brackets)));
    told.push(line("= ", ...sum((p) => bracketed(frame().partials[p.i])), " = ", answer(finalGradient(node))));
  }
  if (data.named.gradients[node]) told.push(line(`${d(node)} = ${data.named.gradients[node]}`));
  return told;
}

// --------------------------------------------------------------------------------- what a node tells

function tellNode(node) {
  const given = data.ruleOf[node] < 0;
  const into = edgesInto[node];
  const told = [el("h2", {}, name(node))];
  const actions = el("div", { class: "actions" });
  const jump = (text, step) => actions.append(el("button", { type: "button", onclick: () => goTo(step) }, text));
  if (!given) jump("Where it is computed", forwardStep.get(node));
  if (into.length) jump("Where its gradient is complete", SEED + into.at(-1) + 1);
  told.push(line(`${name(node)} = `, ...(given ? [] : [...inSymbols(node, rule(node).formula), " = "]),
    answer(frame().values[node])));
  told.push(line(`${d(node)} = `, answer(finalGradient(node) ?? "0")));
  if (!finalGradient(node)) told.push(el("p", { class: "note" }, `${name(ROOT)} gets no gradient to it.`));
  const inNames = tellInNames(node);
  if (inNames.length) told.push(el("h3", {}, "By hand, in quantities that have names"), ...inNames);
  if (data.paths[node]) told.push(...tellPaths(node));
  if (node === state.chosen) told.push(actions, el("p", { class: "note" }, "Esc lets go of it."));
  return told;
}

function tellPaths(node) {
  const paths = data.paths[node];
  const count = data.pathCounts[node];
  const products = frame().products[node];
  const told = [el("h3", {}, `${count === "1" ? "The path" : `All ${count} paths`} from ${name(ROOT)}, edge by edge`)];
  const list = el("ol", {});
  paths.forEach((path, i) => {
    const stations = [ROOT, ...path.map((e) => data.edges[e][2])];
    list.append(el("li", {}, line(...joined(stations.map((x) => mention(x)), " → ")),
      line(path.map((e) => bracketed(frame().local[e])).join(" · "), " = ", answer(products[i]))));
  });
  told.push(list);
  if (paths.length > 1 && String(paths.length) === count) {
    told.push(line(`sum: ${joined(products.map(bracketed), " + ").join("")} = `, answer(finalGradient(node))));
  } else if (paths.length > 1) {
    told.push(el("p", { class: "note" }, `These are the first ${paths.length}; all ${count} together add up to `,
      answer(finalGradient(node)), "."));
  }
  return told;
}

/** What a folded unit is made of. */
function tellUnit(layout, id) {
  const inside = layout.homes.flatMap((home, node) => (home === id ? [node] : []));
  const most = 30;
  const list = el("ul", {});
  for (const node of inside.slice(0, most)) {
    const button = el("button", { type: "button", onclick: () => choose(node) }, name(node));
    list.append(el("li", {}, line(button, ` = ${frame().values[node]}, ${d(node)} = ${finalGradient(node) ?? "0"}`)));
  }
  const told = [el("h2", {}, `${plural(inside.length, "Value")} folded here`), list];
  if (inside.length > most) told.push(el("p", { class: "note" }, `and ${inside.length - most} more; the table has all.`));
  if (!inside.length) told.push(el("p", {}, "None of them is among those that this page tells of."));
  return told;
}

// --------------------------------------------------------------------------------------- the pictures

/** The parts of each picture, found once: nodes by their number in it, edges by both ends. */
const layouts = {};
for (const picture of document.querySelectorAll(".graph")) {
  const layout = { ...data.layouts[picture.dataset.layout], svg: picture, nodes: new Map(), edges: new Map(), handles: new Map() };
  layout.width = Number(picture.getAttribute("width"));
  layout.height = Number(picture.getAttribute("height"));
  for (const g of picture.querySelectorAll(".node")) {
    const part = { g, id: Number(g.dataset.id), value: g.querySelector(".value"), grad: g.querySelector(".grad") };
    part.shows = layout.shows[part.id];
    layout.nodes.set(part.id, part);
  }
  for (const path of picture.querySelectorAll(".edge")) {
    if (!layout.edges.has(path.dataset.ends)) layout.edges.set(path.dataset.ends, []);
    layout.edges.get(path.dataset.ends).push(path);
  }
  for (const g of picture.querySelectorAll(".handle")) layout.handles.set(g.dataset.cluster, g);
  layouts[picture.dataset.layout] = layout;
}
const views = Object.keys(layouts);
const current = () => layouts[state.view];
const clusterOf = (layout, id) => layout.inside[id];

/** What stands for a node in this picture: its own box, the box it is folded into, or a closed neuron. */
function standIn(layout, node) {
  const id = layout.homes[node];
  if (id === null) return null;
  const cluster = clusterOf(layout, id);
  return cluster && state.closed.has(cluster) ? layout.handles.get(cluster) : layout.nodes.get(id).g;
}

function edgePaths(layout, e) {
  const [node, , operand] = data.edges[e];
  const [tail, head] = [layout.homes[operand], layout.homes[node]];
  return tail === head ? [] : layout.edges.get(`n${tail} n${head}`) ?? [];
}

function drawNumbers(layout) {
  for (const part of layout.nodes.values()) {
    if (part.shows === undefined) continue;
    const known = isComputed(part.shows);
    const grad = gradient(part.shows);
    part.value.textContent = known ? fit(frame().values[part.shows], 15) : "–";
    part.grad.textContent = grad === null ? "–" : fit(grad, 15);
    part.g.classList.toggle("pending", !known);
    part.g.classList.toggle("partial", grad !== null && grad !== finalGradient(part.shows));
  }
  for (const [cluster, handle] of layout.handles) {
    const node = outputOf(layout, cluster);
    const [value, grad] = handle.querySelectorAll(".lidtext");
    value.textContent = node === null ? "" : `value ${isComputed(node) ? fit(frame().values[node], 15) : "–"}`;
    grad.textContent = node === null ? "" : `grad ${fit(gradient(node) ?? "–", 15)}`;
  }
}

/** The last Value inside a neuron: what it computes. */
function outputOf(layout, cluster) {
  let found = null;
  for (const part of layout.nodes.values()) {
    if (clusterOf(layout, part.id) === cluster && part.shows !== undefined) found = Math.max(found ?? 0, part.shows);
  }
  return found;
}

function drawMarks(layout) {
  for (const marked of layout.svg.querySelectorAll(".now, .reads, .lit, .chosen")) {
    marked.classList.remove("now", "reads", "lit", "chosen");
  }
  for (const text of layout.svg.querySelectorAll(".slope")) text.remove();
  const mark = (node, cls) => standIn(layout, node)?.classList.add(cls);
  const { step } = state;
  if (step > 0 && step < SEED) {
    const node = computed[step - 1];
    for (const x of data.operands[node]) if (typeof x === "number") mark(x, "reads");
    mark(node, "now");
  } else if (step === SEED) {
    mark(ROOT, "now");
  } else if (step > SEED) {
    const e = step - SEED - 1;
    mark(data.edges[e][0], "reads");
    mark(data.edges[e][2], "now");
    for (const path of edgePaths(layout, e)) path.classList.add("now");
    writeSlopes(layout, [e], "slope now");
  }
  const lit = state.hovered ?? state.chosen;
  layout.svg.classList.toggle("lighting", lit !== null);
  if (lit !== null) {
    const edges = edgesAbove(lit);
    mark(lit, "lit");
    standIn(layout, lit)?.classList.add("chosen");
    for (const e of edges) {
      mark(data.edges[e][0], "lit");
      for (const path of edgePaths(layout, e)) path.classList.add("lit");
    }
    if (edges.length <= 60) writeSlopes(layout, edges);
  }
  for (const span of document.querySelectorAll(".formula .node")) {
    span.classList.toggle("lit", Number(span.dataset.node) === lit);
  }
}

/** All edges on the ways from a node up to the loss. */
function edgesAbove(node) {
  const found = new Set();
  const seen = new Set([node]);
  for (const x of seen) {
    for (const e of edgesInto[x]) {
      found.add(e);
      seen.add(data.edges[e][0]);
    }
  }
  return [...found];
}

/** The local derivatives beside these edges, where the picture shows both ends one by one. */
function writeSlopes(layout, edges, cls = "slope") {
  if (state.view !== "none") return;
  for (const e of edges) {
    const [node, , operand] = data.edges[e];
    const [path] = edgePaths(layout, e);
    if (!path || layout.svg.querySelector(`.slope[data-edge="${e}"]`)) continue;
    if ([node, operand].some((x) => state.closed.has(clusterOf(layout, layout.homes[x])))) continue;
    const middle = path.getPointAtLength(path.getTotalLength() / 2);
    const text = svg("text", { class: cls, x: middle.x, y: middle.y - 3, "data-edge": e }, fit(frame().local[e], 12));
    layout.svg.append(text);
  }
}

function drawFolds(layout) {
  for (const [cluster, handle] of layout.handles) {
    const closed = state.closed.has(cluster);
    handle.classList.toggle("closed", closed);
    handle.setAttribute("aria-expanded", String(!closed));
    handle.querySelector(".sign").textContent = closed ? "+" : "−";
  }
  for (const part of layout.nodes.values()) {
    const covered = state.closed.has(clusterOf(layout, part.id));
    part.g.classList.toggle("covered", covered);
  }
  for (const [ends, paths] of layout.edges) {
    const [tail, head] = ends.split(" ").map((id) => clusterOf(layout, Number(id.slice(1))));
    const covered = tail !== undefined && tail === head && state.closed.has(tail);
    for (const path of paths) path.classList.toggle("covered", covered);
  }
}

function zoom(scale) {
  const layout = current();
  const canvas = $("canvas");
  const fitting = Math.min((canvas.clientWidth - 4) / layout.width, parseFloat(getComputedStyle(canvas).maxHeight) / layout.height);
  state.scale = scale || Math.min(1.25, Math.max(0.85, fitting)); // smaller text is hard to read: scroll instead
  layout.svg.setAttribute("width", layout.width * state.scale);
  layout.svg.setAttribute("height", layout.height * state.scale);
}

/** Scroll the picture, not the page, until a part is well inside. */
function reveal(part) {
  if (!part) return;
  const canvas = $("canvas");
  const outer = canvas.getBoundingClientRect();
  const inner = part.getBoundingClientRect();
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  const far = (low, high, start, end) => (low < start ? low - start - 40 : high > end ? high - end + 40 : 0);
  const left = far(inner.left, inner.right, outer.left, outer.right);
  const top = far(inner.top, inner.bottom, outer.top, outer.bottom);
  if (left || top) canvas.scrollBy({ left, top, behavior });
}

// ------------------------------------------------------------------------------------------ the table

const columns = [
  ["Name", (i) => name(i)],
  ["Operation", (i) => (data.ruleOf[i] < 0 ? "given" : rule(i).name)],
  ["Formula", (i) => (data.ruleOf[i] < 0 ? "" : inSymbols(i, rule(i).formula).map((x) => x.textContent ?? x).join(""))],
  ["Value", (i) => frame().values[i]],
  ["Gradient", (i) => finalGradient(i) ?? "0"],
];
let sorting = { column: -1, down: false };

/** A number's text as a number, to sort by; fractions as well. */
function numeric(text) {
  const [above, below] = text.split("/").map((part) => Number(part.replace("inf", "Infinity")));
  return below === undefined ? above : above / below;
}

function drawTable() {
  if (!$("list").open) return;
  const order = data.labels.map((_, i) => i);
  if (sorting.column >= 0) {
    const key = columns[sorting.column][1];
    const keys = order.map(key);
    const compare = sorting.column < 3
      ? (a, b) => keys[a].localeCompare(keys[b], "en", { numeric: true })
      : (a, b) => numeric(keys[a]) - numeric(keys[b]) || 0;
    order.sort((a, b) => (sorting.down ? -1 : 1) * compare(a, b) || a - b);
  }
  $("list").querySelector("tbody").replaceChildren(...order.map((i) => el("tr", { "data-node": i },
    ...columns.map(([title, text], c) => {
      if (c === 0) {
        return el("th", { scope: "row" }, el("button", { type: "button", onclick: () => choose(i, true) }, text(i)));
      }
      return el("td", { class: c > 2 ? "number" : c === 2 ? "formula-cell" : "" }, text(i));
    }))));
  $("list").querySelectorAll("thead th").forEach((th, c) => {
    if (c === sorting.column) th.setAttribute("aria-sort", sorting.down ? "descending" : "ascending");
    else th.removeAttribute("aria-sort");
  });
}

// --------------------------------------------------------------------------------------- the loss curve

function drawCurve() {
  const losses = data.losses;
  const finite = losses.filter((x) => x !== null);
  const high = Math.max(...finite), low = Math.min(...finite);
  const x = (i) => 6 + (228 * i) / Math.max(1, losses.length);
  const y = (loss) => 44 - (34 * (loss - low)) / (high - low || 1);
  const points = losses.flatMap((loss, i) => (loss === null ? [] : [`${x(i).toFixed(1)},${y(loss).toFixed(1)}`]));
  const step = data.frameSteps[state.frame];
  const loss = losses[Math.min(step, losses.length - 1)];
  $("curve").replaceChildren(
    svg("polyline", { points: points.join(" ") }),
    svg("circle", { cx: x(step), cy: y(loss ?? low), r: 4 }),
    svg("text", { x: 6, y: 55 }, "loss of each step"));
}

// -------------------------------------------------------------------------------------- bringing it up to date

function tell() {
  const { step } = state;
  const told = step === 0 ? tellStart() : step < SEED ? tellForward(computed[step - 1])
    : step === SEED ? tellSeed() : tellBackward(step - SEED - 1);
  $("telling").replaceChildren(...told);
  const part = step === 0 ? "start" : step < SEED ? "forward" : "backward";
  $("where").textContent = `${step} of ${LAST}, ${part}`;
  $("step").value = step;
  $("step").setAttribute("aria-valuetext", `${step} of ${LAST}, ${told[0].textContent}`);
  if (!state.timer) $("status").textContent = told[0].textContent;
  for (const id of ["first", "back"]) $(id).disabled = step === 0;
  for (const id of ["next", "last"]) $(id).disabled = step === LAST;
  for (const row of document.querySelectorAll("#list tr.now")) row.classList.remove("now");
  const node = step === 0 ? -1 : step < SEED ? computed[step - 1] : step === SEED ? ROOT : data.edges[step - SEED - 1][2];
  document.querySelector(`#list tr[data-node="${node}"]`)?.classList.add("now");
  return node;
}

function tellChosen() {
  const node = state.hovered ?? state.chosen;
  const box = $("chosen");
  if (node !== null) box.replaceChildren(...tellNode(node));
  else if (state.unit) box.replaceChildren(...tellUnit(...state.unit));
  else box.replaceChildren();
  box.hidden = !box.hasChildNodes();
}

function draw(scroll = false) {
  const node = tell();
  tellChosen();
  drawNumbers(current());
  drawMarks(current());
  if (scroll && node >= 0) reveal(standIn(current(), node));
}

function goTo(step) {
  state.step = Math.max(0, Math.min(LAST, step));
  if (state.step === LAST) pause();
  draw(true);
}

function show(view) {
  state.view = view;
  for (const [key, layout] of Object.entries(layouts)) layout.svg.toggleAttribute("hidden", key !== view);
  drawFolds(current());
  zoom();
  const next = views[(views.indexOf(view) + 1) % views.length];
  $("fold").textContent = { none: "Unfold all", neurons: "Fold to neurons", layers: "Fold to layers" }[next] ?? "Fold";
  $("fold").hidden = views.length < 2;
  draw();
}

function setFrame(number) {
  state.frame = Math.max(0, Math.min(data.frames.length - 1, number));
  const [step, all] = [data.frameSteps[state.frame], data.frameSteps.at(-1)];
  $("frame").value = state.frame;
  const when = step === 0 ? `before step 1 of ${all}` : `after step ${step} of ${all}`;
  $("when").textContent = `${when}, ${fit(name(ROOT), 12)} = ${frame().values[ROOT]}`;
  $("frame").setAttribute("aria-valuetext", $("when").textContent);
  $("earlier").disabled = state.frame === 0;
  $("later").disabled = state.frame === data.frames.length - 1;
  drawCurve();
  draw();
  drawTable();
}

function choose(node, scroll = false) {
  state.chosen = node;
  state.unit = null;
  state.hovered = null;
  if (node !== null) {
    const cluster = clusterOf(current(), current().homes[node]);
    if (state.closed.delete(cluster)) drawFolds(current());
  }
  draw();
  if (node !== null && scroll) {
    $("canvas").scrollIntoView({ block: "nearest" });
    reveal(standIn(current(), node));
  }
}

/** Light the paths of a node; and tell of it, unless that would move what is pointed at. */
function hover(node, telling = true) {
  if (state.hovered === node) return;
  state.hovered = node;
  drawMarks(current());
  if (telling) tellChosen();
}

// ----------------------------------------------------------------------------------------------- folding

const neurons = () => [...layouts.none.handles.keys()];

/** All neurons of the detailed picture but those with a Value that `isOpen` accepts are closed. */
function closeBut(isOpen) {
  const { homes, inside } = layouts.none;
  const open = new Set(data.labels.flatMap((_, node) => (isOpen(node) ? [inside[homes[node]]] : [])));
  state.closed = new Set(neurons().filter((cluster) => !open.has(cluster)));
}

function toggleCluster(cluster) {
  if (!state.closed.delete(cluster)) state.closed.add(cluster);
  if (views.includes("neurons") && state.closed.size === neurons().length) return foldNext();
  drawFolds(current());
  draw();
  current().handles.get(cluster).focus();
}

function foldNext() {
  state.closed.clear();
  show(views[(views.indexOf(state.view) + 1) % views.length]);
}

/** Open a folded unit in the next picture that shows more; where there is none, list what it is made of. */
function unfold(id) {
  const { homes } = current();
  const more = views[views.indexOf(state.view) - 1];
  if (!more) {
    state.unit = [current(), id];
    return draw();
  }
  if (more === "none") closeBut((node) => homes[node] === id);
  const first = homes.indexOf(id);
  show(more);
  if (first >= 0) {
    const part = standIn(current(), first);
    reveal(part);
    part?.focus();
  }
}

// ------------------------------------------------------------------------------------------------ playing

function play() {
  if (state.timer) return pause();
  if (state.step === LAST) state.step = 0;
  const tick = () => {
    state.timer = setTimeout(tick, Number($("speed").value));
    goTo(state.step + 1);
  };
  $("play").textContent = "Pause";
  tick();
}

function pause() {
  clearTimeout(state.timer);
  state.timer = 0;
  $("play").textContent = "Play";
}

// ------------------------------------------------------------------------------------------------ finding

function findNext(text) {
  const wanted = text.trim().toLowerCase();
  const hits = wanted ? data.labels.flatMap((label, i) => (label.toLowerCase().includes(wanted) ? [i] : [])) : [];
  const exact = hits.filter((i) => name(i).toLowerCase() === wanted);
  const order = [...exact, ...hits.filter((i) => !exact.includes(i))];
  const at = (order.indexOf(state.chosen) + 1) % (order.length || 1);
  $("found").textContent = !wanted ? "" : order.length ? `${at + 1} of ${order.length}` : "none";
  if (order.length) choose(order[at], true);
}

// ----------------------------------------------------------------------------------------- being asked to

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input[type=search], select");
  const pressing = event.target.matches("button, summary");
  const sliding = event.target.matches("input[type=range]");
  const actions = {
    ArrowRight: () => goTo(state.step + 1), ArrowLeft: () => goTo(state.step - 1),
    Home: () => goTo(0), End: () => goTo(LAST), " ": play, f: foldNext,
    "/": () => $("find").focus(), "[": () => setFrame(state.frame - 1), "]": () => setFrame(state.frame + 1),
    Escape: () => { $("find").value = ""; choose(null); },
  };
  if (event.key === "Escape" && typing) $("canvas").focus();
  if (!Object.hasOwn(actions, event.key) || (typing && event.key !== "Escape")) return;
  if ((sliding && /Arrow|Home|End/.test(event.key)) || (pressing && event.key === " ")) return; // their own keys
  if (event.key === " " && event.target.closest("[role=button]")) return;
  event.preventDefault();
  if (event.key !== " ") pause();
  actions[event.key]();
}

function press(part, layout) {
  const node = layout.nodes.get(Number(part.dataset.id));
  if (part.matches(".handle")) toggleCluster(part.dataset.cluster);
  else if (part.matches(".folded")) unfold(node.id);
  else if (node.shows !== undefined) choose(state.chosen === node.shows ? null : node.shows);
  else unfold(node.id);
}

for (const layout of Object.values(layouts)) {
  const partOf = (event) => event.target.closest("[role=button]");
  const pointed = (event) => {
    const part = partOf(event);
    const shows = part?.matches(".node") ? layout.nodes.get(Number(part.dataset.id)).shows : undefined;
    hover(shows ?? null);
  };
  layout.svg.addEventListener("click", (event) => partOf(event) && press(partOf(event), layout));
  layout.svg.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && partOf(event)) {
      event.preventDefault();
      press(partOf(event), layout);
    }
  });
  layout.svg.addEventListener("mouseover", pointed);
  layout.svg.addEventListener("mouseleave", () => hover(null));
  layout.svg.addEventListener("focusin", pointed);
  layout.svg.addEventListener("focusout", () => hover(null));
}

function onClick(id, action) {
  $(id).addEventListener("click", action);
}
onClick("first", () => { pause(); goTo(0); });
onClick("back", () => { pause(); goTo(state.step - 1); });
onClick("next", () => { pause(); goTo(state.step + 1); });
onClick("last", () => { pause(); goTo(LAST); });
onClick("play", play);
onClick("fold", foldNext);
onClick("smaller", () => zoom(state.scale / 1.25));
onClick("larger", () => zoom(state.scale * 1.25));
onClick("fit", () => zoom(0));
onClick("earlier", () => setFrame(state.frame - 1));
onClick("later", () => setFrame(state.frame + 1));
onClick("help", () => {
  $("keys").hidden = !$("keys").hidden;
  $("help").setAttribute("aria-expanded", String(!$("keys").hidden));
});
onClick("theme", () => {
  const dark = $("theme").textContent === "Dark";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  $("theme").textContent = dark ? "Light" : "Dark";
});
$("step").addEventListener("input", () => { pause(); goTo(Number($("step").value)); });
$("frame").addEventListener("input", () => setFrame(Number($("frame").value)));
$("find").addEventListener("keydown", (event) => event.key === "Enter" && findNext($("find").value));
$("find").addEventListener("input", () => { state.chosen = null; findNext($("find").value); });
$("list").addEventListener("toggle", () => { drawTable(); tell(); });
document.addEventListener("keydown", pressed);
addEventListener("beforeprint", () => { $("list").open = true; drawTable(); });

// -------------------------------------------------------------------------------------------------- start

columns.forEach(([title], column) => $("list").querySelector("thead tr").append(
  el("th", { scope: "col" }, el("button", {
    type: "button",
    onclick: () => {
      sorting = { column, down: sorting.column === column && !sorting.down };
      drawTable();
    },
  }, title))));
for (const note of data.notes) $("notes").append(el("li", {}, note));
if (matchMedia("(prefers-color-scheme: dark)").matches) $("theme").textContent = "Light";
$("step").max = LAST;
$("training").hidden = data.frames.length < 2;
$("frame").max = data.frames.length - 1;
if (data.frames.length > 1) state.step = LAST;
state.view = views[0];
show(data.labels.length > 60 && views.includes("neurons") ? "neurons" : views[0]);
if (data.frames.length > 1) setFrame(0);
