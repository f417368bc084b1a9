// ---- left out: those of one reason that are told the same are one row -------------------------------

const showLeftOutRows = makeTable("left-out", "Left out", [
    {
        head: "Reason",
        kind: "who",
        text: group => [
            sentence(group.reason.replaceAll("_", " ")).slice(0, -1),
            plural(group.names.length, "container")
        ]
    },
    {head: "Why, and what would change it", text: group => joined(" ", sentence(group.sentence), group.remedy)},
    {head: "Containers", text: group => someOf(group.names.sort(byName), 24)}
]);

function showLeftOut() {
    const groups = new Map();
    for (const one of world.left_out.values()) {
        const key = joined(" ", one.reason, one.sentence, one.remedy);
        groups.has(key) ? groups.get(key).names.push(one.name) : groups.set(key, {...one, key, names: [one.name]});
    }
    const unseen = world.left_out_count - world.left_out.size;
    showLeftOutRows(
        [...groups.values()].sort((a, b) => b.names.length - a.names.length),
        group => group.key,
        unseen > 0 ? `${count(unseen)} more at /explain` : ""
    );
}

// ---- routes ------------------------------------------------------------------------------------

const showRouteRows = makeTable("routes", "Routes", [
    {head: "Requests", text: route => route.match},
    {head: "Go", text: route => joined("; ", route.target, route.in_force && "in force: " + route.in_force)},
    {head: "Said", text: route => [route.origin, route.note, ""]}
]);
let listed = {routes: [], count: 0};

const askRoutes = makeAsker("routes?count=200", told => (listed = told));

function showRoutes() {
    const {version, count: all, default: last = ""} = world.routes || {},
        unseen = listed.count - listed.routes.length;
    if (all > 0 || listed.count > 0) askRoutes(version);
    put(byId("default-route"), last);
    showRouteRows(
        listed.routes,
        route => route.number,
        joined(
            "; ",
            all > 0 && `${count(all)}, the first that holds gets the request`,
            unseen > 0 && `${count(unseen)} more at /routes`
        )
    );
}

// ---- listeners ---------------------------------------------------------------------------------

const rulesOf = ({rules = []}) =>
    rules
        .map(
            ({server_name: name, alpn, service, label, container_name: of}) =>
                `${name || "all"}${alpn ? " with ALPN " + alpn : ""} → ${service}${label ? ` (${joined(" of ", label, of)})` : ""}`
        )
        .join(", ");

let rules = new Map(); // "address/protocol" → what leads where

const showListenerRows = makeTable("listeners", "Listeners", [
    {head: "Listener", text: ([, {protocol, address}]) => protocol + " " + address},
    {head: "State", text: ([, {state}]) => [state, "", state === "open" ? "good" : "bad"]},
    {head: "Leads to", text: ([key, {detail = ""}]) => [rules.get(key) || detail, rules.get(key) && detail]}
]);

const askListeners = makeAsker(
    "listeners",
    ({listeners}) => (rules = new Map(listeners.map(one => [`${one.address}/${one.protocol}`, rulesOf(one)])))
);

function showListeners() {
    if ([...world.listeners.values()].some(({protocol}) => protocol === "tcp" || protocol === "udp"))
        askListeners(JSON.stringify([world.routes, ...world.listeners]));
    showListenerRows([...world.listeners], ([key]) => key);
}

// ---- certificates ------------------------------------------------------------------------------

const showCertificateRows = makeTable("certificates", "Certificates", [
    {
        head: "Names",
        text: c => [
            someOf(c.names, 5) || c.name,
            joined(
                "; ",
                `${c.key} ${c.key_bits}, by ${c.self_signed ? "itself" : c.issuer}`,
                c.default && "the default"
            )
        ]
    },
    {
        head: "Until",
        text: c => [
            c.state,
            "until " + c.not_after.slice(0, 10),
            {"valid": "good", "runs out now": "bad", "over": "bad"}[c.state] || "waiting"
        ]
    },
    {head: "File", text: c => c.file},
    {
        head: "Days left",
        kind: "number",
        text: c => count(Math.max(0, Math.floor((Date.parse(c.not_after) - Date.now()) / 86400000)))
    }
]);

const askCertificates = makeAsker(
    "certificates?order=soonest&count=20",
    ({certificates, count: all, refused, refused_count: bad, acme}) => {
        const faults = [
            ...refused.map(
                one => `${one.file}: ${one.problem}${one.previous_in_use ? "; the one before stays in use" : ""}`
            ),
            ...acme
                .filter(order => order.problem)
                .map(({names, state, next, problem}) =>
                    joined(": ", "ACME", names.join(", "), joined(", again at ", state, next), problem)
                )
        ];
        const unseen = [
            [all - certificates.length, "more"],
            [bad - refused.length, "more that cannot be used"]
        ].filter(([number]) => number > 0);
        showCertificateRows(
            certificates,
            c => c.file + c.key,
            joined(
                "; ",
                `${plural(all, "file")}, the first to run out first`,
                unseen
                    .map(([number, word]) => `${count(number)} ${word}`)
                    .join(", ")
                    .replace(/.$/, "$& at /certificates")
            )
        );
        sync(
            byId("certificate-faults"),
            faults,
            text => text,
            () => element("li", {class: "bad"}),
            put
        );
    }
);

function showCertificates() {
    if (world.certificates)
        // days go by: once an hour
        askCertificates(JSON.stringify([world.certificates, Math.floor(Date.now() / 3600000)]));
}

// ---- where a URL goes ----------------------------------------------------------------------------

let answered = null; // the question that the answer is of

async function explainUrl(query) {
    if (query === answered) return;
    answered = query;
    const asked = new URLSearchParams(query);
    for (const {name, id} of byId("ask").elements) if (name) byId(id).value = asked.getAll(name).join("\n");
    put(byId("explained"), asked.get("url") ? "…" : "");
    if (asked.get("url"))
        put(byId("explained"), await textOf("explain?" + asked.toString().replaceAll("+", "%20")));
}

byId("ask").onsubmit = event => {
    event.preventDefault();
    const asked = [...new FormData(byId("ask"))].flatMap(([name, text]) =>
        text.split("\n").map(line => [name, line.trim()])
    );
    answered = null;
    location.hash = "#/explain?" + new URLSearchParams(asked.filter(([, line]) => line));
    route();
};
