// ---- one service -------------------------------------------------------------------------------
// A dozen endpoints are rows. Of more, those in trouble and outliers are, and each endpoint is a small square, always in
// the same place; a click, or the arrow keys and Enter, opens it as a row.

const ROWS_SHOWN = 50;
let serviceShown = "",
    keysShown = [],
    mostRate = 1;
const opened = new Set();

const filterWords = () => byId("filter").value.trim().toLowerCase();

function whyText({state, place, remark, why = "", problem, remedy}, {share_percent: share, ejected_for_ms: left}) {
    if (state === "ready") return joined("; ", share < 100 && `slow start: ${share} % of its share`, place, remark);
    return joined(
        " ",
        sentence(joined(": ", why, problem)),
        left > 0 && `Its time is over in ${durationText(left)}.`,
        remedy,
        remark
    );
}

function addressText({address, name, protocol, local, backends = []}) {
    const from = backends.map(backend => joined(": ", backend.name, backend.problem)).join(", ");
    return joined(" ", address === name ? from : address, protocol, local && "local");
}

const ofEndpoint = (head, text) => ({head, kind: "number", text: key => text(numbersOf(key), factsOf(key))});
const ofCount = (head, name) => ofEndpoint(head, n => count(n[name] || 0));
const toneOfErrors = rate => (rate > 0 ? "bad" : "");

const showRows = makeTable("endpoints", "Endpoints", [
    {head: "Endpoint", kind: "name", text: key => [factsOf(key).name, addressText(factsOf(key))]},
    {
        head: "State",
        kind: "state",
        text(key) {
            const {state, since} = factsOf(key);
            return [
                state + (since ? " for " + ageText(since) : ""),
                whyText(factsOf(key), numbersOf(key)),
                toneOf(state)
            ];
        }
    },
    ofEndpoint("Requests/s", n => [rateText(n.rate ?? 0), "Σ " + count(n.connections ?? n.requests ?? 0)]),
    ofEndpoint("4xx/s", n => [rateText(n.rate_4xx ?? 0), percentText(n.rate_4xx, n.rate)]),
    ofEndpoint("5xx/s", n => [
        rateText(n.rate_5xx ?? 0),
        percentText(n.rate_5xx, n.rate),
        toneOfErrors(n.rate_5xx)
    ]),
    ofEndpoint("p50", n => durationText(n.p50_ms)),
    ofEndpoint("p99", n => [durationText(n.p99_ms), n.outlier ? "outlier" : "", n.outlier ? "waiting" : ""]),
    ofEndpoint("In flight", (n, {max_inflight: most}) => [
        count(n.inflight || 0),
        most ? "at most " + count(most) : ""
    ]),
    ofCount("Failures", "failures"),
    ofCount("Retries", "retries"),
    ofCount("Ejections", "ejections"),
    ofEndpoint("Weight", (n, {weight, ordered}) => [count(weight), ordered?.weight ? "by admin" : ""]),
    {
        head: "Orders",
        kind: "orders",
        make: () => [element("button", {"aria-haspopup": "dialog"}, "Orders")],
        fill({firstChild: button}, key) {
            button.onclick = () => openOrders(key);
            mark(button, "aria-label", "Orders for " + factsOf(key).name);
        }
    }
]);

// ---- which are rows ------------------------------------------------------------------------------

function rankOf(key) {
    const rank = TONES.indexOf(toneOf(factsOf(key).state));
    return rank < 2 ? rank : numbersOf(key).outlier ? 2 : 3;
}

function chooseRows() {
    const all = keysOf(serviceShown),
        words = filterWords(),
        ready = all.filter(key => factsOf(key).state === "ready").length;
    const isFolded = ready > FOLD_FROM;
    const matches = ({name, address, id, state}) =>
        joined(" ", name, address, id, state).toLowerCase().includes(words);
    const wanted = !isFolded
        ? all
        : all.filter(key => (words ? matches(factsOf(key)) : rankOf(key) < 3 || opened.has(key)));
    keysShown = wanted
        .map(key => [key, rankOf(key)])
        .sort((a, b) => a[1] - b[1])
        .map(([key]) => key)
        .slice(0, ROWS_SHOWN);
    byId("filter-box").hidden = byId("squares").hidden = !isFolded;
    sync(byId("squares"), isFolded ? all : [], key => key, makeSquare, fillSquare);
    return (
        isFolded &&
        joined(
            ", ",
            words
                ? `${count(wanted.length)} of ${count(all.length)}`
                : `${count(ready)} ready ones folded; a square opens one`,
            wanted.length > ROWS_SHOWN && `the first ${ROWS_SHOWN} are shown`
        )
    );
}

// ---- squares -------------------------------------------------------------------------------------

let squareCount = 0;
const makeSquare = () => element("i", {role: "option", id: "square-" + squareCount++});

function fillSquare(square, key) {
    const {name, state} = factsOf(key),
        {rate = 0, outlier} = numbersOf(key);
    square.key = key;
    mark(
        square,
        "class",
        joined(
            " ",
            toneOf(state),
            state === "ready" && "load" + Math.ceil((3 * rate) / mostRate),
            outlier && "outlier"
        )
    );
    mark(square, "title", joined(", ", name + ": " + state, outlier && "outlier"));
    mark(square, "aria-selected", opened.has(key) + "");
}

function pick(square) {
    byId("squares").querySelector("[data-picked]")?.removeAttribute("data-picked");
    mark(square, "data-picked", "");
    mark(byId("squares"), "aria-activedescendant", square.id);
    square.scrollIntoView({block: "nearest"});
}

function toggle(square) {
    opened.delete(square.key) || opened.add(square.key);
    render(null);
    pick(square);
}

byId("squares").onclick = event => event.target.key && toggle(event.target);

byId("squares").onkeydown = event => {
    const squares = [...byId("squares").children],
        at = squares.findIndex(square => "picked" in square.dataset);
    const line = squares.filter(square => square.offsetTop === squares[0].offsetTop).length,
        last = squares.length - 1;
    const to = {
        ArrowRight: at + 1,
        ArrowLeft: at - 1,
        ArrowDown: at + line,
        ArrowUp: at - line,
        Home: 0,
        End: last
    }[event.key];
    if (to !== undefined) pick(squares[Math.min(last, Math.max(0, to))]);
    else if ((event.key === "Enter" || event.key === " ") && at >= 0) toggle(squares[at]);
    else return;
    event.preventDefault();
};

byId("filter").oninput = () => render(null);

// ---- the view ------------------------------------------------------------------------------------

function showServiceHead(service) {
    const n = world.service_numbers.get(serviceShown) || {},
        {tone, words} = healthOf(service, n);
    put(byId("service-name"), nameOf(serviceShown));
    put(byId("service-kind"), service.kind);
    tell("service-health", sentence(words || "all endpoints get requests"), tone);
    const isHttp = service.kind === "http",
        five = n.rate_5xx ?? n.failed_rate;
    showFacts(
        "service-facts",
        [
            [isHttp ? "Requests/s" : "New/s", rateText(n.rate)],
            isHttp && ["4xx/s", rateText(n.rate_4xx)],
            [isHttp ? "5xx/s" : "Failed/s", rateText(five), percentText(five, n.rate), toneOfErrors(five)],
            ...(isHttp
                ? [
                      ["p50", durationText(n.p50_ms)],
                      ["p99", durationText(n.p99_ms)],
                      ["Retries/s", rateText(n.retry_rate)]
                  ]
                : [
                      ["From clients/s", bytesText(n.client_bytes_rate)],
                      ["To clients/s", bytesText(n.server_bytes_rate)]
                  ]),
            ["In flight", ...inflightText(n)]
        ].filter(Boolean)
    );
    put(byId("pause"), service.paused_for_ms > 0 ? "Resume" : "Pause");
}

let foldText = "",
    outliers = new Set(); // their keys

// With a frame only what it changed is touched.
function showService(frame) {
    const service = world.services.get(serviceShown),
        touched = frame?.endpoint_numbers || {},
        squares = keptNodes.get(byId("squares"));
    byId("service-body").hidden = !service;
    put(byId("no-service"), service ? "" : `There is no service ${serviceShown}.`);
    if (!service) return;
    showServiceHead(service);
    mostRate = mostOf(keysOf(serviceShown).map(key => numbersOf(key).rate || 0)) || 1;
    if (
        !frame ||
        frame.endpoints ||
        Object.keys(touched).some(key => !numbersOf(key).outlier === outliers.has(key))
    ) {
        foldText = chooseRows();
        outliers = new Set([...world.endpoint_numbers.keys()].filter(key => numbersOf(key).outlier));
    } else {
        for (const key in touched) squares?.has(key) && fillSquare(squares.get(key), key);
    }
    showRows(keysShown, key => key, foldText);
    if (!frame || frame.isSampled) showCharts();
}
