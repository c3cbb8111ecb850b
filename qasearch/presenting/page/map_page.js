"use strict";
// What the corpus says reaches the page by textContent only, so it is never markup; plotly draws points and lines alone.

const at = (id) => document.getElementById(id);
const { webgl, sections, entries: rows, asked, base } = JSON.parse(at("data").textContent);
const FIELDS = ["x", "y", "section", "near", "id", "question", "aliases", "sentence", "answer", "cut", "breadcrumb", "path",
  "line", "references"];
const entries = rows.map((row, number) => ({ number, ...Object.fromEntries(row.map((value, i) => [FIELDS[i], value])) }));
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
for (const entry of entries) {
  entry.titles = [entry.id, entry.question, ...entry.aliases].map(plain);
  entry.title = entry.titles.join("\n");
  entry.words = `${entry.title}\n${plain(entry.sentence)}`;
}

const map = at("map");
const root = document.documentElement;
const CROWDED = 300, STEP = 200, COLOURS = 6;
const SHAPES = {
  circle: "M7 2a5 5 0 1 0 0.01 0z", square: "M2.5 2.5h9v9h-9z", diamond: "M7 1l6 6-6 6-6-6z", "triangle-up": "M7 1.5l6 10.5H1z",
  cross: "M5 1.5h4V5h3.5v4H9v3.5H5V9H1.5V5H5z", "triangle-down": "M7 12.5L1 2h12z", hexagon: "M7 1l5.2 3v6L7 13l-5.2-3V4z",
};
const names = Object.keys(SHAPES);
const shape = (section) => names[Math.floor(section / COLOURS) % names.length];
const size = entries.length <= 150 ? 12 : entries.length <= 2000 ? 8 : entries.length <= 8000 ? 6 : 4.5;
const KIND = webgl ? "scattergl" : "scatter"; // all of one kind: WebGL would hide what SVG draws
const opacity = entries.length <= 2000 ? 0.92 : entries.length <= 8000 ? 0.7 : 0.5;

let off = new Set();        // sections that are not shown
let query = "";
let found = entries;        // what is shown and matches, in the order of the list
let listed = STEP;
let active = -1;            // of the list
let chosen = null;

// ---- small tools

function element(name, { text = "", ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);
const ink = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
const count = (n, noun) => `${n.toLocaleString("en")} ${n === 1 ? noun : noun === "entry" ? "entries" : `${noun}s`}`;
const VERDICTS = { answer: "answered", weak: "not sure", none: "no good answer" };

// ---- the map

function points(some, more) {
  const colours = Array.from({ length: COLOURS }, (_, i) => ink(`c${i}`));
  return {
    type: KIND, mode: "markers", hoverinfo: "none",
    x: some.map((e) => e.x), y: some.map((e) => e.y), customdata: some.map((e) => e.number),
    marker: {
      size, opacity, color: some.map((e) => colours[e.section % COLOURS]), symbol: some.map((e) => shape(e.section)),
      line: { width: entries.length <= 2000 ? 1 : 0, color: ink("page") },
      ...more,
    },
  };
}

function segments(pairs, line) {
  const x = [], y = [];
  for (const [[x0, y0], [x1, y1]] of pairs) { x.push(x0, x1, null); y.push(y0, y1, null); }
  return { type: KIND, mode: "lines", hoverinfo: "skip", x, y, line };
}

const xy = (entry) => [entry.x, entry.y];
const isOn = (entry) => !off.has(entry.section);

function traces() {
  const others = query ? entries.filter((e) => isOn(e) && !e.matches) : [];
  const ways = (none, from, to) => asked.filter((a) => (a.verdict === "none") === none).flatMap((a) =>
    a.hits.slice(from, to).map(([number]) => entries[number]).filter(isOn).map((entry) => [a.xy, xy(entry)]));
  const ring = chosen && isOn(chosen) ? [chosen] : [];
  const near = ring.flatMap((e) => e.near.map(([number]) => [xy(e), xy(entries[number])]).filter((_, i) => isOn(entries[e.near[i][0]])));
  return [
    points(others, { opacity: opacity / 5 }),
    points(query ? found : entries.filter(isOn), query && entries.length > 150 ? { opacity: 0.95, size: size + 2 } : {}),
    segments(near, { color: ink("quiet"), width: 1 }),
    segments(ways(false, 0, 1), { color: ink("strong"), width: 2.4 }),
    segments(ways(false, 1), { color: ink("strong"), width: 0.8 }),
    segments(ways(true, 0), { color: ink("none"), width: 1, dash: "dot" }),
    {
      type: KIND, mode: "markers", hoverinfo: "none", x: asked.map((a) => a.xy[0]), y: asked.map((a) => a.xy[1]),
      customdata: asked.map((_, i) => -1 - i),
      marker: {
        size: 19, color: asked.map((a) => ink(a.verdict === "none" ? "none" : "strong")),
        symbol: asked.map((a) => (a.verdict === "none" ? "star-open" : "star")), line: { width: 1.5, color: asked.map((a) => ink(a.verdict === "none" ? "none" : "page")) },
      },
    },
    {
      type: KIND, mode: "markers", hoverinfo: "skip", x: ring.map((e) => e.x), y: ring.map((e) => e.y),
      marker: { size: size + 10, symbol: "circle-open", color: ink("ink"), line: { width: 2 } },
    },
  ];
}

const axis = { visible: false, showgrid: false, zeroline: false };
const layout = () => ({
  xaxis: { ...axis }, yaxis: { ...axis, scaleanchor: "x" }, margin: { l: 24, r: 24, t: 16, b: 16 }, showlegend: false,
  dragmode: "pan", hovermode: "closest", hoverdistance: 12, uirevision: "kept", paper_bgcolor: "rgba(0,0,0,0)",
  plot_bgcolor: "rgba(0,0,0,0)", font: { family: getComputedStyle(document.body).fontFamily, color: ink("ink") },
});
const config = { displayModeBar: false, scrollZoom: true, responsive: false, doubleClick: "reset", showTips: false };

let waiting = null;
function draw() {
  waiting ??= new Promise(requestAnimationFrame).then(() => {
    waiting = null;
    return Plotly.react(map, traces(), layout(), config).then(() => label());
  });
  return waiting;
}

// ---- texts beside points, where there is room for them

const pen = document.createElement("canvas").getContext("2d");

// pixels of the map, while it is dragged as well
function projector(moved = {}) {
  const { xaxis, yaxis } = map._fullLayout;
  const of = (axis, name) => [moved[`${name}.range[0]`] ?? axis.range[0], moved[`${name}.range[1]`] ?? axis.range[1]];
  const [x0, x1] = of(xaxis, "xaxis"), [y0, y1] = of(yaxis, "yaxis");
  return (x, y) => [
    xaxis._offset + ((x - x0) / (x1 - x0)) * xaxis._length,
    yaxis._offset + (1 - (y - y0) / (y1 - y0)) * yaxis._length,
  ];
}

function label(moved) {
  const place = projector(moved);
  const { clientWidth: width, clientHeight: height } = map;
  const inside = ([x, y]) => x >= 0 && y >= 0 && x <= width && y <= height;
  const seen = (query ? found : entries).filter((e) => isOn(e) && inside(place(e.x, e.y)));
  const few = seen.length <= CROWDED;
  const dots = few && !webgl ? entries.filter(isOn).map((e) => place(e.x, e.y)).filter(inside) : [];
  const boxes = dots.map(([x, y]) => [x - size / 2, y - size / 2, x + size / 2, y + size / 2]);
  boxes.push(...asked.map((a) => place(...a.xy)).map(([x, y]) => [x - 9, y - 9, x + 9, y + 9]));
  const made = [];

  const write = (x, y, text, { className = "", over = false, gap = size / 2 + 4, centred = false } = {}) => {
    const [left, top] = place(x, y);
    pen.font = `${className ? 650 : 400} ${className === "section" ? 13 : 12}px ${getComputedStyle(document.body).fontFamily}`;
    const long = pen.measureText(text).width + 2;
    const beside = [[left + gap, top - 8], [left - gap - long, top - 8]];
    const others = [[left - long / 2, top - gap - 15], [left - long / 2, top + gap - 1]];
    for (const [x0, y0] of centred ? [[left - long / 2, top - 8], ...others] : [...beside, ...others]) {
      const box = [x0, y0, x0 + long, y0 + 16];
      const hides = (b, number) => {
        const dot = dots[number]; // boxes begin with those of the points: beside another point a text would seem to be its
        const away = dot && (dot[0] !== left || dot[1] !== top) ? size : 0;
        return b[0] < box[2] + away && b[2] > box[0] - away && b[1] < box[3] && b[3] > box[1];
      };
      if (x0 < 2 || y0 < 2 || box[2] > width - 2 || box[3] > height - 2) continue;
      if (boxes.some((b, number) => !(over && number < dots.length) && hides(b, number))) continue;
      boxes.push(box);
      const span = element("span", { text, className });
      span.style.transform = `translate(${Math.round(x0)}px, ${Math.round(y0)}px)`;
      made.push(span);
      return;
    }
  };

  const done = new Set();
  const name = (entry) => {
    if (done.has(entry.number) || !isOn(entry)) return;
    done.add(entry.number);
    write(entry.x, entry.y, short(entry.question, 34), entry === chosen ? { gap: size / 2 + 9 } : {});
  };
  for (const a of asked) write(...a.xy, short(a.question, 48), { className: "asked", over: true, gap: 13 });
  if (chosen) [chosen, ...chosen.near.map(([number]) => entries[number])].forEach(name);
  for (const a of asked) if (a.hits.length && a.verdict !== "none") name(entries[a.hits[0][0]]);
  if (few) seen.forEach(name);
  else if (sections.length > 1) {
    const members = sections.map(() => []);
    for (const entry of seen) members[entry.section].push(entry);
    const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];
    members.forEach((mine, number) => {
      if (mine.length && number < 40) {
        write(middle(mine.map((e) => e.x)), middle(mine.map((e) => e.y)), short(sections[number], 30), { className: "section", centred: true });
      }
    });
  }
  at("labels").replaceChildren(...made);
}

// ---- what is found

function search() {
  const words = plain(query).split(/\s+/).filter(Boolean);
  for (const entry of entries) entry.matches = words.every((word) => entry.words.includes(word));
  const whole = words.join(" ");
  const rank = (entry) => {
    if (entry.titles.includes(whole)) return 0;
    return [entry.titles[1], entry.title, entry.words].findIndex((text) => words.every((word) => text.includes(word))) + 1;
  };
  found = entries.filter((e) => e.matches && isOn(e));
  if (words.length) found.sort((a, b) => rank(a) - rank(b) || a.number - b.number);
  listed = STEP;
  active = -1;
  list();
  const hidden = off.size ? ` in ${sections.length - off.size} of ${count(sections.length, "section")}` : "";
  at("count").textContent = query ? `${count(found.length, "entry")} found${hidden}` : `${count(found.length, "entry")}${hidden}`;
  draw();
}

function list() {
  at("list").replaceChildren(...found.slice(0, listed).map((entry, place) => {
    const item = element("li", { text: entry.question, id: `o${place}`, role: "option" });
    item.setAttribute("aria-selected", String(entry === chosen));
    item.addEventListener("click", () => choose(entry));
    item.addEventListener("mouseenter", () => point(entry));
    item.addEventListener("mouseleave", () => point(null));
    return item;
  }));
  at("more").hidden = found.length <= listed;
  move(active);
}

function move(to) {
  at("list").querySelector(".active")?.classList.remove("active");
  active = Math.max(-1, Math.min(to, Math.min(found.length, listed) - 1));
  const item = at(`o${active}`);
  item?.classList.add("active");
  item?.scrollIntoView({ block: "nearest" });
  if (item) at("search").setAttribute("aria-activedescendant", item.id);
  else at("search").removeAttribute("aria-activedescendant");
  point(item ? found[active] : null);
}

// ---- the tooltip

function tip(x, y, strong, span, em) {
  const box = at("tip");
  box.hidden = false;
  [strong, span, em].forEach((text, i) => { box.children[i].textContent = text; box.children[i].hidden = !text; });
  const room = map.getBoundingClientRect();
  const left = x + 16 + box.offsetWidth > room.width ? x - 16 - box.offsetWidth : x + 16;
  const top = Math.min(Math.max(8, y - box.offsetHeight / 2), room.height - box.offsetHeight - 8);
  box.style.left = `${Math.max(4, left)}px`;
  box.style.top = `${top}px`;
}

function point(entry) {
  if (!entry || !map._fullLayout?.xaxis) { at("tip").hidden = true; return; }
  const [x, y] = projector()(entry.x, entry.y);
  if (x < 0 || y < 0 || x > map.clientWidth || y > map.clientHeight) at("tip").hidden = true;
  else tip(x, y, entry.question, entry.sentence, sections[entry.section]);
}

function pointQuestion(a) {
  const best = a.hits.length ? entries[a.hits[0][0]].question : "";
  const lead = a.verdict === "none" ? "The nearest is" : "Found";
  tip(...projector()(...a.xy), a.question, best && `${lead}: ${best}`,
    `Question asked: ${VERDICTS[a.verdict]}, ${a.confidence}`);
}

// ---- the entry that is chosen

function choose(entry, { focus = false, remember = true } = {}) {
  const resized = (chosen === null) !== (entry === null);
  chosen = entry;
  at("panel").hidden = !entry;
  at("tip").hidden = true;
  if (entry) fill(entry);
  if (remember) {
    const hash = entry ? `#${encodeURIComponent(entry.id)}` : "#";
    if (location.hash !== hash && (entry || location.hash)) location.hash = hash;
  }
  at("list").querySelectorAll("li").forEach((item, place) => item.setAttribute("aria-selected", String(found[place] === entry)));
  if (entry) { at("panel").scrollTop = 0; if (focus) at("panel").focus(); }
  else if (focus) at("search").focus();
  return draw().then(() => resized && resize());
}

function fill(entry) {
  at("where").textContent = [sections[entry.section], entry.breadcrumb].filter(Boolean).join(" › ");
  at("question").textContent = entry.question;
  at("aliases").hidden = !entry.aliases.length;
  at("aliases").firstElementChild.textContent = `Also asked in ${count(entry.aliases.length, "other way")}`;
  at("aliases").querySelector("ul").replaceChildren(...entry.aliases.map((text) => element("li", { text })));
  at("file").textContent = `${entry.path}:${entry.line}`;
  at("file").href = base + entry.path.split("/").map(encodeURIComponent).join("/");
  const rest = entry.cut ? [element("p", { className: "quiet", text: "Cut here; the file has the whole answer." })] : [];
  at("answer").replaceChildren(...(entry.answer ? prose(entry.answer) : [element("p", { text: "No answer yet." })]), ...rest);
  at("near").querySelector("ol").replaceChildren(...entry.near.map(([number, cosine]) => element("li", {},
    link(entries[number]), element("span", { text: ` ${cosine.toFixed(2)}`, title: "Cosine of the two entries" }))));
  at("references").hidden = !entry.references.length;
  at("references").querySelector("ul").replaceChildren(...entry.references.map(([text, target]) => element("li", {},
    target ? element("a", { text, href: target, target: "_blank", rel: "noopener noreferrer" }) : text)));
}

function link(entry) {
  const made = element("a", { text: entry.question, href: `#${encodeURIComponent(entry.id)}` });
  made.addEventListener("mouseenter", () => point(entry));
  made.addEventListener("mouseleave", () => point(null));
  return made;
}

// Markdown to be read: fences and tables as they are, headings, code, bold and italic words
function prose(text) {
  const made = [];
  text.split(/^[ \t]*(?:```|~~~).*$/m).forEach((part, place) => {
    if (place % 2) { made.push(element("pre", { text: part.replace(/^\n|\s+$/g, "") })); return; }
    for (const block of part.split(/\n\s*\n/).map((each) => each.replace(/^\n+|\s+$/g, "")).filter(Boolean)) {
      const heading = /^#{1,6} +(.*)$/.exec(block);
      if (/^\s*\|/.test(block)) made.push(element("pre", { text: block }));
      else made.push(element(heading ? "h4" : "p", {}, ...words(heading ? heading[1] : block)));
    }
  });
  return made;
}

function words(text) {
  const linked = text.replace(/!?\[([^\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)/g, "$1");
  const bullets = linked.replace(/^([ \t]*)[*+-] +/gm, "$1• ");
  return bullets.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s](?:[^*]*[^*\s])?\*|(?<!\w)_[^_\s](?:[^_]*[^_\s])?_(?!\w))/).map((part, place) => {
    if (place % 2 === 0) return part;
    if (part.startsWith("`")) return element("code", { text: part.slice(1, -1) });
    return part.startsWith("**") ? element("strong", { text: part.slice(2, -2) }) : element("em", { text: part.slice(1, -1) });
  });
}

// ---- sections and questions asked

function legend() {
  at("sections").hidden = sections.length < 2;
  const counts = sections.map(() => 0);
  for (const entry of entries) counts[entry.section] += 1;
  at("sections").querySelector("ul").replaceChildren(...sections.map((section, number) => {
    const box = element("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => { off[box.checked ? "delete" : "add"](number); search(); });
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 14 14");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", SHAPES[shape(number)]);
    path.setAttribute("fill", `var(--c${number % COLOURS})`);
    svg.append(path);
    return element("li", {}, element("label", { title: section }, box, svg,
      element("span", { className: "name", text: section || "(top)" }), element("span", { text: counts[number].toLocaleString("en") })));
  }));
}

function switchAll(on) {
  off = new Set(on ? [] : sections.keys());
  at("sections").querySelectorAll("input").forEach((box) => { box.checked = on; });
  search();
}

function questions() {
  at("asked").hidden = !asked.length;
  at("asked").querySelector("ul").append(...asked.map((a) => element("li", { text: a.question },
    element("span", { className: `verdict ${a.verdict}`, text: `${VERDICTS[a.verdict]}, ${a.confidence}` }),
    element("ul", {}, ...a.hits.map(([number, confidence]) => {
      const button = element("button", { type: "button", text: `${entries[number].question} ${confidence}` });
      button.addEventListener("click", () => choose(entries[number]));
      return element("li", {}, button);
    })))));
}

// ---- light and dark, size and zoom

function theme(dark) {
  root.dataset.theme = dark ? "dark" : "light";
  at("theme").setAttribute("aria-pressed", String(dark));
}

function resize() { return Plotly.Plots.resize(map).then(() => label()); }

function zoom(factor) {
  const { xaxis, yaxis } = map._fullLayout;
  const around = ([low, high]) => [(low + high) / 2 - ((high - low) / 2) * factor, (low + high) / 2 + ((high - low) / 2) * factor];
  Plotly.relayout(map, { "xaxis.range": around(xaxis.range), "yaxis.range": around(yaxis.range) });
}

// ---- events

function listen() {
  map.on("plotly_hover", ({ points: [first] }) => (first.customdata < 0 ? pointQuestion(asked[-1 - first.customdata]) : point(entries[first.customdata])));
  map.on("plotly_unhover", () => point(null));
  map.on("plotly_click", ({ points: [first] }) => {
    const number = first.customdata < 0 ? asked[-1 - first.customdata].hits[0]?.[0] : first.customdata;
    if (number !== undefined) choose(entries[number]);
  });
  map.on("plotly_relayouting", label);
  map.on("plotly_relayout", () => { at("tip").hidden = true; label(); });
  new ResizeObserver(() => requestAnimationFrame(resize)).observe(map);

  at("search").addEventListener("input", () => { query = at("search").value.trim(); search(); });
  at("search").addEventListener("keydown", (event) => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1 }[event.key];
    if (to !== undefined) move(to);
    else if (event.key === "Enter" && found.length) choose(found[Math.max(active, 0)], { focus: true });
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement && event.target.type === "search";
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (typing && query) { at("search").value = query = ""; search(); } else if (chosen) choose(null, { focus: true });
    } else if (typing) return;
    else if (event.key === "/") { at("search").focus(); at("search").select(); }
    else if (event.key === "+" || event.key === "=") zoom(1 / 1.5);
    else if (event.key === "-") zoom(1.5);
    else return;
    event.preventDefault();
  });
  at("more").addEventListener("click", () => { listed += STEP; list(); });
  at("close").addEventListener("click", () => choose(null, { focus: true }));
  at("all").addEventListener("click", () => switchAll(true));
  at("none").addEventListener("click", () => switchAll(false));
  at("in").addEventListener("click", () => zoom(1 / 1.5));
  at("out").addEventListener("click", () => zoom(1.5));
  at("reset").addEventListener("click", () => Plotly.relayout(map, { "xaxis.autorange": true, "yaxis.autorange": true }));
  at("theme").addEventListener("click", () => { theme(root.dataset.theme !== "dark"); draw(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => { theme(event.matches); draw(); });
  window.addEventListener("hashchange", open);
}

// the entry that the address names: links and the back button go through here
function open() {
  const id = decodeURIComponent(location.hash.slice(1));
  if ((chosen?.id ?? "") !== id) choose(entries.find((entry) => entry.id === id) ?? null, { remember: false });
}

theme(matchMedia("(prefers-color-scheme: dark)").matches);
legend();
questions();
search();
draw().then(() => { listen(); open(); root.dataset.ready = "yes"; });
