// ---- words ------------------------------------------------------------------------------------
// Numbers and times as people read them; null and undefined: not known.

const digits = number =>
    new Intl.NumberFormat("en", {minimumFractionDigits: number, maximumFractionDigits: number}).format;
const count = digits(0),
    tenths = digits(1),
    hundredths = digits(2);
const byName = new Intl.Collator("en", {numeric: true}).compare;

function rateText(rate) {
    return rate == null ? "–" : rate === 0 || rate >= 99.95 ? count(rate) : (rate < 1 ? hundredths : tenths)(rate);
}

function percentText(part, whole) {
    const percent = (100 * part) / whole;
    return percent > 0 ? (percent < 10 ? tenths : count)(percent) + " %" : "";
}

function durationText(ms) {
    return ms == null ? "–" : ms >= 1000 ? tenths(ms / 1000) + " s" : (ms < 10 ? tenths : count)(ms) + " ms";
}

function bytesText(bytes = 0) {
    let unit = 0;
    for (; bytes >= 1000 && unit < 4; unit++) bytes /= 1000;
    return (unit && bytes < 100 ? tenths : count)(bytes) + " " + ["B", "kB", "MB", "GB", "TB"][unit];
}

function spanText(ms) {
    const minutes = ms / 60000,
        hours = minutes / 60;
    return minutes < 1
        ? Math.round(ms / 1000) + " s"
        : hours < 1
          ? Math.floor(minutes) + " min"
          : hours < 48
            ? Math.floor(hours) + " h"
            : Math.floor(hours / 24) + " days";
}

function ageText(from) {
    return spanText(Math.max(0, Date.parse(world.time) - Date.parse(from)));
}

function clockText(time) {
    const date = new Date(time),
        day = {day: "numeric", month: "short"};
    const isToday = date.toDateString() === new Date().toDateString();
    return (isToday ? "" : date.toLocaleDateString("en-GB", day) + " ") + date.toLocaleTimeString("en-GB");
}

function plural(number, word) {
    return count(number) + " " + word + (number === 1 ? "" : "s");
}

function sentence(text) {
    return text && text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

// Those that are there, with something between them.
function joined(between, ...texts) {
    return texts.filter(Boolean).join(between);
}

// The first of them, and how many more there are.
function someOf(texts, most) {
    return texts.slice(0, most).join(", ") + (texts.length > most ? ` and ${count(texts.length - most)} more` : "");
}
