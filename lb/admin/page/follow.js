// ---- asking lb ---------------------------------------------------------------------------------

const SILENCE_MS = 5000; // lb speaks once a second
const RETRY_MS = 2000,
    ASK_MS = 2000;

// With the token, which a link could not send.
function ask(path, {accept = "application/json", ...options} = {}) {
    const token = sessionStorage.getItem("token");
    return fetch(path, {
        headers: {Accept: accept, ...(token && {Authorization: "Bearer " + token})},
        cache: "no-store",
        ...options
    });
}

async function textOf(path) {
    try {
        const answer = await ask(path, {accept: "*/*"});
        return answer.ok ? await answer.text() : (await answer.json()).message;
    } catch {
        return "lb does not answer.";
    }
}

// Asks for `path` when `version` is another than last time, but not more often than now and then; what could not be
// had is asked for with a later frame.
function makeAsker(path, take) {
    let seen,
        due = 0;
    return async version => {
        if (version === seen || Date.now() < due) return;
        due = Date.now() + ASK_MS;
        try {
            const answer = await ask(path);
            if (!answer.ok) return;
            take(await answer.json());
            seen = version;
            render(null);
        } catch {
            // the state of the link says it
        }
    };
}

// ---- following ---------------------------------------------------------------------------------

class Refused extends Error {}

// Server-sent events (WHATWG HTML § 9.2) as lb writes them: one line of data, then an empty one. EventSource could
// not send the token.
async function read(body, heard) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
        const {value, done} = await reader.read();
        if (done) return;
        heard();
        const events = (rest + value).split("\n\n");
        rest = events.pop();
        for (const event of events) queueMicrotask(() => take(JSON.parse(event.slice(6)))); // its errors are no lost connection
    }
}

async function follow() {
    const abort = new AbortController();
    let timer = 0;
    const heard = () => {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), SILENCE_MS);
    };
    try {
        heard();
        const answer = await ask("events", {signal: abort.signal});
        if (answer.status === 401) throw new Refused();
        if (!answer.ok) return (await answer.json()).message;
        await read(answer.body, heard);
    } finally {
        clearTimeout(timer);
        abort.abort();
    }
}

// ---- the token ---------------------------------------------------------------------------------

// Waits for the token that is typed in.
function askToken() {
    const form = byId("login"),
        wasGiven = sessionStorage.getItem("token");
    sessionStorage.removeItem("token");
    byId("view").hidden = true;
    form.hidden = false;
    put(byId("refused"), wasGiven ? "This token is not the right one." : "");
    tell("link", "a token is needed");
    byId("token").focus();
    return new Promise(
        resolve =>
            (form.onsubmit = event => {
                event.preventDefault();
                const token = byId("token").value.trim();
                if (!/^[\x21-\x7e]+$/.test(token))
                    return put(byId("refused"), "A token is ASCII, no spaces.");
                sessionStorage.setItem("token", token);
                byId("token").value = "";
                form.hidden = true;
                resolve();
            })
    );
}

// What a link of the footer leads to is shown here where it could not send the token.
byId("footer").onclick = async event => {
    const path = event.target.getAttribute("href");
    if (!path || !sessionStorage.getItem("token")) return;
    event.preventDefault();
    put(byId("answer-of"), "/" + path);
    put(byId("answer-text"), "…");
    byId("answer").hidden = false;
    byId("answer").focus();
    put(byId("answer-text"), await textOf(path));
};
