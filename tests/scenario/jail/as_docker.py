"""Runs a program as Docker's default profile of version 20.10 would: Landlock's calls are refused with EPERM and clone3
with ENOSYS, there are no capabilities and no new privileges. usage: as_docker.py PROGRAM WORD..."""

import ctypes
import errno
import os
import sys

ALLOW, ERRNO = 0x7fff0000, 0x00050000
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 38, 24
REFUSED = {"landlock_create_ruleset": errno.EPERM, "landlock_add_rule": errno.EPERM,
           "landlock_restrict_self": errno.EPERM, "clone3": errno.ENOSYS, "io_uring_setup": errno.EPERM,
           "bpf": errno.EPERM, "mount": errno.EPERM, "unshare": errno.EPERM, "keyctl": errno.EPERM}


def drop_capabilities(libc):
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    assert libc.capset(header, (ctypes.c_uint32 * 6)()) == 0


def main():
    libc, seccomp = ctypes.CDLL(None, use_errno=True), ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    profile = seccomp.seccomp_init(ALLOW)
    for name, number in REFUSED.items():
        call = seccomp.seccomp_syscall_resolve_name(name.encode())
        assert seccomp.seccomp_rule_add(profile, ERRNO | number, call, 0) == 0
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert seccomp.seccomp_load(ctypes.c_void_p(profile)) == 0
    drop_capabilities(libc)
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
