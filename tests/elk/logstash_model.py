"""What Logstash 8 makes of a GELF message by a pipeline: gelf's input, and the filters json, date and mutate with the options
that deploy/stack/logstash uses, in the order in which Logstash does them. An option that is not known is an error."""

import copy
import datetime
import json
import re

import logstash_config

MISSING = object()
ISO8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


# ---- events --------------------------------------------------------------------------------------------

def path_of(selector):
    """Both "[a][b]" and "a": a dot is no separator."""
    parts = re.findall(r"\[([^\[\]]+)\]", selector)
    return parts if "".join(f"[{part}]" for part in parts) == selector else [selector]


def get(event, selector, default=None):
    for part in path_of(selector):
        if not isinstance(event, dict) or part not in event:
            return default
        event = event[part]
    return event


def put(event, selector, value):
    *folders, last = path_of(selector)
    for part in folders:
        event = event.setdefault(part, {})
        assert isinstance(event, dict), f"{selector}: a part of it is no object"
    event[last] = value


def remove(event, selector):
    *folders, last = path_of(selector)
    for part in folders:
        event = event.get(part) if isinstance(event, dict) else None
    return event.pop(last, MISSING) if isinstance(event, dict) else MISSING


def expand(event, text):
    return re.sub(r"%\{([^}]+)\}", lambda found: str(get(event, found[1], found[0])), text)


def add_tags(event, tags):
    event["tags"] = [*event.get("tags", []), *(tag for tag in tags if tag not in event.get("tags", []))]


def stamp(seconds):
    moment = datetime.datetime.fromtimestamp(round(seconds, 6), datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


# ---- input -----------------------------------------------------------------------------------------------

def gelf_event(message, sender="127.0.0.1"):
    """remap and strip_leading_underscore, as they are by default."""
    event = {"@version": "1", "source_host": sender, **copy.deepcopy(message)}
    event["@timestamp"] = stamp(float(event.pop("timestamp")))
    event["message"] = event.pop("short_message")
    return {name.removeprefix("_"): value for name, value in event.items()}


# ---- filters -----------------------------------------------------------------------------------------------

def run_json(event, options):
    text = get(event, options["source"])
    try:
        parsed = json.loads(text)
    except ValueError:
        add_tags(event, options.get("tag_on_failure", ["_jsonparsefailure"]))
        return
    put(event, options["target"], parsed)


def run_date(event, options):
    field, *forms = options["match"]
    assert forms == ["ISO8601"]
    text = get(event, field)
    if text is None:
        return
    if not isinstance(text, str) or not ISO8601.match(text):
        add_tags(event, ["_dateparsefailure"])
        return
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    cut = moment.replace(microsecond=moment.microsecond // 1000 * 1000)  # it has milliseconds
    event["@timestamp"] = stamp(cut.timestamp())


def rename(event, pairs):
    for old, new in pairs.items():
        value = remove(event, old)
        if value is not MISSING:
            put(event, new, value)


def replace(event, pairs):
    for field, text in pairs.items():
        put(event, field, expand(event, text))


def convert(event, pairs):
    for field, kind in pairs.items():
        assert kind == "integer"
        value = get(event, field)
        if value is not None:
            put(event, field, int(value) if re.fullmatch(r"-?\d+", str(value)) else 0)


def gsub(event, triples):
    for field, pattern, by in zip(*[iter(triples)] * 3, strict=True):
        value = get(event, field)
        if isinstance(value, str):
            put(event, field, re.sub(pattern, by, value))


def copy_fields(event, pairs):
    for source, target in pairs.items():
        value = get(event, source)
        if value is not None:
            put(event, target, copy.deepcopy(value))


def add_fields(event, pairs):
    for field, text in pairs.items():
        there, value = get(event, field, MISSING), expand(event, text)
        if there is MISSING:
            put(event, field, value)
        else:
            put(event, field, [*(there if isinstance(there, list) else [there]), value])


def remove_fields(event, fields):
    for field in fields:
        remove(event, field)


MUTATIONS = {"rename": rename, "replace": replace, "convert": convert, "gsub": gsub, "copy": copy_fields,
             "add_field": add_fields, "remove_field": remove_fields}  # in Logstash's order


def run_mutate(event, options):
    for name, change in MUTATIONS.items():
        if name in options:
            change(event, options[name])


FILTERS = {
    "json": (run_json, {"id", "source", "target", "tag_on_failure"}),
    "date": (run_date, {"id", "match"}),
    "mutate": (run_mutate, {"id", *MUTATIONS}),
}


# ---- conditions ----------------------------------------------------------------------------------------------

def value_of(event, operand):
    kind, what = operand
    return get(event, what) if kind == "field" else what


def holds(event, condition):
    word, *parts = condition
    if word in ("and", "or"):
        return (all if word == "and" else any)(holds(event, part) for part in parts)
    if word == "not":
        return not holds(event, parts[0])
    if word == "is":  # there, and neither null nor false
        value = value_of(event, parts[0])
        return value is not None and value is not False
    left, right = (value_of(event, part) for part in parts)
    if word in ("=~", "!~"):
        return bool(isinstance(left, str) and re.search(right, left)) == (word == "=~")
    if word == "in":
        return left in right
    return (left == right) == (word == "==")


# ---- the pipeline ------------------------------------------------------------------------------------------------

class Pipeline:
    def __init__(self, text):
        self.sections = logstash_config.read(text)
        self.ids = []
        self._check(self.sections["filter"])
        assert len(set(self.ids)) == len(self.ids), "an id stands there twice"

    def _check(self, section):
        for part in section:
            if isinstance(part, logstash_config.Choice):
                for _, inner in part.branches:
                    self._check(inner)
                continue
            _, known = FILTERS[part.name]
            unknown = set(part.options) - known
            assert not unknown, f"{part.name} with {unknown}: the model does not know it"
            self.ids.append(part.options["id"])

    def document(self, message):
        """What a GELF message becomes in Elasticsearch."""
        event = gelf_event(message)
        self._run(event, self.sections["filter"])
        event.pop("@metadata", None)
        return event

    def _run(self, event, section):
        for part in section:
            if isinstance(part, logstash_config.Plugin):
                FILTERS[part.name][0](event, part.options)
                continue
            for condition, inner in part.branches:
                if condition is None or holds(event, condition):
                    self._run(event, inner)
                    break
