"use strict";

const SILENCE_MS = 5000; // lb speaks once a second
const RETRY_MS = 2000;
const STATES = {ready: "good", probing: "waiting", starting: "waiting", draining: "waiting",
                paused: "waiting", disabled: "waiting", unhealthy: "bad", failing: "bad", ejected: "bad"};

const byId = id => document.getElementById(id);

// Only what differs is touched, so that nothing flickers and a selection stays.
function put(node, text) {
    if (node.textContent !== text)
        node.textContent = text;
}

function tell(id, text, tone = "") {
    put(byId(id), text);
    byId(id).className = tone;
}

function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes))
        node.setAttribute(name, value);
    node.append(...children);
    return node;
}

// ---- words ------------------------------------------------------------------------------------

const count = new Intl.NumberFormat("en").format;
const tenths = new Intl.NumberFormat("en", {minimumFractionDigits: 1, maximumFractionDigits: 1}).format;

function rateText(rate) {
    return rate === null ? "–" : rate > 0 && rate < 100 ? tenths(rate) : count(Math.round(rate));
}

function durationText(ms) {
    if (ms === null)
        return "–";
    if (ms >= 1000)
        return tenths(ms / 1000) + " s";
    return (ms < 10 ? tenths(ms) : count(Math.round(ms))) + " ms";
}

function bytesText(bytes) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    for (; bytes >= 1000 && unit < units.length - 1; unit++)
        bytes /= 1000;
    return (unit > 0 && bytes < 100 ? tenths(bytes) : count(Math.round(bytes))) + " " + units[unit];
}

function ageText(from, now) {
    const seconds = Math.max(0, Math.round((Date.parse(now) - Date.parse(from)) / 1000));
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
    if (seconds < 60)
        return seconds + " s";
    if (minutes < 60)
        return minutes + " min";
    return hours < 48 ? hours + " h" : Math.floor(hours / 24) + " days";
}

function clockText(time) {
    const date = new Date(time), today = date.toDateString() === new Date().toDateString();
    const clock = date.toLocaleTimeString("en-GB");
    return today ? clock : date.toLocaleDateString("en-GB", {day: "numeric", month: "short"}) + " " + clock;
}

function plural(number, word) {
    return count(number) + " " + word + (number === 1 ? "" : "s");
}

// ---- lists ------------------------------------------------------------------------------------

// Makes the children of `parent` those of `items`: what stays is the same element, changed in place.
function sync(parent, kept, items, keyOf, make, update) {
    const wanted = new Map(items.map(item => [keyOf(item), item]));
    for (const [key, node] of kept) {
        if (!wanted.has(key)) {
            node.remove();
            kept.delete(key);
        }
    }
    let next = parent.firstElementChild;
    for (const [key, item] of wanted) {
        if (!kept.has(key))
            kept.set(key, make(item));
        const node = kept.get(key);
        update(node, item);
        if (node === next)
            next = next.nextElementSibling;
        else
            parent.insertBefore(node, next);
    }
}

const rows = new Map(), items = new Map();

function makeRow() {
    const number = label => element("td", {role: "cell", class: "number", "data-label": label});
    return element("tr", {role: "row"},
        element("th", {role: "rowheader", scope: "row"}, element("span"), element("small")),
        element("td", {role: "cell", class: "state"}, element("b"), element("span"), element("small")),
        number("Requests/s"), number("Running"), number("Requests"), number("Failures"), number("Weight"));
}

function whyText(endpoint) {
    if (endpoint.state === "ready")
        return [endpoint.share_percent < 100 ? `slow start: ${endpoint.share_percent} % of its share` : "",
            endpoint.place].filter(Boolean).join("; ");
    const problem = endpoint.problem ? ": " + endpoint.problem : "";
    const again = endpoint.ejected_for_ms > 0 ? ` Its time is over in ${durationText(endpoint.ejected_for_ms)}.` : "";
    const why = endpoint.why.charAt(0).toUpperCase() + endpoint.why.slice(1);
    return `${why}${problem}.${again} ${endpoint.remedy}`;
}

function updateRow(row, endpoint, now) {
    const [name, state, ...numbers] = row.children;
    put(name.children[0], endpoint.name);
    const from = (endpoint.backends || []).map(b => b.problem ? `${b.name}: ${b.problem}` : b.name).join(", ");
    const address = endpoint.address === endpoint.name ? from : endpoint.address;
    put(name.children[1], [address, endpoint.protocol].filter(Boolean).join(" "));
    put(state.children[0], endpoint.state);
    state.children[0].className = STATES[endpoint.state] || "waiting";
    put(state.children[1], endpoint.since ? " for " + ageText(endpoint.since, now) : "");
    put(state.children[2], whyText(endpoint));
    const ordered = endpoint.ordered && endpoint.ordered.weight ? " by admin" : "";
    const limit = endpoint.max_inflight ? `, at most ${count(endpoint.max_inflight)}` : "";
    [rateText(endpoint.rate), count(endpoint.inflight) + limit, count(endpoint.connections ?? endpoint.requests), count(endpoint.failures),
     count(endpoint.weight) + ordered].forEach((text, i) => put(numbers[i], text));
}

function changeText(change) {
    const why = change.problem || (change.cause && "by " + change.cause);
    const what = change.after === "gone" ? "is gone, was " + change.before
        : change.before === "gone" ? "came, " + change.after
        : `${change.before} → ${change.after}`;
    return `${change.name}: ${what}${why ? ", " + why : ""}`;
}

function makeChange(change) {
    return element("li", {}, element("time", {datetime: change.time, title: change.time}), element("span"));
}

function updateChange(item, change) {
    put(item.children[0], clockText(change.time));
    put(item.children[1], changeText(change));
}

// ---- the view ---------------------------------------------------------------------------------

function showSummary(frame) {
    const {usable_count: usable, endpoint_count: total} = frame;
    put(byId("service"), frame.service);
    document.title = `${usable}/${total} ${frame.service} – lb`;
    const others = Object.entries(frame.states).filter(([state]) => state !== "ready")
        .map(([state, number]) => `${count(number)} ${state}`).join(", ");
    let text = usable === 0 ? "No endpoint gets requests" : `${count(usable)} of ${plural(total, "endpoint")} get requests`;
    text += others ? `; ${others}.` : ".";
    if (frame.panic)
        text += " Panic: too few are healthy, so failing, unhealthy and ejected ones get requests too.";
    for (const {service, for_ms: left} of frame.paused)
        text += ` ${service} is paused for ${Math.ceil(left / 1000)} s more: its new requests wait.`;
    if (frame.shutting_down)
        text += " lb is shutting down.";
    tell("summary", text, usable === 0 || frame.panic ? "bad" : others || frame.paused.length > 0 ? "waiting" : "good");
}

function showTraffic(frame) {
    const seconds = Math.round(frame.window_ms / 1000);
    put(byId("span"), seconds > 0 ? `in the last ${seconds} s` : "");
    put(byId("rate"), rateText(frame.rate));
    for (const key of ["p50", "p90", "p99"])
        put(byId(key), durationText(frame.latency[key + "_ms"]));
    tell("errors", count(frame.errors), frame.errors > 0 ? "bad" : "");
    put(byId("inflight"), count(frame.inflight));
    const waiting = frame.held + frame.queued;
    tell("held", count(waiting), waiting > 0 ? "waiting" : "");
    put(byId("requests"), count(frame.totals.requests));
    for (const key of ["2xx", "3xx", "4xx", "5xx", "none"])
        put(byId("class-" + key), count(frame.totals.by_status[key]));
    put(byId("retries"), count(frame.totals.retries));
}

const byName = new Intl.Collator("en", {numeric: true}).compare;

function showEndpoints(frame) {
    const endpoints = frame.endpoints.sort((a, b) => byName(a.name, b.name) || byName(a.address, b.address));
    sync(byId("rows"), rows, endpoints, e => JSON.stringify([e.id, e.name, e.address, e.protocol]), makeRow,
         (row, endpoint) => updateRow(row, endpoint, frame.time));
    const unseen = frame.endpoint_count - endpoints.length;
    const hints = [];
    if (frame.endpoint_count === 0)
        hints.push("No endpoint is known.");
    if (unseen > 0)
        hints.push(`${plural(unseen, "more endpoint")} at /pool.`);
    if (frame.left_out_count > 0)
        hints.push(`${plural(frame.left_out_count, "container")} left out; /explain says why.`);
    put(byId("more"), hints.join(" "));
    put(byId("version"), `version ${count(frame.version)} of the pool`);
}

// ---- routes -----------------------------------------------------------------------------------

const ROUTES_SHOWN = 200, ROUTES_PAUSE_MS = 5000;
const routeRows = new Map();
let routesVersion = null, routesDue = 0;

// What a link could not ask for, as it has no token.
function get(path, fields = {}) {
    const token = sessionStorage.getItem("token");
    const headers = token ? {Authorization: "Bearer " + token, ...fields} : fields;
    return fetch(path, {headers, cache: "no-store"});
}

function makeRoute() {
    return element("tr", {role: "row"}, element("th", {role: "rowheader", scope: "row"}),
        element("td", {role: "cell"}),
        element("td", {role: "cell"}, element("span"), element("small", {class: "bad"})));
}

function updateRoute(row, route) {
    put(row.children[0], route.match);
    put(row.children[1], route.target + (route.in_force ? `; in force: ${route.in_force}` : ""));
    put(row.children[2].children[0], route.origin);
    put(row.children[2].children[1], route.note || "");
}

function showRoutes(routes, total) {
    sync(byId("route-rows"), routeRows, routes, r => r.number, makeRoute, updateRoute);
    byId("route-table").hidden = routes.length === 0;
    const unseen = total - routes.length;
    put(byId("more-routes"),
        unseen > 0 ? `${plural(unseen, "more route")} at /routes, or by lb explain --routes.` : "");
    put(byId("route-count"), total > 0 ? `${count(total)}, the first that holds gets the request` : "");
}

// They are many: they are asked for when something has changed, and not more often than now and then.
async function refreshRoutes(frame) {
    put(byId("default-route"), frame.default_route);
    if (frame.route_count === 0) {
        showRoutes([], 0);
        routesVersion = null;
        return;
    }
    if (frame.version === routesVersion || Date.now() < routesDue)
        return;
    routesDue = Date.now() + ROUTES_PAUSE_MS;
    try {
        const answer = await get("routes?count=" + ROUTES_SHOWN, {Accept: "application/json"});
        const told = await answer.json();
        if (!answer.ok)
            return;
        routesVersion = told.version;
        showRoutes(told.routes, told.count);
    } catch {
        // the next frame asks again
    }
}

byId("ask").onsubmit = async event => {
    event.preventDefault();
    const asked = new URLSearchParams();
    asked.append("url", byId("url").value.trim());
    for (const key of ["method", "client"])
        if (byId(key).value.trim())
            asked.append(key, byId(key).value.trim());
    for (const header of byId("headers").value.split("\n"))
        if (header.trim())
            asked.append("header", header.trim());
    put(byId("explained"), "…");
    try {
        const answer = await get("explain?" + asked.toString().replaceAll("+", "%20"));
        put(byId("explained"), answer.ok ? await answer.text() : (await answer.json()).message);
    } catch {
        put(byId("explained"), "lb does not answer.");
    }
};

let newest = null; // key of the latest change that was shown

function showChanges(frame) {
    const keyOf = change => change.number + " " + change.time;
    sync(byId("list"), items, frame.changes, keyOf, makeChange, updateChange);
    byId("no-changes").hidden = frame.changes.length > 0;
    const latest = frame.changes.length > 0 ? keyOf(frame.changes[0]) : "";
    if (newest !== null && latest !== newest && latest)
        put(byId("news"), changeText(frame.changes[0]));
    newest = latest;
}

function showDiscovery(frame) {
    const {source, connected, last_event, last_sync, last_line, starts, bad_lines, problem, remedy, sources} = frame.discovery;
    const troubled = (sources || []).filter(each => each.problem);
    const each = troubled.map(one => `${one.source}: ${one.problem}. ${one.remedy}`).join(" ");
    const isTold = troubled.some(one => one.problem === problem);
    tell("obstacle", [problem && !isTold ? `${problem}. ${remedy}` : "", each].join(" ").trim(), "bad");
    const ago = (what, time) => time ? ` ${what} ${ageText(time, frame.time)} ago.` : "";
    if (source === "static") {
        tell("source", "A fixed list (--backend).");
        return;
    }
    let text = source === "docker" ? "Docker" : "A file";
    text += connected === undefined ? "." : connected ? ", connected." : ", not connected: the pool stays as it was last seen.";
    text += ago("Last event", last_event) + ago("Read in full", last_sync) + ago("Last change", last_line);
    if (starts > 1)
        text += ` lb-discovery was started ${plural(starts, "time")}.`;
    if (bad_lines > 0)
        text += ` ${plural(bad_lines, "line")} of it refused; see the log.`;
    tell("source", text, connected === false ? "bad" : "");
}

function showProcess(frame) {
    if (!frame.process)
        return;
    const {pid, version, jail, starts, crashes, crash_loop, last_crash, last_crash_at, lost_requests, upgrades,
           last_failure, last_failure_at} = frame.process;
    const count = Object.values(crashes).reduce((sum, one) => sum + one, 0);
    let text = `lb ${version}, process ${pid}. Jail: ${jail}.`;
    if (starts > 1)
        text += ` Processes so far: ${starts}, ${plural(upgrades, "upgrade")}; crashes: ${count}.`;
    if (last_crash)
        text += ` Last crash: ${last_crash}, ${ageText(last_crash_at, frame.time)} ago; ${plural(lost_requests, "request")} lost with all of them.`;
    if (last_failure)
        text += ` ${last_failure}, ${ageText(last_failure_at, frame.time)} ago.`;
    tell("process", text, crash_loop || last_failure ? "bad" : "");
}

function show(frame) {
    showSummary(frame);
    showTraffic(frame);
    showEndpoints(frame);
    showPassing(frame);
    refreshRoutes(frame);
    showCertificates(frame);
    showChanges(frame);
    showDiscovery(frame);
    showProcess(frame);
    byId("view").hidden = false;
    lastTime = frame.time;
    tell("link", "live", "muted");
}

// ---- following --------------------------------------------------------------------------------

let lastTime = null;

class Refused extends Error {}

// Server-sent events (WHATWG HTML § 9.2) as lb writes them: one line of data, then an empty one.
// EventSource could not send the token.
async function read(body, heard) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
        const {value, done} = await reader.read();
        if (done)
            return;
        heard();
        const events = (rest + value).split("\n\n");
        rest = events.pop();
        for (const event of events)
            if (event.startsWith("data: "))
                queueMicrotask(() => show(JSON.parse(event.slice(6)))); // its errors are no lost connection
    }
}

async function follow() {
    const abort = new AbortController();
    let timer = 0;
    const heard = () => {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), SILENCE_MS);
    };
    try {
        heard();
        const token = sessionStorage.getItem("token");
        const headers = token ? {Authorization: "Bearer " + token} : {};
        const answer = await fetch("events", {headers, cache: "no-store", signal: abort.signal});
        if (answer.status === 401)
            throw new Refused();
        if (!answer.ok)
            return (await answer.json()).message;
        await read(answer.body, heard);
    } finally {
        clearTimeout(timer);
        abort.abort();
    }
    return "";
}

// Waits for the token that is typed in.
function ask() {
    const form = byId("login"), wasGiven = sessionStorage.getItem("token") !== null;
    sessionStorage.removeItem("token");
    byId("view").hidden = true;
    form.hidden = false;
    put(byId("refused"), wasGiven ? "This token is not the right one." : "");
    tell("link", "a token is needed", "muted");
    byId("token").focus();
    return new Promise(resolve => {
        form.onsubmit = event => {
            event.preventDefault();
            const token = byId("token").value.trim();
            if (!/^[\x21-\x7e]+$/.test(token)) {
                put(byId("refused"), "A token has no spaces and only ASCII characters.");
                return;
            }
            sessionStorage.setItem("token", token);
            byId("token").value = "";
            form.hidden = true;
            resolve();
        };
    });
}

// A link could not send the token: what it leads to is fetched and shown here.
byId("footer").addEventListener("click", async event => {
    const token = sessionStorage.getItem("token"), path = event.target.getAttribute("href");
    if (!token || !path)
        return;
    event.preventDefault();
    put(byId("answer-of"), "/" + path);
    put(byId("answer-text"), "…");
    byId("answer").hidden = false;
    try {
        const answer = await get(path);
        put(byId("answer-text"), await answer.text());
    } catch {
        put(byId("answer-text"), "lb does not answer.");
    }
    byId("answer").focus();
});

async function run() {
    tell("link", "connecting …", "muted");
    for (;;) {
        let reason = "";
        try {
            reason = await follow();
        } catch (error) {
            if (error instanceof Refused) {
                await ask();
                continue;
            }
        }
        const seen = lastTime ? ` What is shown is of ${clockText(lastTime)}.` : "";
        tell("link", (reason || "connection to lb lost, trying again.") + seen, "bad");
        await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
}
