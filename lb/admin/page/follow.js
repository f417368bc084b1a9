// ---- asking lb ---------------------------------------------------------------------------------

const SILENCE_MS = 5000; // lb speaks once a second
const RETRY_MS = 2000;

function authorized(fields = {}) {
    const token = sessionStorage.getItem("token");
    return token ? {Authorization: "Bearer " + token, ...fields} : fields;
}

// What a link could not ask for, as it has no token.
function get(path, fields) {
    return fetch(path, {headers: authorized(fields), cache: "no-store"});
}

async function getJson(path) {
    const answer = await get(path, {Accept: "application/json"});
    if (!answer.ok)
        throw new Error((await answer.json()).message);
    return answer.json();
}

// Asks for `path` when `mark` is another than last time, but not more often than each `pause_ms`; what
// could not be had is asked for with a later frame.
function makeAsker(path, pause_ms, show) {
    let seen = null, due = 0;
    return async mark => {
        if (mark === seen || Date.now() < due)
            return;
        due = Date.now() + pause_ms;
        try {
            show(await getJson(path));
            seen = mark;
        } catch (error) {
            if (!(error instanceof TypeError)) // no network: the state of the link says so
                console.info(`${path}: ${error.message}`);
        }
    };
}

// ---- following ---------------------------------------------------------------------------------

class Refused extends Error {}

// Server-sent events (WHATWG HTML § 9.2) as lb writes them: one line of data, then an empty one.
// EventSource could not send the token.
async function read(body, heard, take) {
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
                queueMicrotask(() => take(JSON.parse(event.slice(6)))); // its errors are no lost connection
    }
}

async function follow(take) {
    const abort = new AbortController();
    let timer = 0;
    const heard = () => {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), SILENCE_MS);
    };
    try {
        heard();
        const answer = await fetch("events", {headers: authorized(), cache: "no-store", signal: abort.signal});
        if (answer.status === 401)
            throw new Refused();
        if (!answer.ok)
            return (await answer.json()).message;
        await read(answer.body, heard, take);
    } finally {
        clearTimeout(timer);
        abort.abort();
    }
    return "";
}

// ---- the token ---------------------------------------------------------------------------------

// Waits for the token that is typed in.
function askToken() {
    const form = byId("login"), wasGiven = sessionStorage.getItem("token") !== null;
    sessionStorage.removeItem("token");
    byId("view").hidden = true;
    form.hidden = false;
    put(byId("refused"), wasGiven ? "This token is not the right one." : "");
    tell("link", "a token is needed");
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
    const path = event.target.getAttribute("href");
    if (!path || !sessionStorage.getItem("token"))
        return;
    event.preventDefault();
    put(byId("answer-of"), "/" + path);
    put(byId("answer-text"), "…");
    byId("answer").hidden = false;
    try {
        put(byId("answer-text"), await (await get(path)).text());
    } catch {
        put(byId("answer-text"), "lb does not answer.");
    }
    byId("answer").focus();
});
