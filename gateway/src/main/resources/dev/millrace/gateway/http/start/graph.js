// Draws a graph in columns, left to right by distance from its sources, with what flows on the edges.

const BOX = { width: 168, height: 58 };
const GAP = { x: 92, y: 26 };
const SVG = "http://www.w3.org/2000/svg";

function make(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function columns(nodes, edges) {
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
  const result = [];
  for (const node of nodes) (result[depth.get(node.id)] ??= []).push(node);
  return result;
}

function place(nodes, edges) {
  const stacked = columns(nodes, edges);
  const tallest = Math.max(...stacked.map((column) => column.length));
  const height = tallest * (BOX.height + GAP.y) - GAP.y;
  const at = new Map();
  stacked.forEach((column, x) => {
    const used = column.length * (BOX.height + GAP.y) - GAP.y;
    column.forEach((node, y) =>
      at.set(node.id, { x: x * (BOX.width + GAP.x) + 2, y: (height - used) / 2 + y * (BOX.height + GAP.y) + 2 }));
  });
  return { at, width: stacked.length * (BOX.width + GAP.x) - GAP.x + 4, height: height + 4 };
}

/// Builds the picture when the shape of the graph changed; otherwise leaves it alone.
export function drawGraph(svg, nodes, edges) {
  const shape = JSON.stringify([nodes.map((n) => [n.id, n.type]), edges.map((e) => [e.from, e.to])]);
  if (svg.dataset.shape === shape) return;
  svg.dataset.shape = shape;
  svg.replaceChildren();
  const { at, width, height } = place(nodes, edges);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.style.maxHeight = `${Math.max(110, height * 1.15)}px`;
  for (const edge of edges) {
    const a = at.get(edge.from), b = at.get(edge.to);
    const x1 = a.x + BOX.width, y1 = a.y + BOX.height / 2, x2 = b.x, y2 = b.y + BOX.height / 2;
    const middle = (x1 + x2) / 2;
    const d = `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
    svg.append(make("path", { class: "edge", d }));
    svg.append(make("path", { class: "flow still", d, "data-edge": `${edge.from}→${edge.to}` }));
    svg.append(make("text", { class: "edge-rate", x: middle, y: (y1 + y2) / 2 - 8, "text-anchor": "middle", "data-rate": `${edge.from}→${edge.to}` }));
  }
  for (const node of nodes) {
    const { x, y } = at.get(node.id);
    const group = make("g", { class: "node", transform: `translate(${x} ${y})`, "data-node": node.id });
    group.append(make("title", {}), make("rect", { width: BOX.width, height: BOX.height, rx: 10 }));
    group.append(make("text", { class: "id", x: 13, y: 23 }, node.id));
    group.append(make("text", { class: "type", x: 13, y: 42 }, node.type));
    group.append(make("text", { class: "count", x: BOX.width - 13, y: 23, "text-anchor": "end" }));
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
