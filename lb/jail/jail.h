/* Takes away from this process, for good, what it needs no more: a seccomp filter (libseccomp), no new
 * privileges, no look from outside (dumpable 0), no capabilities but those for files, and Landlock where the
 * kernel has it. What is refused ends in EPERM (EACCES for files): a stray call of a library costs no request. */
#ifndef LB_JAIL_JAIL_H
#define LB_JAIL_JAIL_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/jail/jail_kind.h"
#include "lb/jail/jail_path.h"

/* LOG: every call is allowed, what STRICT would refuse stands in the kernel's audit log; files are not looked
 * at. OFF: nothing is done at all. */
enum jail_mode { JAIL_OFF, JAIL_LOG, JAIL_STRICT };

/* All borrowed. */
struct jail_options {
    enum jail_mode mode;
    enum jail_kind kind;
    const struct jail_path *paths; /* besides the files of the resolver, the clock and /proc/self */
    unsigned path_count;
};

/* Sockets, files and pipes that are open stay as they are. Never again: exec, fork, listen, bind, code that is
 * not mapped yet. To be called once. Fails: false, and `problem` says what is missing and what to do; then part of
 * it may hold. Thread: the only one (what has begun before keeps its view of the files). */
bool jail_enter(const struct jail_options *options, struct text *problem);

/* Whether it takes files away: those who may read all may then read what is left to them. */
bool jail_restricts_files(enum jail_mode mode);

/* Appends what holds, as the kernel says: "seccomp, Landlock 7", "seccomp; no Landlock, which the kernel has not or a container refuses". */
void jail_append_state(enum jail_mode mode, struct text *out);

/* "strict", "log" or "off". Fails: false, `*out` unchanged. */
bool jail_parse_mode(const char *word, enum jail_mode *out);
const char *jail_mode_word(enum jail_mode mode);

/* Strict; but off with a sanitizer, which starts threads and asks for what no jail allows. */
enum jail_mode jail_default_mode(void);

#endif
