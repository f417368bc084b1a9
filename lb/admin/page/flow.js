// ---- the flow: a picture of the traffic as it runs -------------------------------------------------
// Clients, listeners, routes, services and endpoints in columns; what flows between them is as wide as its rate, drawn once
// a second. How much there is is counted; by which way it came is learnt from the requests that are `seen`. Some of these are
// dots with a tail, moved a few times a second: the tail makes a motion of it, and costs next to nothing.

const FLOW_HEADS = "Clients Listeners Routes Services Endpoints".split(" ");
const FLOW_TOP = 44, FLOW_ROW = 22, FLOW_HOP_MS = 600, FLOW_STEP_MS = 180, FLOW_TELL_MS = 10000;
const flow = {paths: new Map(), retried: new Map(), nodes: [], links: [], dots: []};
const flowBase = element("canvas"), flowTip = element("p", {class: "panel"});
const flowColor = name => flow.colors[name] ??= getComputedStyle(flowTip).getPropertyValue("--" + name);
const flowSum = (items, name) => items.reduce((sum, item) => sum + item[name], 0);

// ---- what is learnt --------------------------------------------------------------------------------

const flowSteps = ({client, listener, route, service, endpoint}) =>
    [client || "clients", listener || "listeners", route || "default", service, endpoint];

// What was seen counts less every second. Retries: attempts of the last seconds that another one followed.
function flowLearn(seen) {
    for (const [key, path] of flow.paths)
        (path.weight *= 0.9) < 0.05 && flow.paths.delete(key);
    for (const record of seen) {
        const steps = flowSteps(record).slice(0, 4), path = flow.paths.get(steps.join()) || {steps, weight: 0};
        path.weight++;
        flow.paths.set(steps.join(), path);
    }
    flow.retried = new Map([...world.endpoint_numbers].map(([key, {retries = 0}]) => {
        const {all = retries, recent = 0} = flow.retried.get(key) || {};
        return [key, {all: retries, recent: recent * 0.8 + Math.max(0, retries - all)}];
    }));
}

// The ways to a service share its rate as the requests did that were seen.
function flowWays(service) {
    const ways = [...flow.paths.values()].filter(({steps}) => steps[3] === service), rate = world.service_numbers.get(service)?.rate || 0;
    if (rate && !ways[0])
        ways.push({steps: flowSteps({service}).slice(0, 4), weight: 1});
    const sum = flowSum(ways, "weight");
    return ways.map(({steps, weight}) => ({steps, value: rate * weight / sum}));
}

// ---- columns of nodes, and links between them -------------------------------------------------------

function flowFacts(level, key) {
    const service = world.services.get(key);
    if (level === 3 && service) {
        const n = world.service_numbers.get(key) || {};
        return {name: nameOf(key), ...healthOf(service, n), n, of: key};
    }
    if (level < 4)
        return {};
    const {name, state, service: of} = factsOf(key), n = numbersOf(key), recent = flow.retried.get(key)?.recent;
    return {
        words: state === "ready" ? "" : state,
        name, value: n.rate || 0, tone: toneOf(state), retries: recent > 0.3 ? Math.ceil(recent) : 0, n, of};
}

// What has no room is one node: trouble is shown first, then what is busy, in coarse steps, so that it stays.
function flowFold(nodes, most) {
    const order = ({key, of, name}) => key ? joined(" ", of, name) : "\uffff";
    if (nodes.length > most) {
        const rank = ({tone, value}) => (tone === "good" ? 0 : 99) + Math.round(Math.log2(value + 1));
        const rest = nodes.sort((a, b) => rank(b) - rank(a)).splice(most - 1), [{level, of}] = rest;
        nodes.push({
            key: "", name: `and ${count(rest.length)} more`, tone: "good", value: flowSum(rest, "value"),
            level, of: rest.every(node => node.of === of) && of});
        rest.forEach(node => node.in = nodes.at(-1));
    }
    return nodes.sort((a, b) => byName(order(a), order(b)));
}

function flowBuild(levels, most) {
    const columns = flow.columns = FLOW_HEADS.map(() => new Map()), links = {};
    const find = (level, key) => {
        if (!columns[level].has(key))
            columns[level].set(key, {
                tone: "good",
                level, key, name: key, value: 0, ...flowFacts(level, key)});
        return columns[level].get(key);
    };
    const ways = servicesByHealth().flatMap(({key}) => find(3, key) && flowWays(key)).map(({steps, value}) => ({value, nodes: steps.map((key, level) => find(level, key))}));
    for (const {value, nodes} of ways) {
        nodes.forEach(node => node.value += value);
        nodes[2].of ||= nodes[3].key;
    }
    for (const [key, {service}] of world.endpoints)
        ways.push({value: find(4, key).value, nodes: [find(3, service), find(4, key)]});
    const shown = levels.map(level => flowFold([...columns[level].values()], most));
    for (const {value, nodes} of ways)
        nodes.filter(({level}) => levels.includes(level)).map(node => node.in || node).reduce((from, to) => {
            const key = [to.level, from.key, to.key].join(), link = links[key] ??= {from, to, value: 0};
            link.value += value;
            return to;
        });
    flow.links = Object.values(links);
    return shown;
}

// One scale for all, so that the fullest column fits.
function flowLayout(width, height) {
    const levels = width < 700 ? [1, 3, 4] : [0, 1, 2, 3, 4], room = height - FLOW_TOP, end = Math.min(240, width * 0.4), step = (width - 16 - end) / (levels.length - 1);
    const columns = flowBuild(levels, Math.max(1, Math.floor(room / FLOW_ROW)));
    const sums = columns.map(nodes => flowSum(nodes, "value") || 1);
    const scale = Math.min(...columns.map((nodes, i) => Math.min(room * 0.6, room - nodes.length * FLOW_ROW) / sums[i]));
    columns.forEach((nodes, i) => {
        let y = FLOW_TOP;
        const spare = (room - sums[i] * scale) / nodes.length;
        for (const node of nodes) {
            const high = node.value * scale;
            Object.assign(node, {x: 16 + i * step, y: y + (high + spare) / 2, high, slot: high + spare, room: (node.level < 4 ? step : end) - 36, to: 0, from: 0});
            y += node.slot;
        }
    });
    for (const [end, other] of [["from", "to"], ["to", "from"]])
        for (const link of flow.links.sort((a, b) => a[other].y - b[other].y)) {
            link.wide = link.value * scale;
            link[end + "Y"] = link[end].y - link[end].high / 2 + link[end][end] + link.wide / 2;
            link[end][end] += link.wide;
        }
    flow.nodes = columns.flat();
}

// ---- drawing ---------------------------------------------------------------------------------------

function flowLink(pen, {from, to, fromY, toY, wide, value}) {
    const middle = (from.x + to.x) / 2, tone = to.tone === "good" && to.level < 4 ? "link" : to.tone;
    const isHurt = to.retries || to.words === "draining";
    pen.globalAlpha = isHurt ? 0.8 : 0.35;
    pen.strokeStyle = flowColor(to.retries ? "waiting" : value || tone !== "link" ? tone : "muted");
    pen.lineWidth = Math.max(isHurt ? 2 : 1, wide);
    pen.setLineDash(isHurt ? [5, 4] : []);
    pen.beginPath();
    pen.moveTo(from.x + 5, fromY);
    pen.bezierCurveTo(middle, fromY, middle, toY, to.x, toY);
    pen.stroke();
}

function flowNode(pen, {x, y, high, name, value, tone, words, retries, room, level, key}) {
    const note = joined(" ", level > 3 && words, value > 0 && rateText(value), retries > 0 && "↻ " + retries);
    const at = y - (level > 3 || high > 18 ? 0 : 7 + high / 2), tall = Math.max(4, high);
    const write = (text, color, left) => {
        pen.fillStyle = flowColor(color);
        pen.fillText(text, x + left, at);
        return left + 8 + pen.measureText(text).width;
    };
    pen.fillStyle = flowColor(value || tone !== "good" ? tone : "muted");
    pen.fillRect(x, y - tall / 2, 5, tall);
    for (let size = name.length; size > 1 && pen.measureText(name + note).width > room;)
        name = name.slice(0, --size) + "…";
    write(note, tone === "good" ? "muted" : tone, write(name, key ? "text" : "muted", 12));
}

function flowDraw() {
    const {canvas, canvas: {clientWidth: width, clientHeight: height}} = flow, ratio = devicePixelRatio;
    if (!width || !world.time)
        return;
    flow.colors = {};
    flowLayout(width, height);
    const [pen] = [flowBase, canvas].map(one => {
        one.width = width * ratio;
        one.height = height * ratio;
        const pen = one.getContext("2d", {alpha: false});
        pen.scale(ratio, ratio);
        return pen;
    });
    pen.fillStyle = flowColor("panel");
    pen.fillRect(0, 0, width, height);
    flow.links.forEach(link => flowLink(pen, link));
    pen.globalAlpha = 1;
    pen.textBaseline = "middle";
    pen.font = "12px system-ui";
    flow.nodes.forEach(node => flowNode(pen, node));
    pen.fillStyle = flowColor("muted");
    new Map(flow.nodes.map(({x, level}) => [x, FLOW_HEADS[level]])).forEach((head, x) => pen.fillText(head, x, 20));
    flowMove();
}

// ---- dots ------------------------------------------------------------------------------------------

// Where it is after so many hops; bent as the links are.
function flowSpot({way, lane}, hops) {
    const i = Math.max(0, Math.min(way.length - 2, Math.floor(hops))), t = Math.max(0, Math.min(1, hops - i)), [from, to] = way.slice(i);
    const a = from.y + lane * from.high, b = to.y + lane * to.high;
    return [from.x + (to.x - from.x) * t * (1.5 - 1.5 * t + t * t), a + (b - a) * t * t * (3 - 2 * t)];
}

function flowMove() {
    const {canvas} = flow, pen = canvas.getContext("2d"), now = Date.now();
    pen.drawImage(flowBase, 0, 0, canvas.clientWidth, canvas.clientHeight);
    pen.lineCap = "round";
    pen.lineWidth = 4;
    flow.dots = flow.dots.filter(dot => now < dot.start + FLOW_HOP_MS * (dot.way.length - 1));
    for (const dot of flow.dots) {
        const hops = (now - dot.start) / FLOW_HOP_MS;
        pen.strokeStyle = flowColor(dot.color);
        pen.beginPath();
        pen.moveTo(...flowSpot(dot, hops - 0.1));
        pen.lineTo(...flowSpot(dot, hops));
        if (hops > 0)
            pen.stroke();
    }
    clearTimeout(flow.timer);
    flow.timer = flow.dots[0] && setTimeout(flowMove, FLOW_STEP_MS);
}

function flowDot(record, i, {length}) {
    const way = flowSteps(record).flatMap((key, level) => flow.columns[level].get(key) || []).map(node => node.in || node).filter(node => node.x);
    const [service, endpoint] = way.slice(-2), isRetried = record.attempts > 1;
    if (isRetried && endpoint) // it went back, and to another one
        way.splice(-1, 0, {x: endpoint.x - 30, y: service.y, high: service.high * 2}, service);
    if (endpoint)
        flow.dots.push({
            color: record.status > 499 || record.end !== "ok" ? "bad" : isRetried ? "waiting" : "link",
            way, lane: Math.random() * 0.8 - 0.4, start: Date.now() + 1000 * i / length});
}

// ---- words, and what a pointer does ------------------------------------------------------------------

function flowTell() {
    if (Date.now() < flow.due || world.totals?.rate == null)
        return;
    const busy = flow.nodes.filter(({level, value}) => level === 3 && value > 0).sort((a, b) => b.value - a.value);
    const names = busy.map(({name, value}) => `${name} (${rateText(value)})`);
    mark(flow.canvas, "aria-label", joined(" ", `${rateText(world.totals.rate)} requests a second flow to ${someOf(names, 5) || "no service"}.`, byId("summary").textContent,
        flow.nodes.some(node => node.retries) && "Some were retried."));
    flow.due = Date.now() + FLOW_TELL_MS;
}

function flowPoint({offsetX: x, offsetY: y}) {
    const {canvas, hovered} = flow;
    const node = flow.hovered = flow.nodes.find(one => x > one.x - 6 && x < one.x + one.room && Math.abs(y - one.y) < one.slot / 2);
    flow.isKnown = node?.key === hovered?.key;
    flowTip.hidden = !node;
    if (!node)
        return;
    const {name, words, value, n = {}} = node;
    put(flowTip, joined("\n", name, words, rateText(value) + " requests/s", n.rate_5xx > 0 && rateText(n.rate_5xx) + " 5xx/s", n.p99_ms && "p99 " + durationText(n.p99_ms),
        n.inflight > 0 && count(n.inflight) + " in flight"));
    flowTip.style.cssText = `position:absolute;pointer-events:none;white-space:pre;padding:8px 12px;top:${canvas.offsetTop + Math.min(node.y + 12, canvas.clientHeight - 150)}px;` +
        `left:${canvas.offsetLeft + node.x}px;transform:translate(${node.level < 3 ? "12px" : "-105%"})`;
}

// A tap shows the numbers, another one follows; a mouse has shown them before it clicks.
function flowFollow() {
    const {level, of} = flow.hovered || {};
    if (flow.isKnown && (level < 3 || of))
        location.hash = "#/" + (level < 3 ? FLOW_HEADS[level].toLowerCase() : "service/" + encodeURIComponent(of));
}

// ---- what the page calls ---------------------------------------------------------------------------

function flow_start(canvas) {
    Object.assign(flow, {canvas, due: 0});
    canvas.className = "panel";
    Object.assign(canvas, {hidden: false, onmousemove: flowPoint, onmouseleave: flowPoint, onclick: flowFollow});
    canvas.after(flowTip);
    flowPoint({});
    onresize = flowDraw;
}

function flow_frame() {
    const {seen = []} = world, isNew = flow.seen !== seen;
    flow.seen = seen;
    if (isNew)
        flowLearn(seen);
    flowDraw();
    if (isNew && !matchMedia("(prefers-reduced-motion: reduce)").matches)
        seen.slice(0, 12).forEach(flowDot);
    flowMove();
    flowTell();
}

function flow_stop() {
    flow.dots = [];
    flow.canvas.hidden = true;
}
