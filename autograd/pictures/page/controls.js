// -------------------------------------------------------------------------------------- bringing it up to date

function tell() {
  const { step } = state;
  const told = step === 0 ? tellStart() : step < SEED ? tellForward(computed[step - 1])
    : step === SEED ? tellSeed() : tellBackward(step - SEED - 1);
  $("telling").replaceChildren(...told);
  const part = step === 0 ? "start" : step < SEED ? "forward" : "backward";
  const at = state.along?.indexOf(step) ?? -1;
  $("where").textContent = at < 0 ? `${counted(step)} of ${counted(LAST)}, ${part}`
    : `${at + 1} of ${state.along.length} to ${fit(name(state.chosen), 9)}`;
  $("step").value = step;
  $("step").setAttribute("aria-valuetext", `${$("where").textContent}: ${told[0].textContent}`);
  if (!state.timer) $("status").textContent = told[0].textContent;
  const [begin, end] = state.along ? [SEED, state.along.at(-1)] : [0, LAST];
  for (const id of ["first", "back"]) $(id).disabled = step <= begin;
  for (const id of ["next", "last"]) $(id).disabled = step >= end;
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
  $("side").classList.toggle("following", state.along !== null);
  const node = tell();
  tellChosen();
  drawNumbers(current());
  drawMarks(current());
  if (scroll && node >= 0) reveal(standIn(current(), node));
}

/** One step on, or back; along the paths of the chosen node where only those are followed. */
function stepBy(direction) {
  const { along, step } = state;
  if (!along) return goTo(step + direction);
  const next = direction > 0 ? along.find((s) => s > step) : along.findLast((s) => s < step);
  goTo(next ?? step);
}

const toFirst = () => goTo(state.along ? SEED : 0);
const toLast = () => goTo(state.along?.at(-1) ?? LAST);

/** Follow the chosen node's paths only: the backward steps that its gradient comes from; or all steps again. */
function follow() {
  state.along = state.along ? null : [SEED, ...edgesAbove(state.chosen).map((e) => SEED + 1 + e).sort((a, b) => a - b)];
  goTo(state.along ? SEED : state.step);
  $("next").focus();
}

function goTo(step) {
  if (!document.activeElement.closest(".graph")) state.hovered = null; // what was pointed at may be gone
  state.step = Math.max(0, Math.min(LAST, step));
  if (state.step === (state.along?.at(-1) ?? LAST)) pause();
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
  if (node !== state.chosen) state.along = null;
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
  if (state.step >= (state.along?.at(-1) ?? LAST)) state.step = state.along ? SEED : 0;
  const tick = () => {
    state.timer = setTimeout(tick, Number($("speed").value));
    stepBy(1);
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
    ArrowRight: () => stepBy(1), ArrowLeft: () => stepBy(-1),
    Home: toFirst, End: toLast, " ": play, f: foldNext,
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
  layout.svg.addEventListener("mousemove", (event) => moved(event) && pointed(event));
  layout.svg.addEventListener("mouseleave", () => hover(null));
  layout.svg.addEventListener("focusin", pointed);
  layout.svg.addEventListener("focusout", () => hover(null));
}

function onClick(id, action) {
  $(id).addEventListener("click", action);
}
onClick("first", () => { pause(); toFirst(); });
onClick("back", () => { pause(); stepBy(-1); });
onClick("next", () => { pause(); stepBy(1); });
onClick("last", () => { pause(); toLast(); });
onClick("play", play);
onClick("fold", foldNext);
onClick("smaller", () => zoom(state.scale / 1.25));
onClick("larger", () => zoom(state.scale * 1.25));
onClick("fit", () => zoom(fitting()));
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
const theme = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
$("theme").textContent = theme === "dark" ? "Light" : "Dark";
$("step").max = LAST;
$("training").hidden = data.frames.length < 2;
$("frame").max = data.frames.length - 1;
if (data.frames.length > 1) state.step = LAST;
state.view = views[0];
show(data.view);
if (data.frames.length > 1) setFrame(0);
if (data.chosen !== null) choose(data.chosen, true);
else centre(standIn(current(), 0));
