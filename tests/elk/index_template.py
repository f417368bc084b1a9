"""Elasticsearch's types, as far as the template has them: whether a document fits."""

import ipaddress
import re

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


def is_ip(value):
    try:
        return isinstance(value, str) and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_long(value):
    return is_number(value) and value == int(value) and -2**63 <= value < 2**63


def is_text(value):
    return isinstance(value, str)


FITS = {
    "keyword": is_text, "constant_keyword": is_text, "wildcard": is_text, "match_only_text": is_text, "ip": is_ip,
    "long": is_long, "double": is_number, "boolean": lambda value: isinstance(value, bool),
    "date": lambda value: isinstance(value, str) and bool(DATE.match(value)),
}


def fields_of(properties, path=""):
    """{"lb.upstream.name": {"type": …}, …}."""
    found = {}
    for name, part in properties.items():
        here = f"{path}{name}"
        if "properties" in part:
            assert set(part) == {"properties"}
            found.update(fields_of(part["properties"], here + "."))
        else:
            found[here] = part
    return found


def leaves_of(document, path=""):
    """(field, value) of all that is indexed: each value of a list, nulls not at all."""
    for name, value in document.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from leaves_of(one, f"{path}{name}.")
            elif one is not None:
                yield f"{path}{name}", one


def misfits(document, fields):
    """What a document has that the template does not, or not so."""
    found = []
    for field, value in leaves_of(document):
        kind = fields.get(field)
        if kind is None:
            found.append(f"{field} has no type")
        elif not FITS[kind["type"]](value):
            found.append(f"{field} is {kind['type']}, and {value!r} is not")
        elif "ignore_above" in kind and len(value) > kind["ignore_above"]:
            found.append(f"{field} of {len(value)} characters is not indexed")
    return found
