"""Checks that includes follow layers.txt: arrows between folders, cycles, doors of libraries,
headers that everybody includes, and files that are too long.

usage: arrows.py SOURCE_DIR [BUILD_DIR] [--draw]     (--draw prints the folders as Mermaid)
"""

import argparse
import re
import sys
from collections import defaultdict
from pathlib import Path

import source_tree

LINES_MAX = 500
LINES_WARN = 400  # from here on it is said, and nothing fails
# A header that a quarter of all files include is an umbrella. Where there are few files a quarter
# says nothing, so up to HUB_FILES_MIN includers are fine.
HUB_SHARE_MAX = 0.25
HUB_FILES_MIN = 8
COMMON_FOLDER = "lb/base"


class Layers:
    """layers.txt: allowed arrows between folders, and the doors of libraries."""

    def __init__(self, path):
        self.folders = {}
        self.doors = {}
        for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            if "->" not in words or words[0] not in ("folder", "door"):
                sys.exit(f"{path}:{number}: neither 'folder NAME -> ...' nor 'door HEADER -> ...'")
            arrow = words.index("->")
            for name in words[1:arrow]:
                table = self.folders if words[0] == "folder" else self.doors
                table[name] = words[arrow + 1:]

    def folder_of(self, path):
        """The longest folder of the table that has this file, or None."""
        fitting = [name for name in self.folders if path == name or path.startswith(name + "/")]
        return max(fitting, key=len, default=None)

    def allows(self, source, target):
        return source == target or target in self.folders[source] or "*" in self.folders[source]

    def places_of(self, header):
        """The doors of a library header, or None when it is no guarded library."""
        for name, places in self.doors.items():
            if header == name or (name.endswith("/") and header.startswith(name)):
                return places
        return None


def find_cycle(arrows):
    """One cycle as a list of names that begins and ends with the same, or None."""
    done, trail = set(), []

    def visit(node):
        if node in trail:
            return trail[trail.index(node):] + [node]
        if node in done:
            return None
        trail.append(node)
        for target in sorted(arrows.get(node, ())):
            cycle = visit(target)
            if cycle:
                return cycle
        trail.pop()
        done.add(node)
        return None

    for node in sorted(arrows):
        cycle = visit(node)
        if cycle:
            return cycle
    return None


def draw_box(folder):
    return f"{re.sub(r'[^a-z]', '_', folder)}[{folder}]"


def find_all_written(source_dir):
    """Whatever is read like code, tests and scripts and the page included."""
    return source_tree.find_files(source_dir, (".c", ".h", ".py", ".sh", ".html", ".js"),
                                  (*source_tree.ROOTS, "tests", "deploy"))


class Survey:
    """Everything the files include, and what is wrong with it."""

    def __init__(self, source_dir, layers):
        self.layers = layers
        self.problems = []
        self.warnings = []
        self.files = source_tree.find_files(source_dir)
        self.modules = defaultdict(set)  # module (x.c and x.h are one) -> modules it includes
        self.folders = defaultdict(set)  # folder -> folders it includes
        self.includers = defaultdict(set)  # header -> .c files that include it
        for path in self.files:
            self.read_file(path, source_tree.read(source_dir, path))
        for path in find_all_written(source_dir):
            self.check_size(path, source_tree.read(source_dir, path))
        self.check_cycle("files", self.modules)
        self.check_cycle("folders", self.folders)
        self.check_hubs()

    def check_size(self, path, code):
        lines = code.count("\n")
        if lines > LINES_MAX:
            self.problems.append(f"{path}: {lines} lines; split it, the limit is {LINES_MAX}")
        elif lines >= LINES_WARN:
            self.warnings.append(f"{path}: {lines} lines; think of a split, the limit is {LINES_MAX}")

    def read_file(self, path, code):
        if self.layers.folder_of(path) is None:
            self.problems.append(f"{path}: its folder is not in layers.txt")
            return
        for include in source_tree.includes_of(code):
            if include.is_system:
                self.check_door(path, include)
            else:
                self.check_arrow(path, include)

    def check_door(self, path, include):
        if not include.name.endswith(".h"):
            self.problems.append(f"{path}:{include.line}: #include {include.name} is no plain "
                                 "file name; name the header itself")
        places = self.layers.places_of(include.name)
        if places is not None and not any(
                path == place or (place.endswith("/") and path.startswith(place))
                for place in places):
            self.problems.append(f"{path}:{include.line}: <{include.name}> may only be included "
                                 f"in {', '.join(places)}")

    def check_arrow(self, path, include):
        if self.layers.places_of(include.name) is not None:
            self.problems.append(f"{path}:{include.line}: write <{include.name}>, it is a library")
            return
        if include.name not in self.files:
            self.problems.append(f"{path}:{include.line}: \"{include.name}\" is no file of ours; "
                                 "write the path from the top folder")
            return
        source, target = (self.layers.folder_of(path), self.layers.folder_of(include.name))
        if target is None:
            return
        if not self.layers.allows(source, target):
            self.problems.append(f"{path}:{include.line}: {source} may not include {target}")
        if source != target:
            self.folders[source].add(target)
        module, other = path[:-2], include.name[:-2]
        if module != other:
            self.modules[module].add(other)
        if path.endswith(".c"):
            self.includers[include.name].add(path)

    def check_cycle(self, what, arrows):
        cycle = find_cycle(arrows)
        if cycle:
            self.problems.append(f"cycle between {what}: {' -> '.join(cycle)}")

    def check_hubs(self):
        def is_common(path):
            return path.startswith(COMMON_FOLDER + "/")

        total = sum(path.endswith(".c") and not is_common(path) for path in self.files)
        for header, includers in sorted(self.includers.items()):
            count = sum(not is_common(path) for path in includers)
            if not is_common(header) and count > max(HUB_FILES_MIN, HUB_SHARE_MAX * total):
                self.problems.append(f"{header}: included by {count} of {total} .c files, more "
                                     "than a quarter; split it by who needs what")

    def draw(self):
        print("flowchart TD")
        for folder in sorted(self.folders):
            for target in sorted(self.folders[folder]):
                print(f"    {draw_box(folder)} --> {draw_box(target)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source_dir")
    parser.add_argument("build_dir", nargs="?", help="not used; the checks are called alike")
    parser.add_argument("--draw", action="store_true")
    parser.add_argument("--layers", default=Path(__file__).with_name("layers.txt"))
    args = parser.parse_args()
    survey = Survey(args.source_dir, Layers(args.layers))
    if args.draw:
        survey.draw()
        return 0
    for warning in survey.warnings:
        print(f"warning: {warning}")
    arrows = sum(len(targets) for targets in survey.modules.values())
    return source_tree.report(survey.problems,
                              f"{len(survey.files)} files, {arrows} arrows, all as in layers.txt")


if __name__ == "__main__":
    sys.exit(main())
