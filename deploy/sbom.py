#!/usr/bin/env python3
"""Writes what lb consists of as SPDX 2.3 (JSON) to standard output: lb itself, and the packages of Debian that hold the
libraries its programs need, with those that these need in turn; or all packages of an image.

usage: sbom.py --version VERSION --date SECONDS [--compiled-in SOURCE] PROGRAM...
       sbom.py --version VERSION --date SECONDS --from-image IMAGE <what deploy/package.sh reads from the image>
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

# Debian's short names of licences, as far as they stand alone, and SPDX's.
LICENCES = {
    "apache-2.0": "Apache-2.0", "bsd-2-clause": "BSD-2-Clause", "bsd-3-clause": "BSD-3-Clause", "curl": "curl",
    "expat": "MIT", "gpl-2": "GPL-2.0-only", "gpl-2+": "GPL-2.0-or-later", "gpl-3": "GPL-3.0-only",
    "gpl-3+": "GPL-3.0-or-later", "isc": "ISC", "lgpl-2+": "LGPL-2.0-or-later", "lgpl-2.1": "LGPL-2.1-only",
    "lgpl-2.1+": "LGPL-2.1-or-later", "lgpl-3": "LGPL-3.0-only", "lgpl-3+": "LGPL-3.0-or-later", "mit": "MIT", "zlib": "Zlib",
}
FIELDS = ("Package", "Architecture", "Version", "Source", "Homepage", "Maintainer")
COPYRIGHT = "/usr/share/doc/{}/copyright"


def output_of(*words):
    return subprocess.run(words, check=True, text=True, capture_output=True, env={**os.environ, "LC_ALL": "C"}).stdout


# ---- which packages ------------------------------------------------------------------------------------


def libraries_of(program):
    """Paths of all libraries that the loader takes for it, the loader too."""
    return re.findall(r"(/\S+) \(0x", output_of("ldd", program))


def owners_of(paths):
    """The packages that have brought these files, also where a file has moved with /usr."""
    asked = {each for path in paths for real in (path, os.path.realpath(path))
             for each in (real, real.removeprefix("/usr"), f"/usr{real}")}
    found = subprocess.run(["dpkg-query", "--search", *sorted(asked)], text=True, capture_output=True, check=False).stdout
    return {owner for line in found.splitlines() for owner in line.split(": ")[0].split(", ")}


def of_programs(programs, compiled_in):
    """Packages as fields, and the texts of their copyright files by the package's name. `compiled_in`: a source that is
    no library of its own."""
    paths = sorted({path for program in programs for path in libraries_of(program)} | set(compiled_in))
    owners = sorted(owners_of(paths))
    layout = "".join(f"{name}: ${{{name}}}\n" for name in FIELDS) + "\n"
    packages = read_fields(output_of("dpkg-query", "--show", f"--showformat={layout}", *owners))
    files = {one["Package"]: Path(COPYRIGHT.format(one["Package"])) for one in packages}
    return packages, {name: file.read_text(encoding="utf-8", errors="replace") for name, file in files.items() if file.exists()}


def of_image(text):
    """The same from dpkg's status file, and the copyright files behind it."""
    status, *copyrights = text.split("\n\f\n")
    packages = [one for one in read_fields(status) if one.get("Status", "").endswith(" installed")]
    texts = {}
    for one in copyrights:
        path, _, body = one.partition("\n")
        if path:
            texts[Path(path).parent.name] = body
    return packages, texts


def read_fields(text):
    """Paragraphs of "Name: value"; lines that go on are left out."""
    return [dict(re.findall(r"^([\w-]+): (.+)$", paragraph, re.M)) for paragraph in text.split("\n\n") if "Package: " in paragraph]


# ---- what is known of them ------------------------------------------------------------------------------


def licence_of(text):
    """Of the paragraph "Files: *" where the file can be read by programs (DEP 5), and the licence is one by itself."""
    if not text or not text.startswith("Format:"):
        return "NOASSERTION"
    whole = re.search(r"^Files:\s*\*\s*$(.*?)(?:^\s*$|\Z)", text, re.M | re.S)
    short = whole and re.search(r"^License:[ \t]*(\S.*)$", whole[1], re.M)
    return LICENCES.get(short[1].strip().lower(), "NOASSERTION") if short else "NOASSERTION"


def identifier(*words):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", "-".join(words))


def purl_of(package, distribution):
    """https://github.com/package-url/purl-spec: what is not a letter, a digit or one of .-_~ is written by its code."""
    def coded(text):
        return re.sub(r"[^A-Za-z0-9._~:-]", lambda match: f"%{ord(match[0]):02X}", text)
    return (f"pkg:deb/debian/{coded(package['Package'])}@{coded(package['Version'])}"
            f"?arch={package['Architecture']}{distribution}")


def described(package, text, distribution):
    maintainer = package.get("Maintainer", "").split(" <")[0]
    return {
        "SPDXID": identifier("Package", package["Package"], package["Architecture"]),
        "name": package["Package"],
        "versionInfo": package["Version"],
        "supplier": f"Organization: Debian ({maintainer})" if maintainer else "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": licence_of(text),
        "licenseComments": "declared for most files of the source package, in its file debian/copyright",
        "copyrightText": "NOASSERTION",
        **({"homepage": package["Homepage"]} if package.get("Homepage") else {}),
        **({"sourceInfo": f"built from Debian's source package {package['Source']}"} if package.get("Source") else {}),
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": purl_of(package, distribution)}],
    }


def digest_of(program):
    return hashlib.sha256(Path(program).read_bytes()).hexdigest()


def own_package(version, programs, image):
    told = ", ".join(f"{Path(program).name} sha256:{digest_of(program)}" for program in programs)
    return {
        "SPDXID": "SPDXRef-Package-lb",
        "name": "lb",
        "versionInfo": version,
        "supplier": "Organization: the lb authors",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "MIT",
        "licenseDeclared": "MIT",
        "copyrightText": "Copyright (c) 2026 the lb authors",
        "primaryPackagePurpose": "CONTAINER" if image else "APPLICATION",
        **({"comment": told} if told else {}),
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:generic/lb@{version}"}],
    }


def relation(own, other, linked_in):
    if own["primaryPackagePurpose"] == "CONTAINER":
        return "CONTAINS"
    return "STATIC_LINK" if other["name"] in linked_in else "DYNAMIC_LINK"


def document(version, date, own, others, linked_in):
    content = json.dumps([own, others], sort_keys=True).encode()
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", own["SPDXID"])]
    relations += [(own["SPDXID"], relation(own, one, linked_in), one["SPDXID"]) for one in others]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"lb-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/lb-{version}-{hashlib.sha256(content).hexdigest()[:32]}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(date)),
                         "creators": ["Tool: lb-deploy-sbom", "Organization: the lb authors"]},
        "packages": [own, *others],
        "relationships": [{"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
                          for one, kind, other in relations],
    }


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--version", required=True)
    parser.add_argument("--date", type=int, required=True)
    parser.add_argument("--from-image")
    parser.add_argument("--compiled-in", action="append", default=[])
    parser.add_argument("programs", nargs="*")
    options = parser.parse_args()
    if options.from_image:
        packages, copyrights = of_image(sys.stdin.read())
        distribution = ""
    else:
        packages, copyrights = of_programs(options.programs, options.compiled_in)
        release = Path("/etc/os-release")
        codename = re.search(r"^VERSION_CODENAME=(\S+)", release.read_text(encoding="utf-8") if release.exists() else "", re.M)
        distribution = f"&distro={codename[1]}" if codename else ""
    if not packages:
        sys.exit("sbom.py: no package found; are the programs built, and is this Debian?")
    others = [described(one, copyrights.get(one["Package"], ""), distribution) for one in packages]
    others.sort(key=lambda one: one["SPDXID"])
    own = own_package(options.version, options.programs, options.from_image)
    linked_in = owners_of(options.compiled_in) if options.compiled_in else set()
    json.dump(document(options.version, options.date, own, others, linked_in), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
