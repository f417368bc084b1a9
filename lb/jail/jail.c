#include "lb/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lb/jail/jail_calls.h"
#include "lb/jail/jail_files.h"
#include "lb/jail/jail_powers.h"

static const char *const words[] = {
    [JAIL_OFF] = "off", [JAIL_LOG] = "log", [JAIL_STRICT] = "strict"};

bool jail_parse_mode(const char *word, enum jail_mode *out)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i]) == 0) {
            *out = (enum jail_mode)i;
            return true;
        }
    }
    return false;
}

const char *jail_mode_word(enum jail_mode mode)
{
    return words[mode];
}

#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

enum jail_mode jail_default_mode(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
    return JAIL_OFF;
#else
    return JAIL_STRICT;
#endif
}

static bool complain(struct text *problem, int rc, const char *what, const char *cause)
{
    text_appendf(problem, "the jail cannot be closed: %s (%s); %s, or set --jail off", what,
                 strerror(-rc), cause);
    return false;
}

bool jail_enter(const struct jail_options *options, struct text *problem)
{
    bool is_strict = options->mode == JAIL_STRICT;
    int rc;
    if (options->mode == JAIL_OFF)
        return true;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return complain(problem, -errno, "the kernel refuses prctl",
                        "allow it in the filter of the container or service");
    if (is_strict && (rc = jail_powers_drop()) < 0)
        return complain(problem, rc, "capabilities cannot be given up",
                        "allow capset in the filter of the container or service");
    if (is_strict && (rc = jail_files_restrict(options->paths, options->path_count)) < 0)
        return complain(problem, rc, "Landlock does not take its rules",
                        "say so to lb's authors with the version of the kernel");
    if ((rc = jail_calls_load(!is_strict, options->kind)) < 0)
        return complain(problem, rc, "the kernel takes no seccomp filter",
                        "use a kernel with CONFIG_SECCOMP_FILTER");
    return true;
}

bool jail_restricts_files(enum jail_mode mode)
{
    return mode == JAIL_STRICT && jail_files_version() > 0;
}

/* No program is allowed to read the root's list of names. */
static bool has_landlock(void)
{
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd < 0;
}

void jail_append_state(enum jail_mode mode, struct text *out)
{
    int version = jail_files_version();
    if (mode == JAIL_OFF)
        text_append_str(out, "none");
    else if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2)
        text_append_str(out, "no seccomp");
    else
        text_append_str(out, mode == JAIL_LOG ? "seccomp, which only logs" : "seccomp");
    if (mode != JAIL_STRICT)
        return;
    if (version > 0 && has_landlock())
        text_appendf(out, ", Landlock %d", version);
    else
        text_append_str(out, "; no Landlock, which the kernel has not or a container refuses");
}
