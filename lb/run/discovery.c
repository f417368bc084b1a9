#include "lb/run/discovery.h"

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

static void set_program(const struct config *config, struct child_options *child)
{
    char path[4096];
    const char *program = config->discovery_program;
    if (!program)
        program = find_beside(path) ? path : NAME;
    snprintf(child->program, sizeof(child->program), "%s", program);
}

static void set_source(const struct config *config, struct child_options *child)
{
    if (config->source == CONFIG_SOURCE_FILE)
        snprintf(child->argument, sizeof(child->argument), "--file=%s", config->file_path);
    else if (config->docker_endpoint)
        snprintf(child->argument, sizeof(child->argument), "--docker=%s", config->docker_endpoint);
    else
        snprintf(child->argument, sizeof(child->argument), "--docker");
}

struct child *discovery_start(const struct config *config, struct loop *loop,
                              const struct discovery_options *options)
{
    struct child *child = memory_new(sizeof(*child));
    struct child_options wanted = {.on_line = options->on_line,
                                   .on_trouble = options->on_trouble,
                                   .silence_ms = config->discovery_timeout_ms,
                                   .owner = options->owner};
    set_program(config, &wanted);
    set_source(config, &wanted);
    uv_os_setenv("LB_DISCOVERY_PARENT", "1"); /* so that it does not outlive this process */
    uv_os_setenv("LB_LOG_LEVEL", log_level_word(config->log_level)); /* two programs, one log */
    uv_os_setenv("LB_LOG_FORMAT", log_format_word(config->log_format));
    child_init(child, loop, &wanted);
    child_start(child);
    return child;
}
