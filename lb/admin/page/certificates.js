// ---- certificates ------------------------------------------------------------------------------

const CERTIFICATES_SHOWN = 20, HOUR_MS = 3600000;
const STAGES = {"valid": "good", "runs out soon": "waiting", "not valid yet": "waiting"};

function namesText(certificate) {
    const unseen = certificate.names.length - 5, by = certificate.self_signed ? "itself" : certificate.issuer;
    return [(certificate.names.slice(0, 5).join(", ") || certificate.name) + (unseen > 0 ? ` and ${count(unseen)} more` : ""),
        `${certificate.key} ${certificate.key_bits}, by ${by}${certificate.default ? "; the default" : ""}`];
}

function daysLeft({not_after: end}) {
    return Math.max(0, Math.floor((Date.parse(end) - Date.now()) / (24 * HOUR_MS)));
}

const showCertificateRows = makeTable("certificate-table", [
    {head: "Names", kind: "name", text: namesText},
    {head: "Until", text: c => [c.state, "until " + c.not_after.slice(0, 10), STAGES[c.state] || "bad"]},
    {head: "File", text: c => c.file},
    {head: "Days left", kind: "number", text: c => count(daysLeft(c))}]);

function faultText(fault) {
    return `${fault.file}: ${fault.problem}${fault.previous_in_use ? "; the one before stays in use" : ""}`;
}

function orderText(order) {
    return `ACME: ${order.names.join(", ")}: ${order.state}${order.next ? `, again at ${order.next}` : ""}: ${order.problem}`;
}

function listCertificates({certificates, count: total, refused, refused_count: refusedCount, acme}) {
    const faults = [...refused.map(faultText), ...acme.filter(order => order.problem).map(orderText)];
    const unseen = total - certificates.length, unsaid = refusedCount - refused.length;
    showCertificateRows(certificates, c => c.file + " " + c.key);
    sync(byId("certificate-faults"), faults, text => text, () => element("li", {class: "bad"}), put);
    put(byId("certificate-count"), plural(total, "file") + (total > 1 ? ", the first to run out first" : ""));
    put(byId("more-certificates"), [unseen > 0 ? `${count(unseen)} more` : "", unsaid > 0 ? `${count(unsaid)} more that cannot be used` : ""]
        .filter(Boolean).join(", ").replace(/.$/, "$& at /certificates."));
}

const askCertificates = makeAsker(`certificates?order=soonest&count=${CERTIFICATES_SHOWN}`, PLACES_PAUSE_MS, listCertificates);

// They change now and then, and days go by: they are asked for when something has changed, and once an hour.
function showCertificates() {
    byId("certificates-none").hidden = !!world.certificates;
    if (world.certificates)
        askCertificates(JSON.stringify([world.certificates, Math.floor(Date.now() / HOUR_MS)]));
}
