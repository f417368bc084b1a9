#!/usr/bin/env python3
"""page_size.py SOURCE BUILD: the page of the admin listener, as it is embedded, has at most 60 000 bytes, the picture of
the flow among them at most 9 500, and asks nobody for anything but lb."""

import pathlib
import re
import subprocess
import sys
import tempfile

PAGE_BYTES_MAX = 60_000
PARTS_BYTES_MAX = {"flow.js": 9_600}


def parts_of(source):
    """The scripts in the order in which they are joined."""
    lists = (source / "lb/admin/CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"set\(page_parts ([^)]*)\)", lists)[1].split()


def embed(source, parts):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "page_html.c"
        subprocess.run(["cmake", f"-DFOLDER={source / 'lb/admin/page'}", f"-DPARTS={','.join(parts)}", f"-DOUT={out}",
                        "-P", str(source / "lb/admin/embed_page.cmake")], check=True, stdout=subprocess.DEVNULL)
        return pathlib.Path(f"{out}.html").read_bytes()


def faults_of(source):
    parts = parts_of(source)
    page = embed(source, parts)
    if len(page) > PAGE_BYTES_MAX:
        yield f"lb/admin/page: the page has {len(page)} bytes, {len(page) - PAGE_BYTES_MAX} too many"
    for name, most in PARTS_BYTES_MAX.items():
        if name in parts and (size := len(page) - len(embed(source, [part for part in parts if part != name]))) > most:
            yield f"lb/admin/page/{name}: {size} bytes of the page, {size - most} too many"
    for url in sorted(set(re.findall(rb"https?://[\w./-]*", page)) - {b"http://www.w3.org/2000/svg"}):
        yield f"lb/admin/page: it names {url.decode()}"
    for path in sorted((source / "lb/admin/page").glob("*.js")):
        if path.name not in parts:
            yield f"lb/admin/page/{path.name}: not among page_parts in lb/admin/CMakeLists.txt"


def main():
    faults = list(faults_of(pathlib.Path(sys.argv[1])))
    print("\n".join(faults))
    return len(faults) > 0


if __name__ == "__main__":
    sys.exit(main())
