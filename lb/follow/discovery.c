#include "lb/follow/discovery.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/memory.h"

#define NAME "lb-discovery"

/* The path of lb-discovery beside this program. Fails: false, there is none. */
static bool find_beside(char path[4096])
{
    ssize_t len = readlink("/proc/self/exe", path, 4096 - sizeof(NAME));
    while (len > 0 && path[len - 1] != '/')
        len--;
    if (len <= 0)
        return false;
    memcpy(path + len, NAME, sizeof(NAME));
    return access(path, X_OK) == 0;
}

void discovery_find_program(const struct config *config, char program[CHILD_PATH_BYTES])
{
    char path[4096];
    const char *found = config->discovery_program;
    if (!found)
        found = find_beside(path) ? path : NAME;
    snprintf(program, CHILD_PATH_BYTES, "%s", found);
}

static void set_sources(const struct config *config, struct child_options *child)
{
    const char *engine = config->docker_endpoint;
    unsigned count = 0;
    if (config->source != CONFIG_SOURCE_DOCKER)
        snprintf(child->arguments[count++], CHILD_PATH_BYTES, "--file=%s", config->file_path);
    if (config->source != CONFIG_SOURCE_FILE)
        snprintf(child->arguments[count], CHILD_PATH_BYTES, "--docker%s%s", engine ? "=" : "",
                 engine ? engine : "");
}

static void set_dialects(const struct config *config)
{
    uv_os_setenv("LB_DIALECTS", config->dialects);
    uv_os_setenv("LB_REQUIRE_LABEL", config->requires_label ? "on" : "off");
    uv_os_setenv("LB_TRAEFIK_EXPOSED", config->exposed_by_default ? "on" : "off");
    if (config->default_rule)
        uv_os_setenv("LB_TRAEFIK_DEFAULT_RULE", config->default_rule);
    if (config->htpasswd_dir) /* as nginx-proxy does, a site looks for its own file there */
        uv_os_setenv("LB_HTPASSWD_DIR", config->htpasswd_dir);
    else
        uv_os_unsetenv("LB_HTPASSWD_DIR");
}

/* What lb-discovery reads, and what libraries and sanitizers want; not the token, nor whatever else
 * lb was given. */
static bool is_for_child(struct view entry)
{
    static const struct view names[] = {VIEW("PATH"),
                                        VIEW("HOME"),
                                        VIEW("TZ"),
                                        VIEW("LANG"),
                                        VIEW("TMPDIR"),
                                        VIEW("XDG_RUNTIME_DIR"),
                                        VIEW("LB_CONTAINER_ID"),
                                        VIEW("LB_LOG_LEVEL"),
                                        VIEW("LB_LOG_FORMAT"),
                                        VIEW("LB_DIALECTS"),
                                        VIEW("LB_REQUIRE_LABEL"),
                                        VIEW("LB_TRAEFIK_EXPOSED"),
                                        VIEW("LB_TRAEFIK_DEFAULT_RULE"),
                                        VIEW("LB_HTPASSWD_DIR"),
                                        VIEW("DEFAULT_HOST"),
                                        VIEW("NETWORK_ACCESS"),
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
    static const struct view prefixes[] = {VIEW("DOCKER_"), VIEW("LB_DISCOVERY_"), VIEW("LC_")};
    struct view name = view_cut(&entry, '=');
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (view_eq_nocase(name, names[i]))
            return true;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (view_starts_with(name, prefixes[i]))
            return true;
    return false;
}

/* Gives: an array whose strings are those of the process. */
static char **environment_of_child(void)
{
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    char **list = memory_new((count + 1) * sizeof(*list));
    for (size_t i = 0; i < count; i++)
        if (is_for_child(view_str(environ[i])))
            list[kept++] = environ[i];
    return list;
}

struct child *discovery_start(const struct config *config, struct loop *loop,
                              const struct discovery_options *options)
{
    struct child *child = memory_new(sizeof(*child));
    struct child_options wanted = {.on_line = options->on_line,
                                   .on_trouble = options->on_trouble,
                                   .silence_ms = config->discovery_timeout_ms,
                                   .owner = options->owner};
    discovery_find_program(config, wanted.program);
    set_sources(config, &wanted);
    uv_os_setenv("LB_DISCOVERY_PARENT", "1"); /* so that it does not outlive this process */
    uv_os_setenv("LB_LOG_LEVEL", log_level_word(config->log_level)); /* two programs, one log */
    uv_os_setenv("LB_LOG_FORMAT", log_format_word(config->log_format));
    set_dialects(config);
    wanted.environment = environment_of_child();
    child_init(child, loop, &wanted);
    child_start(child);
    return child;
}
