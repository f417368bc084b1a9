// ---- ten minutes of history --------------------------------------------------------------------
// lb keeps it: /history has it once, then each frame with a new number brings one sample more.

const WIDE = 119,
    HIGH = 40; // of the drawing: 120 samples; the style gives it a size
const CHARTS = {rate: ["Requests/s", rateText], rate_5xx: ["5xx/s", rateText], p99_ms: ["p99", durationText]};
const kept = {number: null, step_ms: 5000, time: 0, services: {}, changes: []};

const askHistory = makeAsker("history", told =>
    Object.assign(kept, told, {services: {__proto__: null, ...told.services}})
);
const seriesOf = key => kept.services[key] || {};

// A service that is gone is forgotten, and so is a change that is too old.
function addSample() {
    const services = {__proto__: null}; // any name may be a key
    for (const [key, sample] of world.sample) {
        const series = {...seriesOf(key)};
        for (const kind in CHARTS)
            series[kind] = [...(series[kind] || Array(WIDE).fill(null)), sample[kind] ?? null].slice(-WIDE - 1);
        services[key] = series;
    }
    Object.assign(kept, {services, number: world.history.number, time: world.time});
    kept.changes = kept.changes.filter(change => placeOf(change) >= 0);
}

// True: there is something new to draw.
function joinHistory(frame) {
    if (!frame.full) kept.changes.push(...Object.values(frame.changes || {}).filter(Boolean));
    if (!world.history || world.history.number === kept.number) return false;
    const isNext = !frame.full && world.history.number === kept.number + 1;
    isNext ? addSample() : askHistory(world.history.number);
    return isNext;
}

// When a change was, as a place between 0 (ten minutes ago) and 1 (now).
const placeOf = ({time}) => Math.min(1, 1 - (Date.parse(kept.time) - Date.parse(time)) / (WIDE * kept.step_ms));
const changesOf = key => kept.changes.filter(change => isOf(key, change) && placeOf(change) >= 0);
const mostOf = values => values.reduce((most, value) => Math.max(most, value), 0);

// ---- lines -------------------------------------------------------------------------------------

// The line, and the ground below it; where nothing is known there is a gap, and where nothing fails, too.
function fillPaths([ground, line], values, most, isOfErrors) {
    let points = "",
        area = "",
        isOpen = false;
    values.forEach((value, x) => {
        if (value != null && !(isOfErrors && !value)) {
            const y = (HIGH - 1 - ((HIGH - 2) * value) / (most || 1)).toFixed(1);
            points += (isOpen ? "L" : "M") + x + " " + y;
            area += isOpen ? `L${x} ${y}` : `M${x} ${HIGH}V${y}`;
            isOpen = true;
        } else if (isOpen) {
            area += `V${HIGH}Z`;
            isOpen = false;
        }
    });
    mark(line, "d", points);
    mark(ground, "d", isOpen ? area + `V${HIGH}Z` : area);
}

function makeLines(...kinds) {
    return drawn(
        "svg",
        {viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true"},
        drawn("path", {class: "marks"}),
        ...kinds.flatMap(kind => ["ground ", "line "].map(part => drawn("path", {class: part + kind})))
    );
}

function fillLines(svg, key, ...kinds) {
    const series = seriesOf(key),
        most = mostOf(series[kinds[0]] || []),
        [marks, ...paths] = svg.children;
    mark(
        marks,
        "d",
        changesOf(key)
            .map(change => `M${(placeOf(change) * WIDE).toFixed(1)} 0V${HIGH}`)
            .join("")
    );
    kinds.forEach((kind, i) => fillPaths(paths.slice(2 * i), series[kind] || [], most, kind === "rate_5xx"));
    return most;
}

// ---- the charts of one service: three on one axis, each change a line through all of them ---------

for (const kind in CHARTS)
    byId("pointer").before(
        element(
            "div",
            {role: "img"},
            element("p", {}, element("b", {}, CHARTS[kind][0]), element("span"), element("small")),
            makeLines(kind)
        )
    );

let pointed = null; // where the pointer is, 0 to 1; null: elsewhere

byId("charts").onpointermove = event => {
    const box = byId("charts").querySelector("svg").getBoundingClientRect();
    pointed = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    showCharts();
};
byId("charts").onpointerleave = () => {
    pointed = null;
    showCharts();
};

// With what was there where the pointer is.
function showCharts() {
    const at = Math.round((pointed ?? 1) * WIDE),
        changes = changesOf(serviceShown),
        series = seriesOf(serviceShown);
    Object.entries(CHARTS).forEach(([kind, [head, text]], i) => {
        const chart = byId("charts").children[i],
            {
                children: [, value, most]
            } = chart.firstChild;
        put(most, "at most " + text(fillLines(chart.lastChild, serviceShown, kind)));
        put(value, text(series[kind]?.[at]));
        mark(
            chart,
            "aria-label",
            `${head} in ten minutes: now ${text(series[kind]?.[WIDE])}, ${most.textContent}; ` +
                plural(changes.length, "change")
        );
    });
    byId("pointer").hidden = pointed === null;
    byId("pointer").style.left = `calc(1rem + (100% - 2rem) * ${pointed})`;
    put(
        byId("pointed"),
        pointed === null
            ? ""
            : joined(
                  " · ",
                  clockText(Date.parse(kept.time) - (WIDE - at) * kept.step_ms),
                  ...changes
                      .filter(change => Math.abs(placeOf(change) - pointed) < 0.01)
                      .slice(0, 3)
                      .map(({name, before, after}) => `${name}: ${before} → ${after}`)
              )
    );
}
