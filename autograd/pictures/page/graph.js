"use strict";
// The explorer page, in files that explorer.py puts into one script: graph, telling, picture, table, controls.
// `data` is written by explorer.py and walkthrough.py: nodes in topological order, edges in the order of the
// backward pass, and every number as the text that Python shows. Text gets into the page by textContent only,
// so a label can never become markup.

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

const state = { step: 0, frame: 0, view: "", closed: new Set(), chosen: null, hovered: null, along: null,
  unit: null, timer: 0, scale: 0 };

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

/** Whether a mouse moved, rather than the page beneath one at rest. */
function moved(event) {
  const [x, y] = mouse;
  mouse = [event.screenX, event.screenY];
  return x !== mouse[0] || y !== mouse[1];
}
let mouse = [];

const frame = () => data.frames[state.frame];
const name = (node) => data.labels[node];
const d = (by, of = ROOT) => `∂${name(of)}/∂${name(by)}`;
const fit = (text, longest) => ([...text].length <= longest ? text : [...text].slice(0, longest - 1).join("") + "…");
const counted = (count) => count.toLocaleString("en");
const plural = (count, noun) => `${counted(count)} ${noun}${count === 1 ? "" : "s"}`;

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

