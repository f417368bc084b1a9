// ---- requests ----------------------------------------------------------------------------------

const TAIL_SHOWN = 40, NOTED_SHOWN = 12, FAILED_SHOWN = 5;
let noted = {failed: [], retried: [], slowest: []};
const tail = []; // the latest samples, newest first

const askRequests = makeAsker("requests", 2000, told => {
    noted = told;
    render(null);
});

function endpointName(key) {
    return world.endpoints.get(key)?.name || (key ? key.split(" ").pop() : "no endpoint");
}

function endText(request) {
    const after = (request.retried_after || []).join(", ");
    return [request.sentence || request.end, after && `after ${after}`, request.attempts > 1 && `${count(request.attempts)} attempts`]
        .filter(Boolean).join("; ");
}

const statusTone = status => status >= 500 ? "bad" : status >= 400 ? "waiting" : "";

const requestColumns = [
    {head: "Request", kind: "name", text: r => [`${r.method} ${r.host || ""}${r.path}`, r.route]},
    {head: "When", kind: "when", text: r => [clockText(r.time), r.request_id]},
    {head: "Went to", kind: "who", text: r => [r.service || "no service", endpointName(r.endpoint)]},
    {head: "Status", kind: "number", text: r => [r.status ? String(r.status) : "–", "", statusTone(r.status)]},
    {head: "Took", kind: "number", text: r => durationText(r.ms)},
    {head: "How it ended", kind: "end", text: endText}];

const requestKey = r => [r.time, r.request_id, r.path].join(" ");
const NOTED = ["failed", "retried", "slowest"];
const showNoted = Object.fromEntries(NOTED.map(kind => [kind, makeTable(kind, requestColumns)]));
const showTail = makeTable("tail", requestColumns);

function addToTail({seen}) {
    if (!seen || byId("hold-tail").checked)
        return;
    tail.unshift(...[...seen].reverse());
    tail.length = Math.min(tail.length, TAIL_SHOWN);
}

function showRequests() {
    for (const kind of NOTED) {
        showNoted[kind](noted[kind].slice(0, NOTED_SHOWN), requestKey);
        const unseen = noted[kind].length - NOTED_SHOWN;
        put(byId(kind + "-more"), noted[kind].length === 0 ? "None." : unseen > 0 ? `${count(unseen)} more at /requests.` : "");
    }
    showTail(tail, requestKey);
    byId("tail-none").hidden = tail.length > 0;
}

// ---- the latest failed ones, in short ------------------------------------------------------------

function makeFailed() {
    return element("li", {}, element("time"), element("i", {class: "dot bad", "aria-hidden": "true"}),
        element("span", {}, element("b"), " ", element("span"), element("small")));
}

function updateFailed(item, request) {
    const [time, , told] = item.children;
    put(time, clockText(request.time));
    mark(time, "datetime", request.time);
    put(told.children[0], request.status ? String(request.status) : request.end);
    put(told.children[1], `${request.method} ${request.host || ""}${request.path}`);
    put(told.children[2], [request.service && `${request.service}, ${endpointName(request.endpoint)}`, endText(request), request.request_id]
        .filter(Boolean).join("; "));
}

function showFailed(service) {
    const id = service ? "service-failed" : "latest-failed";
    const failed = noted.failed.filter(request => !service || isOf(request, service)).slice(0, FAILED_SHOWN);
    sync(byId(id), failed, requestKey, makeFailed, updateFailed);
    byId(id + "-none").hidden = failed.length > 0;
}
