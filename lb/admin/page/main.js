// ---- views --------------------------------------------------------------------------------------

const hasFlow = typeof flow_start === "function";
let isDrawing = false;

function steerFlow(isWanted) {
    if (isWanted && !isDrawing)
        flow_start(byId("flow-canvas"), world);
    if (!isWanted && isDrawing)
        flow_stop();
    isDrawing = isWanted;
}

function showFlow() {
    byId("flow-none").hidden = hasFlow;
    if (hasFlow)
        steerFlow(byId("flow-on").checked);
    if (isDrawing)
        flow_frame(world);
}

const VIEWS = {"overview": showOverview, "service": showService, "flow": showFlow, "requests": showRequests, "routes": showRoutes,
    "listeners": showListeners, "certificates": showCertificates, "left-out": showLeftOut, "explain": () => {}};
let viewShown = "overview";

// #/service/NAME and the like: a link to each view.
function route() {
    const [, name, rest = ""] = /^#\/([\w-]*)[/?]?(.*)$/.exec(location.hash) || ["", ""];
    const before = viewShown;
    viewShown = name in VIEWS ? name : "overview";
    if (viewShown === "service")
        enterService(decoded(rest));
    if (viewShown === "explain")
        explainUrl(rest);
    if (viewShown !== "flow" && hasFlow)
        steerFlow(false);
    for (const section of document.querySelectorAll("main > section"))
        section.hidden = section.id !== viewShown + "-view";
    for (const link of document.querySelectorAll("nav a"))
        link.hash === (viewShown === "overview" ? "#/" : "#/" + viewShown) ? mark(link, "aria-current", "page") : link.removeAttribute("aria-current");
    render(null);
    if (before !== viewShown)
        byId(viewShown + "-view").querySelector("h1")?.focus({preventScroll: true});
}

function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

// With a frame only what it changed is touched; null: all of the view.
function render(frame) {
    if (!world.time || document.hidden)
        return;
    showHead();
    if (world.notable && ["overview", "service", "requests"].includes(viewShown))
        askRequests(world.notable.number);
    VIEWS[viewShown](frame);
}

function take(frame) {
    join(frame);
    frame.isSampled = joinHistory(frame);
    addToTail(frame);
    announceChange(frame);
    byId("view").hidden = false;
    document.body.classList.remove("lost");
    tell("link", "live", "good");
    render(frame.full ? null : frame);
}

// ---- beginning ----------------------------------------------------------------------------------

async function run() {
    makeCharts();
    byId("flow-on").onchange = () => render(null);
    byId("flow-on").checked = matchMedia("(min-width: 45rem)").matches;
    addEventListener("hashchange", route);
    document.addEventListener("visibilitychange", () => render(null));
    tell("link", "connecting …");
    route();
    for (;;) {
        let reason = "";
        try {
            reason = await follow(take);
        } catch (error) {
            if (error instanceof Refused) {
                await askToken();
                continue;
            }
        }
        const seen = world.time ? ` What is shown is of ${clockText(world.time)}.` : "";
        document.body.classList.add("lost");
        tell("link", (reason || "connection to lb lost, trying again.") + seen, "bad");
        await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
}

run();
