// ---- views --------------------------------------------------------------------------------------

let isDrawing = false,
    viewShown = "overview";

// Starts the picture where it is wanted, and ends it where it is not.
function steerFlow(isWanted) {
    if (isWanted !== isDrawing) isWanted ? flow_start(byId("flow-canvas"), world) : flow_stop();
    isDrawing = isWanted;
    if (isDrawing) flow_frame(world);
}

const VIEWS = {
    "overview": showOverview,
    "service": showService,
    "flow": () => steerFlow(byId("flow-on").checked),
    "requests": showRequests,
    "routes": showRoutes,
    "listeners": showListeners,
    "certificates": showCertificates,
    "left-out": showLeftOut,
    "explain": () => {}
};

function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

// #/service/NAME and the like: a link to each view.
function route() {
    const [, name, rest = ""] = /^#\/([\w-]*)[/?]?(.*)/.exec(location.hash) || [],
        before = viewShown + serviceShown;
    viewShown = Object.hasOwn(VIEWS, name) ? name : "overview";
    serviceShown = viewShown === "service" ? decoded(rest) : "";
    const isOther = before !== viewShown + serviceShown;
    if (isOther) {
        byId("filter").value = "";
        opened.clear();
    }
    if (viewShown === "explain") explainUrl(rest);
    if (viewShown !== "flow") steerFlow(false);
    for (const section of document.querySelectorAll("main > section"))
        section.hidden = section.id !== viewShown + "-view";
    byId("filter-box").hidden = true;
    byId(viewShown === "service" ? "endpoints" : "services").before(byId("filter-box"));
    byId("own").hidden = viewShown !== "overview";
    byId("both").hidden = viewShown !== "overview" && viewShown !== "service";
    for (const link of document.querySelectorAll("nav a"))
        mark(link, "aria-current", String(link.hash === "#/" + (viewShown === "overview" ? "" : viewShown)));
    render(null);
    if (isOther) {
        mark(byId(viewShown + "-view"), "tabindex", "-1");
        byId(viewShown + "-view").focus({preventScroll: true});
    }
}

// With a frame only what it changed is touched; null: all of the view.
function render(frame) {
    if (!world.time || document.hidden) return;
    showHead();
    if (world.notable && (viewShown === "requests" || !byId("both").hidden)) askRequests(world.notable.number);
    VIEWS[viewShown](frame);
    if (!byId("both").hidden) showLately(serviceShown);
}

function take(frame) {
    join(frame);
    frame.isSampled = joinHistory(frame);
    addSeen(frame);
    if (frame.changes) announceChange();
    watchUndo();
    byId("view").hidden = false;
    document.body.className = "";
    tell("link", "live", "good");
    render(frame.full ? null : frame);
}

// ---- beginning ----------------------------------------------------------------------------------

async function run() {
    byId("flow-on").checked = matchMedia("(min-width: 45rem)").matches;
    byId("flow-on").onchange = document.onvisibilitychange = () => render(null);
    addEventListener("hashchange", route);
    tell("link", "connecting …");
    route();
    for (;;) {
        let reason = "";
        try {
            reason = await follow();
        } catch (error) {
            if (error instanceof Refused) {
                await askToken();
                continue;
            }
        }
        document.body.className = "lost";
        tell(
            "link",
            joined(
                " ",
                reason || "connection to lb lost, trying again.",
                world.time && `What is shown is of ${clockText(world.time)}.`
            ),
            "bad"
        );
        await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
}

run();
