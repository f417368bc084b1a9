"""deploy/package.sh sbom: SPDX 2.3 as its specification wants it, and nothing that is linked is left out."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TOP, version

BIN = TOP / os.environ.get("LB_BIN_DIR", "build/release/bin")
PROGRAMS = [BIN / name for name in ("lb", "lb-proxy", "lb-discovery", "lb-report", "lb-acme")]
IDENTIFIER = re.compile(r"SPDXRef-[A-Za-z0-9.-]+$")
LICENCE = re.compile(r"(NOASSERTION|NONE|[A-Za-z0-9.-]+)$")
PURL = re.compile(r"pkg:(deb/debian/[a-z0-9.%A-F-]+|generic/lb)@[A-Za-z0-9.%:~_-]+(\?arch=[a-z0-9]+(&distro=[a-z]+)?)?$")

# What must be there, and how it looks: SPDX 2.3, clauses 6, 7 and 11.
DOCUMENT = {"spdxVersion": r"SPDX-2\.3$", "dataLicense": r"CC0-1\.0$", "SPDXID": r"SPDXRef-DOCUMENT$", "name": r".",
            "documentNamespace": r"https://[^#]+$"}
PACKAGE = {"SPDXID": IDENTIFIER.pattern, "name": r".", "downloadLocation": r"(NOASSERTION|NONE|https?://.+)$",
           "versionInfo": r".", "licenseConcluded": LICENCE.pattern, "licenseDeclared": LICENCE.pattern, "copyrightText": r".",
           "supplier": r"(Organization: .|Person: .|NOASSERTION$)"}

pytestmark = pytest.mark.skipif(not Path("/var/lib/dpkg/status").exists(), reason="asks dpkg")


def lacking(thing, wanted, where):
    return [f"{where}: {name} is {thing.get(name)!r}" for name, form in wanted.items()
            if not isinstance(thing.get(name), str) or not re.match(form, thing[name])]


def problems_of(document):
    problems = lacking(document, DOCUMENT, "document")
    creation = document.get("creationInfo", {})
    if not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", creation.get("created", "")):
        problems.append("document: no time of creation")
    if not all(re.match(r"(Tool|Organization|Person): .", one) for one in creation.get("creators", [""])):
        problems.append("document: no creator")
    for one in document["packages"]:
        problems += lacking(one, PACKAGE, one.get("name"))
        purls = [ref["referenceLocator"] for ref in one.get("externalRefs", [])
                 if (ref["referenceCategory"], ref["referenceType"]) == ("PACKAGE-MANAGER", "purl")]
        if len(purls) != 1 or not PURL.match(purls[0]):
            problems.append(f"{one.get('name')}: purl {purls}")
    known = [document["SPDXID"], *(one.get("SPDXID") for one in document["packages"])]
    if len(known) != len(set(known)):
        problems.append("two have one identifier")
    ends = [(one["spdxElementId"], one["relatedSpdxElement"]) for one in document["relationships"]]
    problems += [f"relation to nothing: {end}" for pair in ends for end in pair if end not in known]
    problems += [f"{one}: no relation leads to it" for one in known[1:] if one not in {other for _, other in ends}]
    return problems


def run(*words, text=""):
    return json.loads(subprocess.run([sys.executable, "-B", TOP / "deploy/sbom.py", "--version", version(), "--date",
                                      "1790000000", *words], check=True, text=True, input=text, capture_output=True).stdout)


@pytest.fixture(scope="module")
def of_programs():
    return run(*PROGRAMS)


def test_it_is_valid(of_programs):
    assert problems_of(of_programs) == []
    assert of_programs["creationInfo"]["created"] == "2026-09-21T14:13:20Z"
    assert of_programs == run(*PROGRAMS)  # twice the same


def test_what_is_missing_is_seen(of_programs):
    for field in DOCUMENT:
        assert problems_of({**of_programs, field: None if field != "SPDXID" else "lb"})
    for field in PACKAGE:
        first, *others = of_programs["packages"]
        assert problems_of({**of_programs, "packages": [{**first, field: ""}, *others]})


def test_each_library_is_in_it(of_programs):
    names = {one["name"]: one for one in of_programs["packages"]}
    needed = {word for program in PROGRAMS for word in re.findall(
        r"NEEDED.*\[(.*)\]", subprocess.run(["readelf", "-d", program], check=True, text=True, capture_output=True).stdout)}
    assert {"libcurl.so.4", "libuv.so.1", "libc.so.6"} <= needed
    for library in needed:
        stem = re.match(r"lib(\w+?)[-.]", library)[1]
        assert [name for name in names if stem in name], library
    installed = subprocess.run(["dpkg-query", "--show", "--showformat=${Version}", "libc6"], check=True, text=True,
                               capture_output=True).stdout
    assert names["libc6"]["versionInfo"] == installed
    assert names["lb"]["licenseDeclared"] == "MIT"


def test_of_an_image():
    """From what package.sh reads there: all that is installed, and nothing that was removed."""
    status = ("Package: libuv1t64\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.50.0-2\n"
              "Source: libuv1 (1.50.0-2)\nMaintainer: Dominique Dumont <dod@example.org>\nDescription: events\n more\n\n"
              "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n\n")
    copyrights = ("\f\n/usr/share/doc/libuv1t64/copyright\nFormat: https://www.debian.org/doc/\n\nFiles: *\n"
                  "Copyright: 2009 Joyent\nLicense: Expat\n\nFiles: debian/*\nLicense: GPL-3+\n\n\f\n")
    document = run("--from-image", "lb:latest", text=status + copyrights)
    assert problems_of(document) == []
    lb, libuv = document["packages"]
    assert lb["primaryPackagePurpose"] == "CONTAINER"
    assert (libuv["name"], libuv["licenseDeclared"]) == ("libuv1t64", "MIT")
    assert libuv["externalRefs"][0]["referenceLocator"] == "pkg:deb/debian/libuv1t64@1.50.0-2?arch=amd64"
