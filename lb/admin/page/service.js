// ---- one service -------------------------------------------------------------------------------
// A dozen endpoints are rows. Of more, those in trouble and outliers are, and each endpoint is a small
// square, always in the same place; a click, or the arrow keys and Enter, opens it as a row.

const FOLD_FROM = 12, ROWS_SHOWN = 50;
let serviceShown = "", endpointFilter = "", keysShown = [];
const opened = new Set();

const factsOf = key => world.endpoints.get(key), numbersOf = key => world.endpoint_numbers.get(key) || {};

function whyText(endpoint, {share_percent: share, ejected_for_ms: left}) {
    if (endpoint.state === "ready")
        return [share < 100 ? `slow start: ${share} % of its share` : "", endpoint.place, endpoint.remark].filter(Boolean).join("; ");
    const problem = endpoint.problem ? ": " + endpoint.problem : "";
    const again = left > 0 ? ` Its time is over in ${durationText(left)}.` : "";
    return sentence((endpoint.why || endpoint.cause || "") + problem) + again + " " + (endpoint.remedy || "");
}

function addressText(endpoint) {
    const from = (endpoint.backends || []).map(b => b.problem ? `${b.name}: ${b.problem}` : b.name).join(", ");
    return [endpoint.address === endpoint.name ? from : endpoint.address, endpoint.protocol, endpoint.local ? "local" : ""]
        .filter(Boolean).join(" ");
}

const stateColumn = {head: "State", kind: "state", make: () => [element("b"), element("span"), element("small")],
    fill(cell, key) {
        const [state, age, why] = cell.children, endpoint = factsOf(key);
        put(state, endpoint.state);
        mark(state, "class", toneOf(endpoint.state));
        put(age, endpoint.since ? " for " + ageText(endpoint.since) : "");
        put(why, whyText(endpoint, numbersOf(key)));
    }};

const ofNumbers = (head, text) => ({head, kind: "number", text: key => text(numbersOf(key), factsOf(key))});

const showRows = makeTable("endpoints", [
    {head: "Endpoint", kind: "name", text: key => [factsOf(key).name, addressText(factsOf(key))]},
    stateColumn,
    ofNumbers("Requests/s", n => [rateText(n.rate ?? 0), "Σ " + count(n.connections ?? n.requests ?? 0)]),
    ofNumbers("4xx/s", n => [rateText(n.rate_4xx ?? 0), percentText(100 * n.rate_4xx / n.rate)]),
    ofNumbers("5xx/s", n => [rateText(n.rate_5xx ?? 0), percentText(n.percent_5xx), n.rate_5xx > 0 ? "bad" : ""]),
    ofNumbers("p50", n => durationText(n.p50_ms)),
    ofNumbers("p99", n => [durationText(n.p99_ms), n.outlier ? "outlier" : "", n.outlier ? "waiting" : ""]),
    ofNumbers("In flight", (n, e) => [count(n.inflight ?? 0), e.max_inflight ? `at most ${count(e.max_inflight)}` : ""]),
    ofNumbers("Failures", n => count(n.failures ?? 0)),
    ofNumbers("Retries", n => count(n.retries ?? 0)),
    ofNumbers("Ejections", n => count(n.ejections ?? 0)),
    ofNumbers("Weight", (n, e) => [count(e.weight ?? 1), e.ordered?.weight ? "by admin" : ""]),
    {head: "Orders", kind: "orders", make: () => [button("Orders", {"aria-haspopup": "dialog"}, event => openOrders(event.target.dataset.key))],
        fill(cell, key) {
            mark(cell.firstChild, "data-key", key);
            mark(cell.firstChild, "aria-label", `Orders for ${factsOf(key).name}`);
        }}]);

// ---- which are rows ------------------------------------------------------------------------------

function matches(key, words) {
    const {name, address, container = "", state} = factsOf(key);
    return [name, address, container, state].some(text => text.toLowerCase().includes(words));
}

function rankOf(key) {
    const tone = toneOf(factsOf(key).state);
    return tone !== "good" ? TONES.indexOf(tone) : numbersOf(key).outlier ? 2 : 3;
}

function chooseRows() {
    const all = keysOf(serviceShown), ready = all.filter(key => factsOf(key).state === "ready");
    const isFolded = ready.length > FOLD_FROM;
    const wanted = endpointFilter ? all.filter(key => matches(key, endpointFilter))
        : isFolded ? all.filter(key => rankOf(key) < 3 || opened.has(key)) : all;
    keysShown = wanted.map(key => [key, rankOf(key)]).sort((a, b) => a[1] - b[1]).map(([key]) => key).slice(0, ROWS_SHOWN);
    byId("folded").hidden = !isFolded;
    put(byId("fold-hint"), endpointFilter ? `${count(wanted.length)} of ${plural(all.length, "endpoint")}` +
            (wanted.length > ROWS_SHOWN ? `, the first ${ROWS_SHOWN} are shown` : "")
        : `${plural(ready.length, "ready endpoint")} folded; a square opens one` +
            (wanted.length > ROWS_SHOWN ? `. Of ${count(wanted.length)} others the first ${ROWS_SHOWN} are shown` : ""));
    put(byId("no-endpoints"), all.length === 0 ? "No endpoint is known; what is left out, and why, is under Left out." : "");
    if (isFolded)
        sync(byId("squares"), all, key => key, makeSquare, fillSquare);
}

// ---- squares -------------------------------------------------------------------------------------

let squareCount = 0, mostRate = 1;

function makeSquare() {
    return element("i", {role: "option", id: `square-${++squareCount}`});
}

function fillSquare(square, key) {
    const {name, state} = factsOf(key), {rate = 0, outlier} = numbersOf(key);
    const load = state !== "ready" ? "" : rate > mostRate * 0.66 ? " l3" : rate > mostRate * 0.33 ? " l2" : " l1";
    square.key = key;
    mark(square, "class", toneOf(state) + load + (outlier ? " outlier" : ""));
    mark(square, "aria-label", `${name}: ${state}${outlier ? ", outlier" : ""}`);
    mark(square, "title", name);
    mark(square, "aria-selected", String(opened.has(key)));
}

function pick(square) {
    const strip = byId("squares");
    strip.querySelector("[data-picked]")?.removeAttribute("data-picked");
    mark(square, "data-picked", "");
    mark(strip, "aria-activedescendant", square.id);
    return square;
}

function toggle(square) {
    opened.has(square.key) ? opened.delete(square.key) : opened.add(square.key);
    showService(null);
    pick(square);
}

byId("squares").onclick = event => event.target.key && toggle(event.target);

byId("squares").onkeydown = event => {
    const squares = [...byId("squares").children], at = squares.findIndex(square => square.hasAttribute("data-picked"));
    const perLine = Math.max(1, squares.filter(square => square.offsetTop === squares[0].offsetTop).length);
    const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: perLine, ArrowUp: -perLine, Home: -at, End: squares.length - 1 - at}[event.key];
    if (step !== undefined)
        pick(squares[Math.min(squares.length - 1, Math.max(0, at < 0 ? 0 : at + step))]).scrollIntoView({block: "nearest"});
    else if ((event.key === "Enter" || event.key === " ") && at >= 0)
        toggle(squares[at]);
    else
        return;
    event.preventDefault();
};

byId("endpoint-filter").oninput = event => {
    endpointFilter = event.target.value.trim().toLowerCase();
    showService(null);
};

// ---- the view ------------------------------------------------------------------------------------

function enterService(name) {
    if (name === serviceShown)
        return;
    serviceShown = name;
    endpointFilter = byId("endpoint-filter").value = "";
    opened.clear();
}

function showServiceHead(service) {
    const numbers = world.service_numbers.get(serviceShown) || {}, health = healthOf(service, numbers);
    put(byId("service-name"), service.name || serviceShown);
    put(byId("service-kind"), [service.kind, service.default ? "where requests go that no route takes" : ""].filter(Boolean).join(", "));
    tell("service-health", sentence(health.words || `all ${plural(service.endpoint_count, "endpoint")} get requests`) +
        (service.remark ? " " + sentence(service.remark) : ""), health.tone);
    const facts = service.kind === "http" || !service.kind ?
        [["Requests/s", rateText(numbers.rate)], ["4xx/s", rateText(numbers.rate_4xx)], ["5xx/s", rateText(numbers.rate_5xx)],
            ["p50", durationText(numbers.p50_ms)], ["p99", durationText(numbers.p99_ms)], ["In flight", count(numbers.inflight ?? 0)],
            ["Waiting", count(numbers.waiting ?? 0)], ["Retries/s", rateText(numbers.retry_rate)]] :
        [["New/s", rateText(numbers.rate)], ["Open", count(numbers.open ?? 0)], ["From clients/s", bytesText(numbers.client_bytes_rate)],
            ["To clients/s", bytesText(numbers.server_bytes_rate)], ["Failed/s", rateText(numbers.failed_rate)]];
    sync(byId("service-facts"), facts, ([head]) => head, ([head]) => element("div", {}, element("dt", {}, head), element("dd")),
        (item, [, text]) => put(item.lastChild, text));
    byId("pause").hidden = service.paused_for_ms > 0;
    byId("resume").hidden = !(service.paused_for_ms > 0);
}

// With a frame only what it changed is touched.
function showService(frame) {
    const service = world.services.get(serviceShown);
    byId("no-service").hidden = !!service;
    byId("service-body").hidden = !service;
    put(byId("no-service"), service ? "" : `There is no service ${serviceShown}.`);
    if (!service)
        return;
    showServiceHead(service);
    showEndpoints(frame);
    showChanges("service-changes", serviceShown);
    showFailed(serviceShown);
    if (!frame || frame.isSampled)
        showCharts(serviceShown);
}

function showEndpoints(frame) {
    const touched = frame?.endpoint_numbers || {}, squares = byId("squares");
    mostRate = largest(keysOf(serviceShown).map(key => numbersOf(key).rate)) || 1;
    const isMoved = !frame || frame.full || frame.endpoints || Object.entries(touched).some(([key, numbers]) =>
        factsOf(key)?.service === serviceShown && !!numbers?.outlier !== !!childOf(squares, key)?.classList.contains("outlier"));
    if (isMoved)
        chooseRows();
    else if (!byId("folded").hidden)
        for (const key of Object.keys(touched))
            if (childOf(squares, key))
                fillSquare(childOf(squares, key), key);
    showRows(keysShown, key => key);
}
