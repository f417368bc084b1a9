
// ---- certificates -----------------------------------------------------------------------------

const CERTIFICATES_SHOWN = 20, CERTIFICATES_AGAIN_MS = 60000;
const certificateRows = new Map(), certificateFaults = new Map();
let certificatesSeen = null, certificatesDue = 0, certificatesAgain = 0;

function makeCertificate() {
    return element("tr", {role: "row"},
        element("th", {role: "rowheader", scope: "row"}, element("span"), element("small")),
        element("td", {role: "cell", class: "state"}, element("b"), element("span")),
        element("td", {role: "cell"}),
        element("td", {role: "cell", class: "number", "data-label": "Days left"}));
}

const STAGES = {"valid": "good", "runs out soon": "waiting", "not valid yet": "waiting"};

function updateCertificate(row, certificate) {
    const [names, until, file, left] = row.children;
    const unseen = certificate.names.length - 5;
    put(names.children[0], (certificate.names.slice(0, 5).join(", ") || certificate.name) + (unseen > 0 ? ` and ${count(unseen)} more` : ""));
    put(names.children[1], `${certificate.key} ${certificate.key_bits}, by ${certificate.self_signed ? "itself" : certificate.issuer}` +
        (certificate.default ? "; the default" : ""));
    put(until.children[0], certificate.state);
    until.children[0].className = STAGES[certificate.state] || "bad";
    put(until.children[1], " until " + certificate.not_after.slice(0, 10));
    put(file, certificate.file);
    put(left, count(Math.max(0, Math.floor((Date.parse(certificate.not_after) - Date.now()) / 86400000))));
}

function faultText(fault) {
    return `${fault.file}: ${fault.problem}${fault.previous_in_use ? "; the one before stays in use" : ""}`;
}

function orderText(order) {
    return `ACME: ${order.names.join(", ")}: ${order.state}${order.next ? `, again at ${order.next}` : ""}: ${order.problem}`;
}

function showCertificateList({certificates, count: total, refused, refused_count: refusedCount, acme}) {
    const faults = [...refused.map(faultText), ...acme.filter(order => order.problem).map(orderText)];
    const unseen = total - certificates.length, unsaid = refusedCount - refused.length;
    sync(byId("certificate-rows"), certificateRows, certificates, c => c.file + " " + c.key, makeCertificate, updateCertificate);
    sync(byId("certificate-faults"), certificateFaults, faults, text => text, () => element("li", {class: "bad"}), put);
    byId("certified").hidden = total + faults.length + acme.length === 0;
    byId("certificate-table").hidden = certificates.length === 0;
    put(byId("certificate-count"), plural(total, "file") + ", of those that are shown the first to run out first");
    put(byId("more-certificates"), [unseen > 0 ? `${count(unseen)} more` : "", unsaid > 0 ? `${count(unsaid)} more that cannot be used` : ""]
        .filter(Boolean).join(", ").replace(/.$/, "$& at /certificates."));
}

// They change now and then, and days go by: they are asked for when something has changed, and once a minute.
async function showCertificates({certificates: told}) {
    const state = JSON.stringify(told), now = Date.now();
    if (!told || (state === certificatesSeen && now < certificatesAgain) || now < certificatesDue)
        return;
    certificatesDue = now + ROUTES_PAUSE_MS;
    try {
        const answer = await get(`certificates?order=soonest&count=${CERTIFICATES_SHOWN}`, {Accept: "application/json"});
        if (!answer.ok)
            return;
        showCertificateList(await answer.json());
        certificatesSeen = state;
        certificatesAgain = now + CERTIFICATES_AGAIN_MS;
    } catch {
        // the next frame asks again
    }
}
