import { connect } from "/assets/wse.js";
import { ask, forget, hasToken, present, remember } from "/assets/session.js";
import { drawGraph, updateGraph } from "/assets/graph.js";

const $ = (id) => document.getElementById(id);
const POLL_MILLIS = 1000;
const POSTS_SHOWN = 14;
const POST_EVERY_MILLIS = 350; // more than this nobody reads; every label is counted all the same
const SPARK_POINTS = 60;

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const rateText = (value) => (value >= 100 ? number.format(value) : value.toFixed(value >= 10 ? 0 : 1));

// --- labels over the WebSocket -----------------------------------------------------------------

const counts = new Map();
let labelsInWindow = 0;
let lastShown = 0;

function hue(label) {
  let hash = 0;
  for (const character of label) hash = (hash * 31 + character.codePointAt(0)) % 3600;
  return (hash * 47) % 360;
}
const colour = (label) => `hsl(${hue(label)} 52% 42%)`;

function onLabel(event) {
  const { label, text, probability } = event;
  if (typeof label !== "string") return;
  counts.set(label, (counts.get(label) ?? 0) + 1);
  labelsInWindow++;
  const now = performance.now();
  if (document.hidden || now - lastShown < POST_EVERY_MILLIS) return;
  lastShown = now;
  showPost(label, text, probability);
}

function showPost(label, text, probability) {
  $("posts-empty").hidden = true;
  const item = document.createElement("li");
  const side = document.createElement("div");
  const chip = document.createElement("span");
  chip.className = "chip";
  chip.textContent = label;
  chip.style.background = colour(label);
  const sure = document.createElement("span");
  sure.className = "sure";
  sure.textContent = typeof probability === "number" ? `${Math.round(probability * 100)} % sure` : "";
  side.append(chip, sure);
  const words = document.createElement("p");
  words.className = "post-text";
  words.dir = "auto";
  words.textContent = text;
  item.append(side, words);
  const list = $("posts");
  list.prepend(item);
  while (list.children.length > POSTS_SHOWN) list.lastElementChild.remove();
}

const rows = new Map();
function showCounts() {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 12);
  for (const [label] of sorted) {
    if (!rows.has(label)) {
      const row = document.createElement("li");
      row.innerHTML = '<span class="name"></span><span class="bar"><span></span></span><span class="share"></span>';
      row.querySelector(".name").textContent = label;
      row.querySelector(".bar span").style.background = colour(label);
      rows.set(label, row);
    }
  }
  const list = $("labels");
  sorted.forEach(([label, count], place) => {
    const row = rows.get(label);
    row.querySelector(".bar span").style.width = `${(100 * count) / sorted[0][1]}%`;
    row.querySelector(".share").textContent = `${((100 * count) / total).toFixed(1)} %`;
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  while (list.children.length > sorted.length) list.lastElementChild.remove();
}

const reconnect = connect(["labels", "hello"], {
  before: present,
  onDenied(why) {
    $("status").className = "status lost";
    $("status-text").textContent = "sign in to see what flows";
    askForToken(hasToken() ? why : "");
  },
  onState(live, why) {
    $("status").className = `status ${live ? "live" : "lost"}`;
    $("status-text").textContent = live ? "live" : why;
  },
  onEvent(type, payload) {
    if (type === "label") onLabel(payload);
    else $("try-answer").textContent = `${type}: ${JSON.stringify(payload)}`;
  },
});
$("try-publish").textContent =
  `curl -s ${location.origin}/api/v1/topics/hello -H 'Content-Type: application/json' -d '{"type":"greeting","payload":{"from":"you"}}'`;

// --- rates and the graph, polled ----------------------------------------------------------------

const history = { events: [], labels: [] };
const seen = new Map(); // by pipeline: what it had counted when it was last looked at
let chosen = decodeURIComponent(location.hash.slice(1)); // the pipeline whose graph is drawn

function spark(name, value) {
  const points = history[name];
  points.push(value);
  if (points.length > SPARK_POINTS) points.shift();
  const top = Math.max(...points, 1);
  const step = 120 / (SPARK_POINTS - 1); // the newest at the right edge
  const path = points
    .map((v, i) => `${i ? "L" : "M"}${120 - (points.length - 1 - i) * step} ${27 - (24 * v) / top}`)
    .join("");
  $(`spark-${name}`).innerHTML = `<path d="${path}"></path>`;
}

async function json(path) {
  const answer = await ask(path);
  if (answer.status === 401) {
    askForToken(hasToken() ? "The token is no longer accepted." : "");
  }
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

let polling = null;

async function poll() {
  try {
    const { pipelines } = await json("/api/v1/pipelines");
    $("graph-empty").hidden = pipelines.length > 0;
    if (pipelines.length > 0) {
      offerPipelines(pipelines.map((pipeline) => pipeline.name));
      for (const name of new Set([pipelines[0].name, chosen])) {
        const pipeline = withRates(await json(`/api/v1/pipelines/${encodeURIComponent(name)}`));
        if (name === chosen) showGraph(pipeline);
        if (name === pipelines[0].name) showFigures(pipeline);
      }
    }
    const stats = await json("/stats");
    $("sessions").textContent = number.format(stats.data?.sessions ?? 0);
  } catch (failure) {
    console.warn(failure);
  }
  showCounts();
  // Without a token every question would get the same answer.
  polling = $("sign-in").hidden ? setTimeout(poll, POLL_MILLIS) : null;
}

// A button for each, where there are several.
function offerPipelines(names) {
  if (!names.includes(chosen)) chosen = names[0];
  const group = $("pipelines");
  group.hidden = names.length < 2;
  if (group.dataset.names !== names.join()) {
    group.dataset.names = names.join();
    group.replaceChildren(
      ...names.map((name) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = name;
        button.addEventListener("click", () => {
          chosen = name;
          window.history.replaceState(null, "", `#${encodeURIComponent(name)}`);
          markChosen();
          clearTimeout(polling);
          poll();
        });
        return button;
      }),
    );
  }
  markChosen();
}

function markChosen() {
  for (const button of $("pipelines").children) {
    button.setAttribute("aria-pressed", String(button.textContent === chosen));
  }
}

// What flowed since the pipeline was last looked at, per second; `seconds` is 0 the first time.
function withRates(pipeline) {
  const now = performance.now();
  const before = seen.get(pipeline.name);
  const seconds = before ? (now - before.at) / 1000 : 0;
  const rateOf = (count, then) => (seconds > 0 && then !== undefined ? Math.max(0, count - then) / seconds : 0);
  seen.set(pipeline.name, {
    at: now,
    out: new Map(pipeline.nodes.map((node) => [node.id, node.frames_out])),
    edges: new Map(pipeline.edges.map((edge) => [`${edge.from}→${edge.to}`, edge.frames])),
  });
  return {
    ...pipeline,
    seconds,
    nodes: pipeline.nodes.map((node) => ({ ...node, rate: rateOf(node.frames_out, before?.out.get(node.id)) })),
    edges: pipeline.edges.map((edge) => ({ ...edge, rate: rateOf(edge.frames, before?.edges.get(`${edge.from}→${edge.to}`)) })),
  };
}

function showGraph({ name, state, nodes, edges }) {
  $("pipeline-name").textContent = name;
  const badge = $("pipeline-state");
  badge.textContent = state;
  badge.classList.toggle("bad", state === "Error");
  drawGraph($("graph"), nodes, edges);
  updateGraph($("graph"), nodes, edges, rateText, number);
}

function showFigures({ seconds, nodes }) {
  if (seconds > 0) {
    const events = nodes.filter((node) => node.role === "source").reduce((sum, node) => sum + node.rate, 0);
    $("rate-events").textContent = rateText(events);
    spark("events", events);
    const labels = labelsInWindow / seconds;
    $("rate-labels").textContent = rateText(labels);
    spark("labels", labels);
  }
  labelsInWindow = 0;
  const stored = nodes.filter((node) => node.type === "SqliteSink").reduce((sum, node) => sum + node.frames_in, 0);
  $("total-stored").textContent = number.format(stored);
}

// --- signing in -----------------------------------------------------------------------------------

function askForToken(why) {
  $("sign-in-why").textContent = why;
  if (!$("sign-in").hidden) return;
  $("sign-in").hidden = false;
  $("sign-out").hidden = true;
  $("token").focus();
}

async function signIn(event) {
  event.preventDefault();
  const token = $("token").value.trim();
  if (!/^[\x21-\x7e]+$/.test(token) || /[";,\\]/.test(token)) {
    $("sign-in-why").textContent = "This is not a token: it has blanks or signs that none has.";
    return;
  }
  const before = hasToken();
  if (before) forget(); // else the old cookie would be asked about
  const answer = await ask("/stats", token).catch(() => null);
  if (answer === null || answer.status === 401 || answer.status === 429) {
    const body = await answer?.json().catch(() => null);
    $("sign-in-why").textContent = body?.error?.message ?? "The server cannot be reached.";
    return;
  }
  remember(token);
  $("token").value = "";
  $("sign-in-why").textContent = "";
  $("sign-in").hidden = true;
  $("sign-out").hidden = false;
  reconnect();
  if (polling === null) poll();
}

function signOut() {
  forget();
  reconnect();
}

$("sign-in").addEventListener("submit", signIn);
$("sign-out").addEventListener("click", signOut);
$("sign-out").hidden = !hasToken();

poll();
