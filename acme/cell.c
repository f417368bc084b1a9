#include "acme/cell.h"

#include <stdlib.h>

static const char *named(const char *variable)
{
    const char *path = getenv(variable);
    return path && path[0] != '\0' ? path : NULL;
}

/* unix:///PATH, consul-unix:///PATH */
static const char *socket_of(const char *url)
{
    const char *at = url ? strstr(url, "unix://") : NULL;
    return at ? at + strlen("unix://") : NULL;
}

bool cell_enter(const struct options *options, struct text *told)
{
    const char *consul =
        options->consul && !options->consul[0] ? named("CONSUL_HTTP_ADDR") : options->consul;
    const char *agent_socket = socket_of(consul);
    /* Not /etc/ssl, which has private keys, too. */
    const struct jail_path paths[] = {
        {.path = "/etc/ssl/certs"},
        {.path = "/usr/share/ca-certificates"},
        {.path = "/usr/local/share/ca-certificates"},
        {.path = "/etc/ssl/openssl.cnf"},
        {.path = named("SSL_CERT_FILE")},
        {.path = named("SSL_CERT_DIR")},
        {.path = named("CONSUL_CACERT")},
        {.path = agent_socket, true},
        {.path = options->ca_file},
        {.path = options->folder, .is_written = true, .has_folders = true}};
    const struct jail_options jail = {.mode = options->jail,
                                      .kind = agent_socket ? JAIL_ACME_UNIX : JAIL_ACME,
                                      .paths = paths,
                                      .path_count = sizeof(paths) / sizeof(paths[0])};
    if (!jail_enter(&jail, told))
        return false;
    jail_append_state(options->jail, told);
    return true;
}
