#include "discovery/cell.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lb/base/memory.h"
#include "lb/jail/jail.h"

#define PATHS_MAX 48u

/* The paths are owned. */
struct cell {
    struct jail_path paths[PATHS_MAX];
    unsigned count;
};

static void add(struct cell *cell, const char *path)
{
    if (!path || path[0] == '\0' || cell->count == PATHS_MAX)
        return;
    size_t bytes = strlen(path) + 1;
    char *copy = memory_new(bytes);
    memcpy(copy, path, bytes);
    cell->paths[cell->count++].path = copy;
}

/* The folder of that path, or of that folder. Gives false at the top. */
static bool cut_name(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        memcpy(path, ".", sizeof("."));
    else
        *slash = '\0';
    return path[0] != '\0';
}

/* Its folder, so that it is also seen when another file took its name; where that is not there, the one where it
 * would be made. Only the file itself where it lies at the very top. */
static void add_folder(struct cell *cell, const char *path)
{
    char folder[PATH_MAX];
    struct stat status;
    if (strlen(path) >= sizeof(folder))
        return;
    memcpy(folder, path, strlen(path) + 1);
    while (cut_name(folder) && stat(folder, &status) < 0 && strcmp(folder, ".") != 0)
        continue;
    add(cell, folder);
}

/* The folder of a link, and of what it leads to. */
static void add_file(struct cell *cell, const char *path)
{
    char real[PATH_MAX];
    if (!path || path[0] == '\0')
        return;
    add(cell, path);
    add_folder(cell, path);
    if (realpath(path, real))
        add_folder(cell, real);
}

static void add_agent(struct cell *cell, const struct consul_agent *agent)
{
    add(cell, agent->server.socket_path);
    add_file(cell, agent->token_file);
    add_file(cell, agent->tls.ca_file);
    add(cell, agent->tls.ca_path);
    add_file(cell, agent->tls.cert_file);
    add_file(cell, agent->tls.key_file);
}

/* Where libcurl and OpenSSL look for certificates by themselves. Not /etc/ssl, which has private keys, too. */
static void add_authorities(struct cell *cell)
{
    static const char *const folders[] = {"/etc/ssl/certs", "/usr/share/ca-certificates",
                                          "/usr/local/share/ca-certificates"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        add(cell, folders[i]);
    add(cell, "/etc/ssl/openssl.cnf");
    add_file(cell, getenv("CURL_CA_BUNDLE"));
    add_file(cell, getenv("SSL_CERT_FILE"));
    add(cell, getenv("SSL_CERT_DIR"));
}

static void list_paths(struct cell *cell, const struct options *options)
{
    add_file(cell, options->file_path);
    add(cell, options->docker.socket_path);
    add(cell, options->swarm.socket_path);
    add(cell, options->to_path);
    if (options->follows_consul)
        add_agent(cell, &options->consul.agent);
    if (options->registers)
        add_agent(cell, &options->registrar.agent);
    add_authorities(cell);
}

bool cell_enter(const struct options *options, struct text *told)
{
    struct cell cell = {.count = 0};
    list_paths(&cell, options);
    bool is_in = jail_enter(&(struct jail_options){.mode = options->jail,
                                                   .kind = JAIL_DISCOVERY,
                                                   .paths = cell.paths,
                                                   .path_count = cell.count},
                            told);
    if (is_in)
        jail_append_state(options->jail, told);
    for (unsigned i = 0; i < cell.count; i++)
        free((char *)(uintptr_t)cell.paths[i].path);
    return is_in;
}
