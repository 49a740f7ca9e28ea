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

/** A number with few digits, which fits between two boxes. */
function brief(text) {
  const x = Number(text);
  if (!Number.isFinite(x)) return fit(text, 8);
  const digits = String(Number(x.toPrecision(4)));
  return digits.length <= 8 ? digits : x.toExponential(1);
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
    const text = svg("text", { class: cls, x: middle.x, y: middle.y - 3, "data-edge": e }, brief(frame().local[e]));
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
  for (const [key, paths] of layout.edges) {
    const [tail, head] = key.split(" ").map((id) => clusterOf(layout, Number(id.slice(1))));
    const ends = [tail, head].filter((cluster) => cluster !== undefined);
    const closed = ends.filter((cluster) => state.closed.has(cluster)).length;
    for (const path of paths) {
      path.classList.toggle("covered", closed === 2 && tail === head);
      path.classList.toggle("faint", closed > 0 && closed === ends.length); // what is open is looked at
    }
  }
}

/** The scale at which all of the picture is seen. */
function fitting() {
  const canvas = $("canvas");
  const height = parseFloat(getComputedStyle(canvas).maxHeight) - 4;
  return Math.min((canvas.clientWidth - 4) / current().width, height / current().height);
}

function zoom(scale) {
  const layout = current();
  state.scale = scale || Math.min(1.25, Math.max(0.85, fitting())); // smaller text is hard to read: scroll instead
  layout.svg.setAttribute("width", layout.width * state.scale);
  layout.svg.setAttribute("height", layout.height * state.scale);
}

/** Scroll the picture to where the walk begins: of a tall layer the middle, with what it reads. */
function centre(part) {
  const canvas = $("canvas");
  const [outer, inner] = [canvas, part ?? canvas].map((x) => x.getBoundingClientRect());
  canvas.scrollTop += (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
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

