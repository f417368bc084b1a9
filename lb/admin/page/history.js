// ---- ten minutes of history --------------------------------------------------------------------
// lb keeps it; /history has it once, then each frame with a new number brings one sample more.

const SAMPLES = 120;
const KINDS = ["rate", "rate_5xx", "p99_ms"];
const history10 = {number: null, step_ms: 5000, time: null, services: new Map(), changes: []};
let historyAsked = false;

function emptySeries() {
    return Object.fromEntries(KINDS.map(kind => [kind, Array(SAMPLES).fill(null)]));
}

function padded(values) {
    return [...Array(Math.max(0, SAMPLES - values.length)).fill(null), ...values.slice(-SAMPLES)];
}

async function loadHistory() {
    historyAsked = true;
    const wanted = world.history.number;
    try {
        const told = await getJson("history");
        history10.services = new Map(Object.entries(told.services).map(([name, series]) =>
            [name, Object.fromEntries(KINDS.map(kind => [kind, padded(series[kind] || [])]))]));
        Object.assign(history10, {number: told.number ?? wanted, step_ms: told.step_ms, time: told.time, changes: told.changes});
        render(null);
    } catch {
        history10.number = null; // the next sample asks again
    } finally {
        historyAsked = false;
    }
}

function addSample() {
    for (const name of new Set([...history10.services.keys(), ...world.sample.keys()])) {
        if (!history10.services.has(name))
            history10.services.set(name, emptySeries());
        const series = history10.services.get(name), sample = world.sample.get(name) || {};
        for (const kind of KINDS) {
            series[kind].shift();
            series[kind].push(sample[kind] ?? null);
        }
        if (series.rate.every(value => value === null))
            history10.services.delete(name);
    }
    history10.time = world.time;
}

// True: there is something new to draw.
function joinHistory(frame) {
    for (const [number, change] of Object.entries(frame.full ? {} : frame.changes || {}))
        if (change && !history10.changes.some(known => known.number === change.number))
            history10.changes.push({...change, number: Number(number)});
    const number = world.history?.number;
    if (number === undefined || historyAsked || number === history10.number)
        return false;
    if (frame.full || history10.number === null || number !== history10.number + 1) {
        loadHistory();
        return false;
    }
    history10.number = number;
    addSample();
    return true;
}

// ---- lines -------------------------------------------------------------------------------------

const WIDE = SAMPLES - 1, HIGH = 40; // of the drawing; the style gives it a size

function largest(values) {
    return values.reduce((most, value) => Math.max(most, value ?? 0), 0);
}

// Two paths: the line, and the ground below it. Where nothing is known there is a gap.
function pathsOf(values, most) {
    let line = "", ground = "", from = null;
    values.forEach((value, x) => {
        if (value != null) {
            const y = (HIGH - 1 - (HIGH - 2) * value / (most || 1)).toFixed(1);
            line += `${from === null ? "M" : "L"}${x} ${y}`;
            ground += from === null ? `M${x} ${HIGH}V${y}` : `L${x} ${y}`;
            from ??= x;
        }
        if (from !== null && (value == null || x === WIDE)) {
            ground += `V${HIGH}Z`;
            from = null;
        }
    });
    return [line, ground];
}

function makeLines(kinds) {
    const paths = kinds.flatMap(kind => [drawn("path", {class: "ground " + kind}), drawn("path", {class: "line " + kind})]);
    return drawn("svg", {viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true"},
        drawn("path", {class: "marks"}), ...paths);
}

// When a change was, as a place between 0 (ten minutes ago) and 1 (now); outside of it: null.
function placeOf(time) {
    const place = 1 - (Date.parse(history10.time) - Date.parse(time)) / (WIDE * history10.step_ms);
    return place >= 0 ? Math.min(1, place) : null;
}

function changesOf(service) {
    return history10.changes.filter(change => isOf(change, service) && placeOf(change.time) !== null);
}

function fillLines(svg, service, kinds) {
    const series = history10.services.get(service) || emptySeries();
    const most = largest(series[kinds[0]]);
    const marks = changesOf(service).map(({time}) => `M${(placeOf(time) * WIDE).toFixed(1)} 0V${HIGH}`).join("");
    mark(svg.firstChild, "d", marks);
    kinds.forEach((kind, i) => {
        const values = kind === "rate_5xx" ? series[kind].map(value => value || null) : series[kind]; // none of it is no line
        const [line, ground] = pathsOf(values, most);
        mark(svg.children[1 + 2 * i], "d", ground);
        mark(svg.children[2 + 2 * i], "d", line);
    });
    return most;
}

// ---- the charts of one service: three on one axis, each change a line through all of them ---------

const CHARTS = [{kind: "rate", head: "Requests/s", text: rateText}, {kind: "rate_5xx", head: "5xx/s", text: rateText},
    {kind: "p99_ms", head: "p99", text: durationText}];

function makeCharts() {
    for (const {kind, head} of CHARTS)
        byId("pointer").before(element("div", {class: "chart", role: "img"},
            element("p", {"aria-hidden": "true"}, element("b", {}, head), element("span"), element("small")), makeLines([kind])));
    const charts = byId("charts");
    charts.onpointermove = event => {
        const box = charts.querySelector("svg").getBoundingClientRect();
        pointAt(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
    };
    charts.onpointerleave = () => pointAt(null);
}

let pointed = null; // where the pointer is, 0 to 1

// Says what was there at that time.
function pointAt(place) {
    pointed = place;
    const series = history10.services.get(serviceShown) || emptySeries();
    const at = place === null ? WIDE : Math.round(place * WIDE);
    CHARTS.forEach(({kind, text}, i) => put(byId("charts").children[i].querySelector("span"), text(series[kind][at])));
    byId("pointer").hidden = place === null;
    if (place === null || !history10.time)
        return put(byId("pointed"), "");
    byId("pointer").style.left = `calc(1rem + (100% - 2rem) * ${place})`;
    const time = Date.parse(history10.time) - (WIDE - at) * history10.step_ms;
    const near = changesOf(serviceShown).filter(change => Math.abs(placeOf(change.time) - place) < 0.01).slice(0, 3);
    put(byId("pointed"), [clockText(time), ...near.map(change => `${change.name}: ${change.before} → ${change.after}`)].join(" · "));
}

function showCharts(service) {
    const series = history10.services.get(service) || emptySeries(), changes = changesOf(service);
    CHARTS.forEach(({kind, head, text}, i) => {
        const chart = byId("charts").children[i], most = fillLines(chart.querySelector("svg"), service, [kind]);
        put(chart.querySelector("small"), "at most " + text(most));
        mark(chart, "aria-label", `${head} in the last ten minutes: now ${text(series[kind][WIDE])}, at most ${text(most)}; ` +
            plural(changes.length, "change") + " of its endpoints");
    });
    pointAt(pointed);
}
