// Draws a graph in columns, left to right by distance from its sources, with what flows on the edges.

const BOX_HEIGHT = 58;
const LANE_HEIGHT = 14; // of an edge that passes a column
const GAP_Y = 26;
const LONG = 5; // columns; graphs with more stand closer together
const LEAST_SCALE = 0.7; // below that the picture scrolls instead
const SVG = "http://www.w3.org/2000/svg";

function make(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function depths(nodes, edges) {
  const depth = new Map(nodes.map((node) => [node.id, 0]));
  // Graphs have no cycles, so this settles within as many rounds as there are nodes.
  for (let round = 0, moved = true; moved && round < nodes.length; round++) {
    moved = false;
    for (const { from, to } of edges) {
      if (depth.get(to) < depth.get(from) + 1) {
        depth.set(to, depth.get(from) + 1);
        moved = true;
      }
    }
  }
  return depth;
}

/// The columns, where an edge that passes a column has a lane in it, and the way of each edge.
function columns(nodes, edges) {
  const depth = depths(nodes, edges);
  const stacked = [];
  const before = new Map(); // slot → slots of the column before that lead to it
  const put = (column, slot) => {
    (stacked[column] ??= []).push(slot);
    before.set(slot, []);
    return slot;
  };
  const slots = new Map(nodes.map((node) => [node.id, put(depth.get(node.id), { node, height: BOX_HEIGHT })]));
  const ways = edges.map((edge) => {
    const way = [slots.get(edge.from)];
    for (let column = depth.get(edge.from) + 1; column < depth.get(edge.to); column++) way.push(put(column, { height: LANE_HEIGHT }));
    way.push(slots.get(edge.to));
    for (let i = 1; i < way.length; i++) before.get(way[i]).push(way[i - 1]);
    return way;
  });
  for (let column = 1; column < stacked.length; column++) {
    const rank = (slot) => {
      const from = before.get(slot).map((other) => stacked[column - 1].indexOf(other));
      return from.length === 0 ? 0 : from.reduce((sum, index) => sum + index, 0) / from.length;
    };
    const ranks = new Map(stacked[column].map((slot) => [slot, rank(slot)]));
    stacked[column].sort((a, b) => ranks.get(a) - ranks.get(b));
  }
  return { stacked, slots, ways };
}

function place(nodes, edges) {
  const { stacked, slots, ways } = columns(nodes, edges);
  const letters = Math.max(...nodes.map((node) => Math.max(1.2 * node.id.length + 7, node.type.length)));
  const boxWidth = Math.min(240, Math.max(118, 26 + 6.4 * letters));
  const gap = stacked.length > LONG ? 56 : 92;
  const used = (column) => column.reduce((sum, slot) => sum + slot.height + GAP_Y, -GAP_Y);
  const height = Math.max(...stacked.map(used));
  stacked.forEach((column, x) => {
    let y = (height - used(column)) / 2 + 2;
    for (const slot of column) {
      slot.x = x * (boxWidth + gap) + 2;
      slot.y = y;
      y += slot.height + GAP_Y;
    }
  });
  return { slots, ways, boxWidth, width: stacked.length * (boxWidth + gap) - gap + 4, height: height + 4 };
}

/// From box to box, straight on through the lanes between them.
function path(way, boxWidth) {
  const level = (slot) => slot.y + slot.height / 2;
  let d = `M${way[0].x + boxWidth} ${level(way[0])}`;
  for (let i = 1; i < way.length; i++) {
    const x1 = way[i - 1].x + boxWidth, y1 = level(way[i - 1]), x2 = way[i].x, y2 = level(way[i]);
    const middle = (x1 + x2) / 2;
    d += `C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
    if (i < way.length - 1) d += `L${x2 + boxWidth} ${y2}`;
  }
  return d;
}

/// Builds the picture when the shape of the graph changed; otherwise leaves it alone.
export function drawGraph(svg, nodes, edges) {
  const shape = JSON.stringify([nodes.map((n) => [n.id, n.type]), edges.map((e) => [e.from, e.to])]);
  if (svg.dataset.shape === shape) return;
  svg.dataset.shape = shape;
  svg.replaceChildren();
  const { slots, ways, boxWidth, width, height } = place(nodes, edges);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.style.maxHeight = `${Math.max(110, height * 1.15)}px`;
  svg.style.minWidth = `${width * LEAST_SCALE}px`;
  edges.forEach((edge, i) => {
    const way = ways[i], first = way[0], next = way[1];
    const d = path(way, boxWidth);
    svg.append(make("path", { class: "edge", d }));
    svg.append(make("path", { class: "flow still", d, "data-edge": `${edge.from}→${edge.to}` }));
    const x = (first.x + boxWidth + next.x) / 2;
    const y = (first.y + first.height / 2 + next.y + next.height / 2) / 2 - 8;
    svg.append(make("text", { class: "edge-rate", x, y, "text-anchor": "middle", "data-rate": `${edge.from}→${edge.to}` }));
  });
  for (const node of nodes) {
    const { x, y } = slots.get(node.id);
    const group = make("g", { class: "node", transform: `translate(${x} ${y})`, "data-node": node.id });
    group.append(make("title", {}), make("rect", { width: boxWidth, height: BOX_HEIGHT, rx: 10 }));
    group.append(make("text", { class: "id", x: 13, y: 23 }, node.id));
    group.append(make("text", { class: "type", x: 13, y: 42 }, node.type));
    group.append(make("text", { class: "count", x: boxWidth - 13, y: 23, "text-anchor": "end" }));
    svg.append(group);
  }
}

/// Writes the current figures into the picture.
export function updateGraph(svg, nodes, edges, rateText, number) {
  for (const edge of edges) {
    const key = CSS.escape(`${edge.from}→${edge.to}`);
    svg.querySelector(`[data-edge="${key}"]`).classList.toggle("still", edge.rate === 0);
    svg.querySelector(`[data-rate="${key}"]`).textContent = edge.rate > 0 ? `${rateText(edge.rate)}/s` : "";
  }
  for (const node of nodes) {
    const group = svg.querySelector(`[data-node="${CSS.escape(node.id)}"]`);
    group.classList.toggle("trouble", Boolean(node.trouble) || node.errors > 0);
    group.querySelector(".count").textContent = number.format(Math.max(node.frames_in, node.frames_out));
    const notes = [`${node.id} (${node.type})`, `${number.format(node.frames_in)} in, ${number.format(node.frames_out)} out`];
    if (node.rejected > 0) notes.push(`${number.format(node.rejected)} refused`);
    if (node.errors > 0) notes.push(`${number.format(node.errors)} errors`);
    if (node.trouble) notes.push(node.trouble);
    group.querySelector("title").textContent = notes.join("\n");
  }
}
