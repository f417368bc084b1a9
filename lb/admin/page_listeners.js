
// ---- TCP and UDP ------------------------------------------------------------------------------

const passingRows = new Map(), listenerRows = new Map();
let listenersSeen = null, listenersDue = 0;

function makePassing() {
    const number = label => element("td", {role: "cell", class: "number", "data-label": label});
    return element("tr", {role: "row"},
        element("th", {role: "rowheader", scope: "row"}, element("span"), element("small")),
        element("td", {role: "cell", class: "ends"}),
        number("Open"), number("In all"), number("From clients"), number("To clients"));
}

function updatePassing(row, service) {
    const [name, ends, ...numbers] = row.children, passed = service.connections || service.flows;
    put(name.children[0], service.name);
    put(name.children[1], `${service.protocol}, ${service.ready} of ${plural(service.endpoint_count, "server")} ready`);
    put(ends, Object.entries(passed.ends).map(([word, number]) => `${count(number)} ${word}`).join(", ") +
        (passed.lost_datagrams > 0 ? `; ${plural(passed.lost_datagrams, "datagram")} lost` : ""));
    [count(passed.open), count(passed.count), bytesText(passed.client_bytes), bytesText(passed.server_bytes)]
        .forEach((text, i) => put(numbers[i], text));
}

function makeListener() {
    return element("tr", {role: "row"}, element("th", {role: "rowheader", scope: "row"}),
        element("td", {role: "cell"}, element("span"), element("small", {class: "bad"})));
}

function ruleText(rule) {
    const by = rule.label ? ` (${rule.label}${rule.container_name ? " of " + rule.container_name : ""})` : "";
    const alpn = rule.alpn ? ` with ALPN ${rule.alpn}` : "";
    return `${rule.server_name || "all"}${alpn} → ${rule.service}${by}`;
}

function updateListener(row, listener) {
    put(row.children[0], `${listener.protocol} ${listener.address}`);
    put(row.children[1].children[0], listener.rules.map(ruleText).join(", ") || "nobody: no container asks for it");
    put(row.children[1].children[1], listener.problem ? `not open: ${listener.problem}` : "");
}

// They change with the pool, or where a socket could not be opened.
async function refreshListeners(frame) {
    const state = JSON.stringify([frame.version, frame.listener_count, frame.shut_count]);
    if (state === listenersSeen || Date.now() < listenersDue)
        return;
    listenersDue = Date.now() + ROUTES_PAUSE_MS;
    try {
        const answer = await get("listeners", {Accept: "application/json"});
        if (!answer.ok)
            return;
        const {listeners} = await answer.json();
        listenersSeen = state;
        sync(byId("listener-rows"), listenerRows, listeners, l => l.protocol + l.address, makeListener, updateListener);
        byId("listener-table").hidden = listeners.length === 0;
        put(byId("listener-count"), plural(listeners.length, "listener"));
    } catch {
        // the next frame asks again
    }
}

function showPassing(frame) {
    const unseen = frame.service_count - frame.services.length;
    byId("passing").hidden = frame.rule_count + frame.listener_count === 0;
    byId("passing-table").hidden = frame.services.length === 0;
    sync(byId("passing-rows"), passingRows, frame.services, s => s.protocol + " " + s.name, makePassing, updatePassing);
    put(byId("more-passings"), unseen > 0 ? `${plural(unseen, "more service")} at /pool.` : "");
    if (!byId("passing").hidden)
        refreshListeners(frame);
}

