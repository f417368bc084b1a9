#include "lb/follow/helper_plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lb/base/text.h"
#include "lb/contract/channel.h"

static void append_all(const struct helper_words *words, struct text *out)
{
    for (size_t i = 0; i < words->count; i++)
        text_append(out, view_of(words->list[i], strlen(words->list[i]) + 1));
}

static int write_all(int fd, struct view bytes)
{
    while (bytes.len > 0) {
        ssize_t count = write(fd, bytes.ptr, bytes.len);
        if (count < 0 && errno != EINTR)
            return -errno;
        bytes = view_skip(bytes, count > 0 ? (size_t)count : 0);
    }
    return 0;
}

static int make(struct view head, struct view strings)
{
    int fd = memfd_create("lb-plan", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = write_all(fd, head);
    if (rc == 0)
        rc = write_all(fd, strings);
    if (rc == 0)
        return fd;
    close(fd);
    return rc;
}

int helper_plan_write(const struct helper_plan *plan, uint16_t port_low, uint16_t port_high)
{
    struct text strings = TEXT_INIT;
    text_append(&strings, view_of(plan->program, strlen(plan->program) + 1));
    append_all(&plan->arguments, &strings);
    append_all(&plan->environment, &strings);
    struct channel_plan head = {.argument_count = (uint32_t)plan->arguments.count,
                                .environment_count = (uint32_t)plan->environment.count,
                                .port_low = port_low,
                                .port_high = port_high,
                                .strings_bytes = strings.len};
    int fd = sizeof(head) + strings.len > CHANNEL_PLAN_BYTES_MAX
                 ? -E2BIG
                 : make(view_of((const char *)&head, sizeof(head)), text_view(&strings));
    text_fini(&strings);
    return fd;
}

bool helper_plan_is_same(const struct helper_plan *one, const struct helper_plan *other)
{
    return strcmp(one->program, other->program) == 0 &&
           helper_words_are_same(&one->arguments, &other->arguments) &&
           helper_words_are_same(&one->environment, &other->environment);
}

void helper_plan_fini(struct helper_plan *plan)
{
    helper_words_fini(&plan->arguments);
    helper_words_fini(&plan->environment);
}

/* ---- what is the same for each ------------------------------------------------------------------ */

/* The path of it beside this program. Fails: false, there is none. */
static bool find_beside(const char *name, char path[4096])
{
    size_t name_bytes = strlen(name) + 1;
    ssize_t len = readlink("/proc/self/exe", path, 4096 - name_bytes);
    while (len > 0 && path[len - 1] != '/')
        len--;
    if (len <= 0)
        return false;
    memcpy(path + len, name, name_bytes);
    return access(path, X_OK) == 0;
}

void helper_plan_find(const char *name, char program[CHILD_PATH_BYTES])
{
    char path[4096];
    snprintf(program, CHILD_PATH_BYTES, "%s", find_beside(name, path) ? path : name);
}

bool helper_plan_passes_on(struct view entry)
{
    static const struct view names[] = {VIEW("PATH"),
                                        VIEW("HOME"),
                                        VIEW("TZ"),
                                        VIEW("LANG"),
                                        VIEW("TMPDIR"),
                                        VIEW("SSL_CERT_FILE"),
                                        VIEW("SSL_CERT_DIR"),
                                        VIEW("CURL_CA_BUNDLE"),
                                        VIEW("HTTP_PROXY"),
                                        VIEW("HTTPS_PROXY"),
                                        VIEW("ALL_PROXY"),
                                        VIEW("NO_PROXY"),
                                        VIEW("LD_LIBRARY_PATH"),
                                        VIEW("LD_PRELOAD"),
                                        VIEW("ASAN_OPTIONS"),
                                        VIEW("LSAN_OPTIONS"),
                                        VIEW("TSAN_OPTIONS"),
                                        VIEW("UBSAN_OPTIONS")};
    struct view name = view_cut(&entry, '=');
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (view_eq_nocase(name, names[i]))
            return true;
    return view_starts_with(name, VIEW("LC_"));
}

const char *helper_plan_jail_word(enum config_jail jail)
{
    static const char *const words[] = {
        [CONFIG_JAIL_STRICT] = "strict", [CONFIG_JAIL_LOG] = "log", [CONFIG_JAIL_OFF] = "off"};
    return words[jail];
}
