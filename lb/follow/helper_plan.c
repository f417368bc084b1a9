#include "lb/follow/helper_plan.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
