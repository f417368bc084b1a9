// ---- routes ------------------------------------------------------------------------------------

const ROUTES_SHOWN = 200, PLACES_PAUSE_MS = 5000;

const showRouteRows = makeTable("route-table", [
    {head: "Requests", kind: "name", text: route => route.match},
    {head: "Go", text: route => [route.target + (route.in_force ? `; in force: ${route.in_force}` : "")]},
    {head: "Said", text: route => [route.origin, route.note || ""]}]);

function listRoutes({routes, count: total}) {
    const unseen = total - routes.length;
    showRouteRows(routes, route => route.number);
    put(byId("more-routes"), unseen > 0 ? `${plural(unseen, "more route")} at /routes, or by lb explain --routes.` : "");
}

const askRoutes = makeAsker("routes?count=" + ROUTES_SHOWN, PLACES_PAUSE_MS, listRoutes);

// They are many: they are asked for when something has changed, and not more often than now and then.
function showRoutes() {
    const {version, count: total = 0, default: last} = world.routes || {};
    put(byId("default-route"), world.routes?.default_route || last || "");
    put(byId("route-count"), total > 0 ? `${count(total)}, the first that holds gets the request` : "");
    total > 0 ? askRoutes(version) : listRoutes({routes: [], count: 0});
}

// ---- where a URL goes ----------------------------------------------------------------------------

const QUESTION = ["url", "method", "client"];
let answered = null; // the question that the answer is of

async function explainUrl(query) {
    if (query === answered)
        return;
    answered = query;
    const asked = new URLSearchParams(query);
    for (const key of QUESTION)
        byId(key).value = asked.get(key) || "";
    byId("headers").value = asked.getAll("header").join("\n");
    put(byId("explained"), asked.get("url") ? "…" : "");
    if (!asked.get("url"))
        return;
    try {
        const answer = await get("explain?" + asked.toString().replaceAll("+", "%20"));
        put(byId("explained"), answer.ok ? await answer.text() : (await answer.json()).message);
    } catch {
        put(byId("explained"), "lb does not answer.");
    }
}

byId("ask").onsubmit = event => {
    event.preventDefault();
    const asked = new URLSearchParams();
    for (const key of QUESTION)
        if (byId(key).value.trim())
            asked.append(key, byId(key).value.trim());
    for (const header of byId("headers").value.split("\n"))
        if (header.trim())
            asked.append("header", header.trim());
    answered = null;
    const hash = "#/explain?" + asked;
    hash === location.hash ? route() : location.hash = hash;
};

byId("ask-short").onsubmit = event => {
    event.preventDefault();
    answered = null;
    location.hash = "#/explain?" + new URLSearchParams({url: byId("url-short").value.trim()});
};
