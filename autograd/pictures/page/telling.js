// --------------------------------------------------------------------------------------------- formulas

/** How a node comes about, as one reads it when pointing at its name. */
function inOneLine(node) {
  const pieces = data.ruleOf[node] < 0 ? [] : rule(node).formula;
  const text = pieces.map((p) => (typeof p === "string" ? p : label(operandOf(node, p)))).join("");
  return `${name(node)} = ${text ? `${fit(text, 200)} = ` : ""}${frame().values[node]}`;
}
const label = (x) => (typeof x === "number" ? name(x) : x);

/** A node's name within a formula: hovering it lights the node in the picture. */
function mention(node, text = name(node)) {
  return el("span", {
    class: "node", "data-node": node, title: inOneLine(node),
    onmousemove: (event) => moved(event) && hover(node, false), onmouseleave: () => hover(null, false),
  }, text);
}

/** The pieces of a formula as text and names; `write` says how what is only a number is written. */
function written(pieces, write) {
  return pieces.map((piece, i) => (typeof piece === "number" ? write(piece, i) : piece));
}

/** A formula in quantities that have names. */
const inNames = (pieces) => written(pieces, (node) => mention(node));
const plain = (parts) => parts.map((part) => part.textContent ?? part).join("");

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
  const alone = (i) => /(^|\()$/.test(pieces[i - 1] ?? "") && /^(\)|$)/.test(pieces[i + 1] ?? "");
  return written(pieces, (position, i) => {
    const x = operandOf(node, position);
    const text = typeof x === "number" ? frame().values[x] : x;
    return typeof x === "number" ? mention(x, alone(i) ? text : bracketed(text)) : text;
  });
}

function inLetters(pieces) {
  return written(pieces, (position) => (position === OUT ? "out" : LETTERS[position] ?? `x${position + 1}`)).join("");
}

const line = (...children) => el("p", { class: "formula" }, ...children);
const answer = (text) => el("span", { class: "answer" }, text);

/** Texts with a sign between each two. */
const joined = (items, sign) => items.flatMap((item, i) => (i ? [sign, item] : [item]));

/** Factors with a dot between; a line breaks between factors, not within one, unless it is long. */
const product = (factors) => joined(factors.map((factor) => {
  const parts = [factor].flat();
  return el("span", { class: plain(parts).length > 40 ? "" : "factor" }, ...parts);
}), " · ");

// ----------------------------------------------------------------------------------- what a step tells

function tellStart() {
  const given = data.ruleOf.filter((r) => r < 0).length;
  const told = [el("h2", {}, `How ${name(ROOT)} is computed`)];
  const named = Object.entries(data.named.definitions).reverse();
  for (const [node, pieces] of named.slice(0, 8)) {
    if (pieces.length) told.push(line(mention(Number(node)), " = ", ...inNames(pieces)));
  }
  if (named.length > 8) told.push(el("p", { class: "note" }, `and ${counted(named.length - 8)} more`));
  if (!computed.length) return [...told, el("p", {}, `${name(ROOT)} was given: there is nothing to compute.`)];
  told.push(
    el("p", {}, `Forward, ${plural(computed.length, "Value")} ${computed.length === 1 ? "is" : "are"} computed from `
      + `${counted(given)} given. Backward, gradients go from ${name(ROOT)} along ${plural(data.edges.length, "edge")}.`),
    el("p", {}, "Press → or Play to go step by step. Or point at a parameter to see every path from ",
      el("b", {}, name(ROOT)), " to it, and how its gradient comes about."));
  return told;
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
  if (definition?.length && plain(inNames(definition)) !== plain(inSymbols(node, formula))) {
    told.push(el("h3", {}, "In quantities that have names"), line(mention(node), " = ", ...inNames(definition)));
  }
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
  if (data.named.gradients[operand]?.length && total === edgesInto[operand].indexOf(e) + 1) {
    told.push(el("h3", {}, "By hand, in quantities that have names"), ...tellInNames(operand));
  }
  const how = slope.length ? `∂(${inLetters(formula)})/∂${LETTERS[position] ?? position + 1} = ${inLetters(slope)}` : "";
  told.push(el("p", { class: "note" }, `Rule of the table: ${op}${how && ", "}${how}`));
  return told;
}

const isUnnamed = (node) => data.ruleOf[node] >= 0 && !data.named.definitions[node];

const MOST_FACTORS = 14;

/** The product of local derivatives from the loss to this edge, up to where several paths have come together. */
function tellChain(e) {
  const chain = [e];
  const above = () => edgesInto[data.edges[chain[0]][0]];
  while (above().length === 1 && chain.length < MOST_FACTORS) chain.unshift(above()[0]);
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
    const total = edgesInto[top].length;
    const how = total === 1 ? "comes about in the same way, further up" : `is a sum of ${counted(total)} contributions`;
    told.push(el("p", { class: "note" }, `${d(top)} ${how}.`));
  }
  return told;
}

// Partial derivatives between quantities that have names, by the quantity they are of.
const partialsOf = new Map();
data.named.partials.forEach(([of, by, pieces], i) => {
  if (!partialsOf.has(of)) partialsOf.set(of, []);
  partialsOf.get(of).push({ of, by, pieces, i });
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
  const brackets = (p) => {
    const parts = inNames(p.pieces);
    const text = plain(parts);
    const bare = /^-?[\w.^]+( \([^()]*\)| [\w.^]+)*$/.test(text) && (p.of === ROOT || !text.startsWith("-"));
    return bare ? parts : ["(", ...parts, ")"];
  };
  const sum = (write) => joined(paths.map((path) => product(path.map(write))), " + ").flat();
  const result = data.named.gradients[node] ?? [];
  if (paths && (paths.length > 1 || paths[0].length > 1)) {
    told.push(line(`${d(node)} = `, ...sum((p) => d(p.by, p.of))));
    if (paths.every((path) => path.every((p) => p.pieces.length))) told.push(line("= ", ...sum(brackets)));
    told.push(line("= ", ...sum((p) => bracketed(frame().partials[p.i])), " = ", answer(finalGradient(node))));
  }
  if (result.length) {
    const value = told.length || node === ROOT ? [] : [" = ", answer(finalGradient(node))];
    told.push(line(`${d(node)} = `, ...inNames(result), ...value));
  }
  return told;
}

// --------------------------------------------------------------------------------- what a node tells

function tellNode(node) {
  const given = data.ruleOf[node] < 0;
  const into = edgesInto[node];
  const told = [el("h2", {}, name(node), ...inNotes(node))];
  const actions = el("div", { class: "actions" });
  const jump = (text, step) => actions.append(el("button", { type: "button", onclick: () => goTo(step) }, text));
  if (!given) jump("Go to the step that computes it", forwardStep.get(node));
  if (into.length) {
    jump("Go to the step that completes its gradient", SEED + into.at(-1) + 1);
    actions.append(el("button", { type: "button", "aria-pressed": String(state.along !== null), onclick: follow },
      "Step along its paths only"));
  }
  told.push(line(`${name(node)} = `, ...(given ? [] : [...inSymbols(node, rule(node).formula), " = "]),
    answer(frame().values[node])));
  told.push(line(`${d(node)} = `, answer(finalGradient(node) ?? "0")));
  if (!finalGradient(node)) told.push(el("p", { class: "note" }, `${name(ROOT)} gets no gradient to it.`));
  const byHand = tellInNames(node);
  if (byHand.length) told.push(el("h3", {}, "By hand, in quantities that have names"), ...byHand);
  if (data.paths[node]) told.push(...tellPaths(node));
  if (node === state.chosen) told.push(actions, el("p", { class: "note" }, "Esc lets go of it."));
  else told.push(el("p", { class: "note" }, "Click to keep it."));
  return told;
}

/** How notes write a name, where that is not as it stands: w1_11 has its layer above and its index below. */
function inNotes(node) {
  const written = data.typeset[node];
  if (!written) return [];
  const [stem, above, below] = written;
  const scripts = el("span", { class: "scripts" }, el("span", {}, above), el("span", {}, below));
  return [" ", el("span", { class: "soft" }, "in notes ", el("i", {}, stem), scripts)];
}

/** The beginning and the end of a long list, with null for what is left out. */
const abridged = (items) => (items.length <= 30 ? items : [...items.slice(0, 12), null, ...items.slice(-12)]);

function tellPaths(node) {
  const paths = data.paths[node];
  const count = data.pathCounts[node];
  const products = frame().products[node];
  const all = String(paths.length) === count;
  const these = count === "1" ? "The path" : all ? `All ${count} paths` : `${paths.length} of ${count} paths`;
  const told = [el("h3", {}, `${these} from ${name(ROOT)}, edge by edge`)];
  const list = el(paths.length > 1 ? "ol" : "ul", {});
  paths.forEach((path, i) => {
    const stations = [ROOT, ...path.map((e) => data.edges[e][2])];
    list.append(el("li", {}, line(...joined(abridged(stations).map((x) => (x === null ? "…" : mention(x))), " → ")),
      line(abridged(path).map((e) => (e === null ? "…" : bracketed(frame().local[e]))).join(" · "), " = ", answer(products[i]))));
  });
  told.push(list);
  if (paths.length > 1 && all) {
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

