"""hardening.py sees what a program lacks, one thing at a time."""

import shutil
import subprocess

import hardening
import pytest

CODE = """#include <stdio.h>
#include <string.h>
int main(int count, char **words)
{
    char room[16 * 4];
    strncpy(room, words[0], (size_t)count);
    return printf("%s\\n", room) < count;
}
"""
GOOD = ["-O2", "-fPIE", "-pie", "-D_FORTIFY_SOURCE=2", "-fstack-protector-strong", "-Wl,-z,relro,-z,now",
        "-Wl,-z,noexecstack", "-Wl,--build-id"]


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a compiler")
@pytest.mark.parametrize("flags, what", [
    ([], None),
    (["-fno-pie", "-no-pie"], "is not position independent"),
    (["-Wl,-z,norelro"], "has no GNU_RELRO"),
    (["-Wl,-z,lazy"], "binds lazily"),
    (["-Wl,-z,execstack"], "has an executable stack"),
    (["-Wl,--build-id=none"], "has no build id"),
    (["-Wl,-rpath,/opt/lib"], "looks for libraries in folders of its own"),
    (["-fno-stack-protector"], "has no stack protector"),
    (["-U_FORTIFY_SOURCE"], "has no fortified call"),
])
def test_a_program_that_lacks_one_thing(tmp_path, flags, what):
    source, program = tmp_path / "one.c", tmp_path / "one"
    source.write_text(CODE, encoding="utf-8")
    machine = subprocess.run(["cc", "-dumpmachine"], check=True, capture_output=True, text=True).stdout
    branches = {"x86_64": ["-fcf-protection"], "aarch64": ["-mbranch-protection=standard"]}.get(machine.split("-")[0], [])
    subprocess.run(["cc", "-w", *GOOD, *branches, *flags, str(source), "-o", str(program)], check=True)
    assert list(hardening.problems_of(program)) == ([what] if what else [])
    if branches and not what:
        subprocess.run(["cc", "-w", *GOOD, "-fcf-protection=none" if machine.startswith("x86") else "-mbranch-protection=none",
                        str(source), "-o", str(program)], check=True)
        assert [words.split(" with ")[0] for words in hardening.problems_of(program)] == ["does not begin its functions"]
