"use strict";
// The script of the map of a corpus. What the corpus says is shown by textContent only, so it is
// never markup. plotly draws points and lines; the texts on the map are elements of the page.

const byId = (id) => document.getElementById(id);

// ---- the data that `content.py` puts into the page

const { webgl, sections, fields, entries: rows, asked, base } =
  JSON.parse(byId("data").textContent);
const entries = rows.map((row, number) => ({
  number,
  ...Object.fromEntries(fields.map((field, i) => [field, row[i]])),
}));

// letter case and accents do not matter in the search
const searchable = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
for (const entry of entries) {
  entry.titles = [entry.id, entry.question, ...entry.aliases].map(searchable);
  entry.title = entry.titles.join("\n");
  entry.words = `${entry.title}\n${searchable(entry.sentence)}`;
}

// ---- how it looks

const MAX_NAMED = 300;      // so many points in sight have a name each, more have section names
const LIST_STEP = 200;      // entries that the list shows at once
const COLOURS = 6;          // --c0 to --c5 of the style
const MAX_SECTION_NAMES = 40;
const ZOOM = 1.5;           // the factor of a click or a key
const SHAPES = {            // markers by plotly's names, with their paths for the list of sections
  circle: "M7 2a5 5 0 1 0 0.01 0z",
  square: "M2.5 2.5h9v9h-9z",
  diamond: "M7 1l6 6-6 6-6-6z",
  "triangle-up": "M7 1.5l6 10.5H1z",
  cross: "M5 1.5h4V5h3.5v4H9v3.5H5V9H1.5V5H5z",
  "triangle-down": "M7 12.5L1 2h12z",
  hexagon: "M7 1l5.2 3v6L7 13l-5.2-3V4z",
};
const shapeNames = Object.keys(SHAPES);
const shapeOf = (section) => shapeNames[Math.floor(section / COLOURS) % shapeNames.length];

// the more points there are, the smaller and the more transparent they are drawn
const few = entries.length <= 150, some = entries.length <= 2000, many = entries.length <= 8000;
const size = few ? 12 : some ? 8 : many ? 6 : 4.5;
const opacity = some ? 0.92 : many ? 0.7 : 0.5;
const KIND = webgl ? "scattergl" : "scatter"; // the same for all: WebGL would hide what SVG draws

// ---- the state of the page

const map = byId("map");
const root = document.documentElement;
let hiddenSections = new Set();
let query = "";
let matches = entries;      // the visible entries that match the query, in the order of the list
let listed = LIST_STEP;     // how many of them the list shows
let active = -1;            // the place in the list that the arrow keys have reached
let chosen = null;          // the entry whose panel is open

const xy = (entry) => [entry.x, entry.y];
const isVisible = (entry) => !hiddenSections.has(entry.section);
const visibleEntries = () => entries.filter(isVisible);

// ---- elements and texts

function element(name, { text = "", ...properties } = {}, ...children) {
  const result = Object.assign(document.createElement(name), properties);
  if (text) result.textContent = text;
  result.append(...children);
  return result;
}

function truncated(text, length) {
  return text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text;
}

function counted(number, singular, plural = `${singular}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? singular : plural}`;
}

// the value of a colour of the style, in the theme of now
const colour = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
const fontFamily = () => getComputedStyle(document.body).fontFamily;

// ---- what plotly draws

function pointsTrace(members, more) {
  const colours = Array.from({ length: COLOURS }, (_, i) => colour(`c${i}`));
  return {
    type: KIND, mode: "markers", hoverinfo: "none",
    x: members.map((entry) => entry.x),
    y: members.map((entry) => entry.y),
    customdata: members.map((entry) => entry.number),
    marker: {
      size, opacity,
      color: members.map((entry) => colours[entry.section % COLOURS]),
      symbol: members.map((entry) => shapeOf(entry.section)),
      line: { width: some ? 1 : 0, color: colour("page") },
      ...more,
    },
  };
}

function linesTrace(pairs, line) {
  const x = [], y = [];
  for (const [[x0, y0], [x1, y1]] of pairs) { x.push(x0, x1, null); y.push(y0, y1, null); }
  return { type: KIND, mode: "lines", hoverinfo: "skip", x, y, line };
}

// a point of a question has a negative number: -1 is the first question
function questionsTrace() {
  const isUnanswered = ({ verdict }) => verdict === "none";
  return {
    type: KIND, mode: "markers", hoverinfo: "none",
    x: asked.map((question) => question.xy[0]),
    y: asked.map((question) => question.xy[1]),
    customdata: asked.map((_, i) => -1 - i),
    marker: {
      size: 19,
      color: asked.map((question) => colour(isUnanswered(question) ? "none" : "strong")),
      symbol: asked.map((question) => (isUnanswered(question) ? "star-open" : "star")),
      line: {
        width: 1.5,
        color: asked.map((question) => colour(isUnanswered(question) ? "none" : "page")),
      },
    },
  };
}

function ringTrace(members) {
  return {
    type: KIND, mode: "markers", hoverinfo: "skip",
    x: members.map((entry) => entry.x),
    y: members.map((entry) => entry.y),
    marker: { size: size + 10, symbol: "circle-open", color: colour("ink"), line: { width: 2 } },
  };
}

// lines from the questions, with a good answer or without, to their visible hits of these ranks
function hitLines(isAnswered, firstHit, endHit) {
  return asked
    .filter(({ verdict }) => (verdict !== "none") === isAnswered)
    .flatMap((question) => question.hits.slice(firstHit, endHit)
      .map(([number]) => entries[number])
      .filter(isVisible)
      .map((entry) => [question.xy, xy(entry)]));
}

// the order of the traces is the order in which they are drawn
function traces() {
  const dimmed = query ? entries.filter((entry) => isVisible(entry) && !entry.matches) : [];
  const emphasis = query && !few ? { opacity: 0.95, size: size + 2 } : {};
  const ringed = chosen && isVisible(chosen) ? [chosen] : [];
  const nearestLines = ringed.flatMap((entry) => entry.nearest
    .map(([number]) => entries[number])
    .filter(isVisible)
    .map((neighbour) => [xy(entry), xy(neighbour)]));
  return [
    pointsTrace(dimmed, { opacity: opacity / 5 }),
    pointsTrace(query ? matches : visibleEntries(), emphasis),
    linesTrace(nearestLines, { color: colour("quiet"), width: 1 }),
    linesTrace(hitLines(true, 0, 1), { color: colour("strong"), width: 2.4 }),
    linesTrace(hitLines(true, 1), { color: colour("strong"), width: 0.8 }),
    linesTrace(hitLines(false, 0), { color: colour("none"), width: 1, dash: "dot" }),
    questionsTrace(),
    ringTrace(ringed),
  ];
}

const AXIS = { visible: false, showgrid: false, zeroline: false };
const CONFIG = {
  displayModeBar: false, scrollZoom: true, responsive: false, doubleClick: "reset", showTips: false,
};

function layout() {
  return {
    xaxis: { ...AXIS }, yaxis: { ...AXIS, scaleanchor: "x" },
    margin: { l: 24, r: 24, t: 16, b: 16 },
    showlegend: false, dragmode: "pan", hovermode: "closest", hoverdistance: 12,
    uirevision: "kept", // the zoom stays when the traces change
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: fontFamily(), color: colour("ink") },
  };
}

let waiting = null;         // several calls before the next frame draw once
function draw() {
  waiting ??= new Promise(requestAnimationFrame).then(() => {
    waiting = null;
    return Plotly.react(map, traces(), layout(), CONFIG).then(() => writeLabels());
  });
  return waiting;
}

// ---- names on the map, where there is room for them

const pen = document.createElement("canvas").getContext("2d"); // measures texts

// from the coordinates of the map to its pixels; `moved` has the ranges while the map is dragged
function projector(moved = {}) {
  const { xaxis, yaxis } = map._fullLayout;
  const range = (axis, name) =>
    [moved[`${name}.range[0]`] ?? axis.range[0], moved[`${name}.range[1]`] ?? axis.range[1]];
  const [x0, x1] = range(xaxis, "xaxis"), [y0, y1] = range(yaxis, "yaxis");
  return (x, y) => [
    xaxis._offset + ((x - x0) / (x1 - x0)) * xaxis._length,
    yaxis._offset + (1 - (y - y0) / (y1 - y0)) * yaxis._length,
  ];
}

const isInside = ([x, y]) => x >= 0 && y >= 0 && x <= map.clientWidth && y <= map.clientHeight;

// Writes names on the map that hide neither each other nor, if `dots` has their pixels, a point.
class Labels {
  constructor(project, dots) {
    this.project = project;
    this.dots = dots;
    this.spans = [];
    // boxes are [left, top, right, bottom]; those of the dots are first
    this.boxes = dots.map(([x, y]) => [x - size / 2, y - size / 2, x + size / 2, y + size / 2]);
    for (const question of asked) {
      const [x, y] = project(...question.xy);
      this.boxes.push([x - 9, y - 9, x + 9, y + 9]);
    }
  }

  // beside the point or on it, whichever place is free first; nowhere if none is
  write([x, y], text, { className = "", over = false, gap = size / 2 + 4, centred = false } = {}) {
    const point = this.project(x, y), [left, top] = point;
    pen.font = `${className ? 650 : 400} ${className === "section" ? 13 : 12}px ${fontFamily()}`;
    const width = pen.measureText(text).width + 2;
    const beside = [[left + gap, top - 8], [left - gap - width, top - 8]];
    const aboveAndBelow = [[left - width / 2, top - gap - 15], [left - width / 2, top + gap - 1]];
    const places = [...(centred ? [[left - width / 2, top - 8]] : beside), ...aboveAndBelow];
    for (const [x0, y0] of places) {
      const box = [x0, y0, x0 + width, y0 + 16];
      if (this.isFree(box, point, over)) {
        this.boxes.push(box);
        const span = element("span", { text, className });
        span.style.transform = `translate(${Math.round(x0)}px, ${Math.round(y0)}px)`;
        this.spans.push(span);
        return;
      }
    }
  }

  isFree(box, [left, top], over) {
    const { clientWidth: width, clientHeight: height } = map;
    if (box[0] < 2 || box[1] < 2 || box[2] > width - 2 || box[3] > height - 2) return false;
    return !this.boxes.some((other, number) => {
      const dot = this.dots[number];
      if (dot && over) return false;
      // close beside another point, a name would seem to be that point's
      const distance = dot && (dot[0] !== left || dot[1] !== top) ? size : 0;
      return other[0] < box[2] + distance && other[2] > box[0] - distance &&
        other[1] < box[3] && other[3] > box[1];
    });
  }
}

// the most important names are written first: they get the room
function writeLabels(moved) {
  const project = projector(moved);
  const isInSight = (entry) => isVisible(entry) && isInside(project(...xy(entry)));
  const inSight = (query ? matches : entries).filter(isInSight);
  const eachNamed = inSight.length <= MAX_NAMED;
  const avoided = eachNamed && !webgl ? entries.filter(isInSight) : [];
  const labels = new Labels(project, avoided.map((entry) => project(...xy(entry))));
  const named = new Set();
  const writeName = (entry) => {
    if (named.has(entry) || !isVisible(entry)) return;
    named.add(entry);
    const options = entry === chosen ? { gap: size / 2 + 9 } : {}; // beside the ring
    labels.write(xy(entry), truncated(entry.question, 34), options);
  };
  for (const question of asked) {
    const options = { className: "asked", over: true, gap: 13 };
    labels.write(question.xy, truncated(question.question, 48), options);
  }
  if (chosen) [chosen, ...chosen.nearest.map(([number]) => entries[number])].forEach(writeName);
  for (const { hits, verdict } of asked) {
    if (hits.length && verdict !== "none") writeName(entries[hits[0][0]]);
  }
  if (eachNamed) inSight.forEach(writeName);
  else if (sections.length > 1) writeSectionNames(labels, inSight);
  byId("labels").replaceChildren(...labels.spans);
}

// the names of the largest sections, each in the middle of its entries in sight
function writeSectionNames(labels, inSight) {
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const members = sections.map(() => []);
  for (const entry of inSight) members[entry.section].push(entry);
  members.slice(0, MAX_SECTION_NAMES).forEach((group, number) => {
    if (!group.length) return;
    const middle = [median(group.map((entry) => entry.x)), median(group.map((entry) => entry.y))];
    const options = { className: "section", centred: true };
    labels.write(middle, truncated(sections[number], 30), options);
  });
}

// ---- the search and the list of entries

function search() {
  const words = searchable(query).split(/\s+/).filter(Boolean);
  const hasAll = (text) => words.every((word) => text.includes(word));
  for (const entry of entries) entry.matches = hasAll(entry.words);
  const whole = words.join(" ");
  // 0: a title is the query; 1: the question has its words; 2: the titles have them; 3: the rest
  const rank = (entry) => (entry.titles.includes(whole)
    ? 0 : [entry.titles[1], entry.title, entry.words].findIndex(hasAll) + 1);
  matches = entries.filter((entry) => entry.matches && isVisible(entry));
  if (words.length) matches.sort((a, b) => rank(a) - rank(b) || a.number - b.number);
  listed = LIST_STEP;
  active = -1;
  showList();
  const total = counted(matches.length, "entry", "entries");
  const shown = sections.length - hiddenSections.size;
  const where = hiddenSections.size ? ` in ${shown} of ${counted(sections.length, "section")}` : "";
  byId("count").textContent = `${total}${query ? " found" : ""}${where}`;
  draw();
}

function showList() {
  byId("list").replaceChildren(...matches.slice(0, listed).map((entry, place) => {
    const item = element("li", { text: entry.question, id: `o${place}`, role: "option" });
    item.setAttribute("aria-selected", String(entry === chosen));
    item.addEventListener("click", () => choose(entry));
    showsTip(item, entry);
    return item;
  }));
  byId("more").hidden = matches.length <= listed;
  activate(active);
}

// make a place of the list the active one; -1 for none
function activate(place) {
  byId("list").querySelector(".active")?.classList.remove("active");
  active = Math.max(-1, Math.min(place, Math.min(matches.length, listed) - 1));
  const item = byId(`o${active}`);
  item?.classList.add("active");
  item?.scrollIntoView({ block: "nearest" });
  if (item) byId("search").setAttribute("aria-activedescendant", item.id);
  else byId("search").removeAttribute("aria-activedescendant");
  showTip(item ? matches[active] : null);
}

// ---- the tooltip

function placeTip([x, y], title, text, remark) {
  const tip = byId("tip");
  tip.hidden = false;
  [title, text, remark].forEach((line, i) => {
    tip.children[i].textContent = line;
    tip.children[i].hidden = !line;
  });
  const { width, height } = map.getBoundingClientRect();
  const right = x + 16, fits = right + tip.offsetWidth <= width;
  const left = fits ? right : x - 16 - tip.offsetWidth;
  const top = Math.min(Math.max(8, y - tip.offsetHeight / 2), height - tip.offsetHeight - 8);
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${top}px`;
}

// beside the point of an entry; none for null, or where the point is out of sight
function showTip(entry) {
  const point = entry && map._fullLayout?.xaxis ? projector()(...xy(entry)) : null;
  if (point && isInside(point)) {
    placeTip(point, entry.question, entry.sentence, sections[entry.section]);
  } else byId("tip").hidden = true;
}

function showQuestionTip(question) {
  const best = question.hits.length ? entries[question.hits[0][0]].question : "";
  const lead = question.verdict === "none" ? "The nearest is" : "Found";
  placeTip(projector()(...question.xy), question.question, best && `${lead}: ${best}`,
    `Question asked: ${question.outcome}, ${question.confidence}. ${question.missing}`);
}

function showsTip(item, entry) {
  item.addEventListener("mouseenter", () => showTip(entry));
  item.addEventListener("mouseleave", () => showTip(null));
}

// ---- the panel of the chosen entry

// Open the panel of an entry, or close it for null. `focus` moves the keyboard there, or back to
// the search; `remember` puts the entry into the address, for links and the back button.
function choose(entry, { focus = false, remember = true } = {}) {
  const opensOrCloses = (chosen === null) !== (entry === null);
  chosen = entry;
  byId("panel").hidden = !entry;
  byId("tip").hidden = true;
  if (entry) fillPanel(entry);
  if (remember) {
    const hash = entry ? `#${encodeURIComponent(entry.id)}` : "#";
    if (location.hash !== hash && (entry || location.hash)) location.hash = hash;
  }
  byId("list").querySelectorAll("li").forEach((item, place) =>
    item.setAttribute("aria-selected", String(matches[place] === entry)));
  if (entry) byId("panel").scrollTop = 0;
  if (focus) byId(entry ? "panel" : "search").focus();
  return draw().then(() => opensOrCloses && resize()); // the panel takes room from the map
}

function fillPanel(entry) {
  const place = [sections[entry.section], entry.breadcrumb].filter(Boolean);
  byId("where").textContent = place.join(" › ");
  byId("question").textContent = entry.question;
  byId("aliases").hidden = !entry.aliases.length;
  byId("aliases").firstElementChild.textContent =
    `Also asked in ${counted(entry.aliases.length, "other way")}`;
  byId("aliases").querySelector("ul").replaceChildren(
    ...entry.aliases.map((text) => element("li", { text })));
  byId("file").textContent = `${entry.path}:${entry.line}`;
  byId("file").href = base + entry.path.split("/").map(encodeURIComponent).join("/");
  byId("answer").replaceChildren(...answerElements(entry));
  byId("near").querySelector("ol").replaceChildren(...entry.nearest.map(nearestItem));
  byId("references").hidden = !entry.references.length;
  byId("references").querySelector("ul").replaceChildren(...entry.references.map(referenceItem));
}

function answerElements(entry) {
  if (!entry.answer) return [element("p", { text: "No answer yet." })];
  const remark = element("p", {
    className: "quiet", text: "The answer is cut here. The file has all of it.",
  });
  return entry.cut ? [...markdownElements(entry.answer), remark] : markdownElements(entry.answer);
}

function nearestItem([number, cosine]) {
  const entry = entries[number];
  const link = element("a", { text: entry.question, href: `#${encodeURIComponent(entry.id)}` });
  showsTip(link, entry);
  const title = "Cosine of the two entries";
  return element("li", {}, link, element("span", { text: ` ${cosine.toFixed(2)}`, title }));
}

function referenceItem([text, target]) {
  const link = { text, href: target, target: "_blank", rel: "noopener noreferrer" };
  return element("li", {}, target ? element("a", link) : text);
}

// Markdown to be read: code and tables as they are, headings and paragraphs as elements
function markdownElements(text) {
  const result = [];
  text.split(/^[ \t]*(?:```|~~~).*$/m).forEach((part, place) => {
    const isCode = place % 2 === 1; // between two fences
    if (isCode) {
      result.push(element("pre", { text: part.replace(/^\n|\s+$/g, "") }));
      return;
    }
    const blocks = part.split(/\n\s*\n/).map((block) => block.replace(/^\n+|\s+$/g, ""));
    for (const block of blocks.filter(Boolean)) {
      const heading = /^#{1,6} +(.*)$/.exec(block);
      if (/^\s*\|/.test(block)) result.push(element("pre", { text: block }));
      else if (heading) result.push(element("h4", {}, ...inlineElements(heading[1])));
      else result.push(element("p", {}, ...inlineElements(block)));
    }
  });
  return result;
}

const LINK = /!?\[([^\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)/g;
const BULLET = /^([ \t]*)[*+-] +/gm;
const EMPHASIS = new RegExp(
  "(`[^`]+`|\\*\\*[^*]+\\*\\*|\\*[^*\\s](?:[^*]*[^*\\s])?\\*|" +
  "(?<!\\w)_[^_\\s](?:[^_]*[^_\\s])?_(?!\\w))");

// code, bold and italic words; a link is its text
function inlineElements(text) {
  const withoutLinks = text.replace(LINK, "$1").replace(BULLET, "$1• ");
  return withoutLinks.split(EMPHASIS).map((part, place) => {
    if (place % 2 === 0) return part;
    if (part.startsWith("`")) return element("code", { text: part.slice(1, -1) });
    if (part.startsWith("**")) return element("strong", { text: part.slice(2, -2) });
    return element("em", { text: part.slice(1, -1) });
  });
}

// ---- the lists of sections and of questions

function showSections() {
  byId("sections").hidden = sections.length < 2;
  const counts = sections.map(() => 0);
  for (const entry of entries) counts[entry.section] += 1;
  byId("sections").querySelector("ul").replaceChildren(...sections.map((section, number) => {
    const box = element("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => {
      hiddenSections[box.checked ? "delete" : "add"](number);
      search();
    });
    const name = element("span", { className: "name", text: section || "(top)" });
    const total = element("span", { text: counts[number].toLocaleString("en") });
    const label = element("label", { title: section }, box, marker(number), name, total);
    return element("li", {}, label);
  }));
}

// the shape and the colour of the points of a section
function marker(section) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 14 14");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[shapeOf(section)]);
  path.setAttribute("fill", `var(--c${section % COLOURS})`);
  svg.append(path);
  return svg;
}

function showAllSections(areShown) {
  hiddenSections = new Set(areShown ? [] : sections.keys());
  byId("sections").querySelectorAll("input").forEach((box) => { box.checked = areShown; });
  search();
}

function showQuestions() {
  byId("asked").hidden = !asked.length;
  byId("asked").querySelector("ul").append(...asked.map((question) => {
    const verdict = element("span", {
      className: `verdict ${question.verdict}`,
      text: `${question.outcome}, ${question.confidence}`,
    });
    const hits = question.hits.map(([number, confidence]) => {
      const text = `${entries[number].question} ${confidence}`;
      const button = element("button", { type: "button", text });
      button.addEventListener("click", () => choose(entries[number]));
      return element("li", {}, button);
    });
    const missing = element("p", { className: "missing", text: question.missing });
    return element("li", { text: question.question }, verdict,
      ...(question.missing ? [missing] : []), element("ul", {}, ...hits));
  }));
}

// ---- theme, size and zoom

function setTheme(dark) {
  root.dataset.theme = dark ? "dark" : "light";
  byId("theme").setAttribute("aria-pressed", String(dark));
}

function resize() {
  return Plotly.Plots.resize(map).then(() => writeLabels());
}

// a factor above 1 shows more of the map
function zoom(factor) {
  const { xaxis, yaxis } = map._fullLayout;
  const scaled = ([low, high]) => {
    const middle = (low + high) / 2, half = ((high - low) / 2) * factor;
    return [middle - half, middle + half];
  };
  const ranges = { "xaxis.range": scaled(xaxis.range), "yaxis.range": scaled(yaxis.range) };
  Plotly.relayout(map, ranges);
}

// ---- events

function listenToMap() {
  const questionOf = (point) => asked[-1 - point.customdata];
  map.on("plotly_hover", ({ points: [point] }) => {
    if (point.customdata < 0) showQuestionTip(questionOf(point));
    else showTip(entries[point.customdata]);
  });
  map.on("plotly_unhover", () => showTip(null));
  map.on("plotly_click", ({ points: [point] }) => {
    const isQuestion = point.customdata < 0;
    const number = isQuestion ? questionOf(point).hits[0]?.[0] : point.customdata;
    if (number !== undefined) choose(entries[number]);
  });
  map.on("plotly_relayouting", writeLabels);
  map.on("plotly_relayout", () => { byId("tip").hidden = true; writeLabels(); });
  new ResizeObserver(() => requestAnimationFrame(resize)).observe(map);
}

function listenToKeys() {
  byId("search").addEventListener("keydown", (event) => {
    const place = { ArrowDown: active + 1, ArrowUp: active - 1 }[event.key];
    if (place !== undefined) activate(place);
    else if (event.key === "Enter" && matches.length) {
      choose(matches[Math.max(active, 0)], { focus: true });
    } else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target instanceof HTMLInputElement && event.target.type === "search";
    if (event.key === "Escape") {
      if (isTyping && query) setQuery(byId("search").value = "");
      else if (chosen) choose(null, { focus: true });
    } else if (isTyping) return;
    else if (event.key === "/") { byId("search").focus(); byId("search").select(); }
    else if (event.key === "+" || event.key === "=") zoom(1 / ZOOM);
    else if (event.key === "-") zoom(ZOOM);
    else return;
    event.preventDefault();
  });
}

function listenToControls() {
  const onClick = (id, action) => byId(id).addEventListener("click", action);
  byId("search").addEventListener("input", () => setQuery(byId("search").value.trim()));
  onClick("more", () => { listed += LIST_STEP; showList(); });
  onClick("close", () => choose(null, { focus: true }));
  onClick("all", () => showAllSections(true));
  onClick("none", () => showAllSections(false));
  onClick("in", () => zoom(1 / ZOOM));
  onClick("out", () => zoom(ZOOM));
  const wholeMap = { "xaxis.autorange": true, "yaxis.autorange": true };
  onClick("reset", () => Plotly.relayout(map, wholeMap));
  onClick("theme", () => { setTheme(root.dataset.theme !== "dark"); draw(); });
  darkScheme.addEventListener("change", (event) => { setTheme(event.matches); draw(); });
  window.addEventListener("hashchange", openFromAddress);
}

function setQuery(text) {
  query = text;
  search();
}

// choose the entry that the address names: links and the back button come here
function openFromAddress() {
  const id = decodeURIComponent(location.hash.slice(1));
  if ((chosen?.id ?? "") === id) return;
  choose(entries.find((entry) => entry.id === id) ?? null, { remember: false });
}

// ---- the start

const darkScheme = matchMedia("(prefers-color-scheme: dark)");
setTheme(darkScheme.matches);
showSections();
showQuestions();
search();
draw().then(() => {
  listenToMap();
  listenToKeys();
  listenToControls();
  openFromAddress();
  root.dataset.ready = "yes"; // the tests wait for this
});
