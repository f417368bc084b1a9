// ---- words ------------------------------------------------------------------------------------
// Numbers and times as people read them. null and undefined: not known.

const digits = least => new Intl.NumberFormat("en", {minimumFractionDigits: least, maximumFractionDigits: least}).format;
const count = digits(0), tenths = digits(1), hundredths = digits(2);

function rateText(rate) {
    if (rate == null)
        return "–";
    return rate === 0 || rate >= 99.95 ? count(rate) : rate < 1 ? hundredths(rate) : tenths(rate);
}

function percentText(percent) {
    return percent > 0 ? (percent < 10 ? tenths(percent) : count(percent)) + " %" : "";
}

function durationText(ms) {
    if (ms == null)
        return "–";
    if (ms >= 1000)
        return tenths(ms / 1000) + " s";
    return (ms < 10 ? tenths(ms) : count(ms)) + " ms";
}

function bytesText(bytes) {
    if (bytes == null)
        return "–";
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    for (; bytes >= 1000 && unit < units.length - 1; unit++)
        bytes /= 1000;
    return (unit > 0 && bytes < 100 ? tenths(bytes) : count(bytes)) + " " + units[unit];
}

function spanText(ms) {
    const seconds = Math.max(0, Math.round(ms / 1000));
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
    if (seconds < 60)
        return seconds + " s";
    if (minutes < 60)
        return minutes + " min";
    return hours < 48 ? hours + " h" : Math.floor(hours / 24) + " days";
}

function ageText(from, now = world.time) {
    return spanText(Date.parse(now) - Date.parse(from));
}

function clockText(time) {
    const date = new Date(time), today = date.toDateString() === new Date().toDateString();
    const clock = date.toLocaleTimeString("en-GB");
    return today ? clock : date.toLocaleDateString("en-GB", {day: "numeric", month: "short"}) + " " + clock;
}

function plural(number, word) {
    return count(number) + " " + word + (number === 1 ? "" : "s");
}

function sentence(text) {
    return text ? text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".") : "";
}

const byName = new Intl.Collator("en", {numeric: true}).compare;
