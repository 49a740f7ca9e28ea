// ------------------------------------------------------------------------------------------ the table

const columns = [
  ["Name", (i) => name(i)],
  ["Operation", (i) => (data.ruleOf[i] < 0 ? "given" : rule(i).name)],
  ["Formula", (i) => (data.ruleOf[i] < 0 ? "" : plain(inSymbols(i, rule(i).formula)))],
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

