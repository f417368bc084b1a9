// ---- overview ----------------------------------------------------------------------------------

const SERVICES_SHOWN = 60, FILTER_FROM = 12;

function serviceHref(key) {
    return "#/service/" + encodeURIComponent(key);
}

// A bar of what states its endpoints are in.
function fillStates(cell, {service}) {
    const [bar, text] = cell.children, parts = {bad: 0, waiting: 0, good: 0};
    for (const [state, number] of Object.entries(service.states || {}))
        parts[toneOf(state)] += number;
    ["good", "waiting", "bad"].forEach((tone, i) => bar.children[i].style.flexGrow = parts[tone]);
    put(text, `${count(service.ready)} of ${count(service.endpoint_count)} ready`);
}

const makeStates = () => [element("div", {class: "states", "aria-hidden": "true"}, element("i", {class: "good"}),
    element("i", {class: "waiting"}), element("i", {class: "bad"})), element("small")];

const nameColumn = {head: "Service", kind: "name", make: () => [element("i", {"aria-hidden": "true"}), element("a"), element("small")],
    fill(cell, {key, name, health, service}) {
        const [dot, link, small] = cell.children;
        mark(dot, "class", "dot " + health.tone);
        put(link, name);
        mark(link, "href", serviceHref(key));
        put(small, [health.words, service.remark].filter(Boolean).join("; "));
        mark(small, "class", health.tone === "good" ? "" : health.tone);
    }};
const statesColumn = {head: "Endpoints", kind: "bar", make: makeStates, fill: fillStates};
const number = (head, text) => ({head, kind: "number", text: ({numbers}) => text(numbers)});

const showHttp = makeTable("http-services", [nameColumn, statesColumn,
    {head: "Ten minutes", kind: "spark", make: () => [makeLines(["rate", "rate_5xx"])],
        fill: (cell, {key}) => fillLines(cell.firstChild, key, ["rate", "rate_5xx"])},
    number("Requests/s", n => rateText(n.rate)),
    number("5xx/s", n => [rateText(n.rate_5xx), percentText(100 * n.rate_5xx / n.rate), n.rate_5xx > 0 ? "bad" : ""]),
    number("p50", n => durationText(n.p50_ms)), number("p99", n => durationText(n.p99_ms)),
    number("In flight", n => [count(n.inflight ?? 0), n.waiting > 0 ? `${count(n.waiting)} waiting` : ""])]);

const showPassing = makeTable("passing-services", [nameColumn, statesColumn,
    number("New/s", n => rateText(n.rate)), number("Open", n => count(n.open ?? 0)),
    number("From clients/s", n => bytesText(n.client_bytes_rate)), number("To clients/s", n => bytesText(n.server_bytes_rate)),
    number("Failed/s", n => [rateText(n.failed_rate), "", n.failed_rate > 0 ? "bad" : ""])]);

function showServices() {
    const all = servicesByHealth(), words = byId("service-filter").value.trim().toLowerCase();
    const found = words ? all.filter(({name}) => name.toLowerCase().includes(words)) : all;
    const shown = found.slice(0, SERVICES_SHOWN), isHttp = ({service}) => service.kind === "http" || !service.kind;
    showHttp(shown.filter(isHttp), one => one.key);
    showPassing(shown.filter(one => !isHttp(one)), one => one.key);
    byId("service-filter-box").hidden = all.length <= FILTER_FROM;
    put(byId("service-count"), all.length > 1 ? `${count(all.length)}, problems first` : "");
    put(byId("more-services"), all.length === 0 ? "No service is known yet." :
        found.length > shown.length ? `${plural(found.length - shown.length, "more service")}: the filter finds them.` :
        found.length === 0 ? "No service has that in its name." : "");
}

byId("service-filter").oninput = showServices;

// ---- the head of all views ---------------------------------------------------------------------

function sumOf(services) {
    const sum = {ready: 0, total: 0, states: {}};
    for (const service of services) {
        sum.ready += service.usable ?? service.ready;
        sum.total += service.endpoint_count;
        for (const [state, number] of Object.entries(service.states || {}))
            sum.states[state] = (sum.states[state] || 0) + number;
    }
    return sum;
}

function summaryText(services) {
    const {ready, total, states} = sumOf(services.map(one => one.service)), others = othersText(states);
    const bad = services.filter(one => one.health.tone === "bad").map(one => one.name);
    let text = ready === 0 ? "No endpoint gets requests" : `${count(ready)} of ${plural(total, "endpoint")} get requests`;
    text += others ? `; ${others}.` : ".";
    if (bad.length > 0)
        text += ` In trouble: ${bad.slice(0, 5).join(", ")}${bad.length > 5 ? ` and ${count(bad.length - 5)} more` : ""}.`;
    for (const {name, service} of services.filter(one => one.service.paused_for_ms > 0))
        text += ` ${name} is paused for ${Math.ceil(service.paused_for_ms / 1000)} s more: its new requests wait.`;
    if (world.routes?.shutting_down)
        text += " lb is shutting down.";
    return text;
}

function showHead() {
    const services = servicesByHealth(), {ready, total} = sumOf(services.map(one => one.service));
    const {name = "lb", host = ""} = world.about || {}, worst = services[0]?.health.tone || "bad";
    put(byId("place"), [name, host].filter(Boolean).join(" on "));
    document.title = `${ready}/${total} ${name} – lb`;
    tell("summary", summaryText(services), ready === 0 ? "bad" : worst);
    put(byId("left-out-link"), world.left_out_count > 0 ? `Left out ${count(world.left_out_count)}` : "Left out");
    const {problem, remedy, sources = []} = world.source || {}, troubled = sources.filter(one => one.problem);
    const isTold = troubled.some(one => one.problem === problem);
    tell("obstacle", [problem && !isTold ? `${problem}. ${remedy}` : "",
        ...troubled.map(one => `${one.source}: ${one.problem}. ${one.remedy}`)].join(" ").trim(), "bad");
}

function showTraffic() {
    const {window_ms, rate, rate_5xx, percent_5xx, inflight = 0, held = 0, queued = 0} = world.totals || {};
    put(byId("span"), window_ms > 0 ? `in the last ${Math.round(window_ms / 1000)} s` : "");
    put(byId("rate"), rateText(rate));
    for (const key of ["p50", "p90", "p99"])
        put(byId(key), durationText(world.totals?.[key + "_ms"]));
    tell("errors", rateText(rate_5xx), rate_5xx > 0 ? "bad" : "");
    put(byId("errors-percent"), percentText(percent_5xx));
    put(byId("inflight"), count(inflight));
    tell("waiting", count(held + queued), held + queued > 0 ? "waiting" : "");
}

// ---- lb itself -----------------------------------------------------------------------------------

function fillGauge(item, {head, text, share}) {
    const [term, told, bar] = item.children;
    put(term, head);
    put(told, text);
    bar.firstChild.style.width = Math.min(100, 100 * share) + "%";
    mark(bar, "class", "gauge " + (share >= 0.9 ? "bad" : share >= 0.7 ? "waiting" : ""));
    bar.hidden = share == null;
}

function gauges() {
    const {connections, buffers, descriptors, memory_bytes, workers = []} = world.saturation || {};
    const of = (head, used, most, text) => ({head, text: most ? `${text(used)} of ${text(most)}` : text(used), share: most ? used / most : null});
    return [connections && of("Connections", connections.open, connections.max, count),
        buffers && of("Buffers", buffers.bytes, buffers.max, bytesText),
        descriptors && of("Descriptors", descriptors.open, descriptors.max, count),
        memory_bytes && of("Memory", memory_bytes, null, bytesText),
        ...workers.map(({cpu_percent: percent}, i) => ({head: `Worker ${i + 1}`, share: (percent ?? 0) / 100,
            text: percent == null ? "–" : `${count(percent)} % of a core`}))].filter(Boolean);
}

function sourceText() {
    const {source, connected, last_event, last_sync, last_line, starts, bad_lines} = world.source || {};
    const ago = (what, time) => time ? ` ${what} ${ageText(time)} ago.` : "";
    if (!source || source === "static")
        return "A fixed list (--backend).";
    let text = source === "docker" ? "Docker" : source === "file" ? "A file" : sentence(source).slice(0, -1);
    text += connected === undefined ? "." : connected ? ", connected." : ", not connected: the pool stays as it was last seen.";
    text += ago("Last event", last_event) + ago("Read in full", last_sync) + ago("Last change", last_line);
    return text + (starts > 1 ? ` lb-discovery was started ${plural(starts, "time")}.` : "") +
        (bad_lines > 0 ? ` ${plural(bad_lines, "line")} of it refused; see the log.` : "");
}

function crashText({starts, upgrades, crashes = {}, last_crash, last_crash_at, lost_requests, last_failure, last_failure_at}) {
    const crashed = Object.values(crashes).reduce((sum, one) => sum + one, 0);
    return (starts > 1 ? ` Processes so far: ${starts}, ${plural(upgrades, "upgrade")}; crashes: ${crashed}.` : "") +
        (last_crash ? ` Last crash: ${last_crash}, ${ageText(last_crash_at)} ago; ${plural(lost_requests, "request")} lost with all of them.` : "") +
        (last_failure ? ` ${last_failure}, ${ageText(last_failure_at)} ago.` : "");
}

function showSelf() {
    const {version, pid, started, workers, jail, process = {}} = world.about || {};
    const age = started ? `, up ${ageText(started)}` : "", by = workers ? `, ${plural(workers, "worker")}` : "";
    tell("process", `lb ${version ?? process.version}, process ${pid ?? process.pid}${age}${by}. Jail: ${jail ?? process.jail}.${crashText(process)}`,
        process.crash_loop || process.last_failure ? "bad" : "");
    tell("source", sourceText(), world.source?.connected === false ? "bad" : "");
    const listeners = [...world.listeners.values()].map(one => `${one.address} ${one.protocol}${one.state === "open" ? "" : " (" + one.state + ")"}`);
    put(byId("listens"), listeners.slice(0, 8).join(", ") + (listeners.length > 8 ? ` and ${count(listeners.length - 8)} more` : ""));
    const {requests, retries, by_status = {}} = world.totals?.totals || {};
    put(byId("requests-ever"), count(requests ?? 0));
    put(byId("ever"), ["2xx", "3xx", "4xx", "5xx"].map(key => `${count(by_status[key] ?? 0)} ${key}`).join(", ") +
        `, ${count(by_status.none ?? 0)} not answered, ${plural(retries ?? 0, "retry").replace("retrys", "retries")}`);
    sync(byId("gauges"), gauges(), one => one.head, () => element("div", {}, element("dt"), element("dd"), element("dd", {class: "gauge"}, element("i"))), fillGauge);
}

function showOverview() {
    showTraffic();
    showServices();
    showChanges("changes");
    showFailed();
    showSelf();
}
