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
let before = null;

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
      const pipeline = await json(`/api/v1/pipelines/${encodeURIComponent(pipelines[0].name)}`);
      showPipeline(pipeline);
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

function showPipeline(pipeline) {
  const now = performance.now();
  $("pipeline-name").textContent = pipeline.name;
  const state = $("pipeline-state");
  state.textContent = pipeline.state;
  state.classList.toggle("bad", pipeline.state === "Error");
  const seconds = before && before.name === pipeline.name ? (now - before.at) / 1000 : 0;
  const rateOf = (now_, then) => (seconds > 0 && then !== undefined ? Math.max(0, now_ - then) / seconds : 0);
  const nodes = pipeline.nodes.map((node) => ({ ...node, rate: rateOf(node.frames_out, before?.out.get(node.id)) }));
  const edges = pipeline.edges.map((edge) => ({ ...edge, rate: rateOf(edge.frames, before?.edges.get(`${edge.from}→${edge.to}`)) }));
  drawGraph($("graph"), nodes, edges);
  updateGraph($("graph"), nodes, edges, rateText, number);
  if (seconds > 0) {
    const events = nodes.filter((node) => node.role === "source").reduce((sum, node) => sum + node.rate, 0);
    $("rate-events").textContent = rateText(events);
    spark("events", events);
    const labels = labelsInWindow / seconds;
    $("rate-labels").textContent = rateText(labels);
    spark("labels", labels);
  }
  labelsInWindow = 0;
  const stored = pipeline.nodes.filter((node) => node.type === "SqliteSink").reduce((sum, node) => sum + node.frames_in, 0);
  $("total-stored").textContent = number.format(stored);
  before = {
    name: pipeline.name,
    at: now,
    out: new Map(pipeline.nodes.map((node) => [node.id, node.frames_out])),
    edges: new Map(pipeline.edges.map((edge) => [`${edge.from}→${edge.to}`, edge.frames])),
  };
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
