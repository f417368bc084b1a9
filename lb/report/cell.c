#include "lb/report/cell.h"

#include <stdlib.h>

static const char *named(const char *variable)
{
    const char *path = getenv(variable);
    return path && path[0] != '\0' ? path : NULL;
}

const char *cell_authorities(void)
{
    return named("SSL_CERT_FILE");
}

const char *cell_more_authorities(void)
{
    return named("SSL_CERT_DIR");
}

bool cell_enter(enum jail_mode mode, struct text *told)
{
    /* Not /etc/ssl, which has private keys, too. */
    const struct jail_path paths[] = {{.path = "/etc/ssl/certs"},
                                      {.path = "/usr/share/ca-certificates"},
                                      {.path = "/usr/local/share/ca-certificates"},
                                      {.path = "/etc/ssl/openssl.cnf"},
                                      {.path = cell_authorities()},
                                      {.path = cell_more_authorities()}};
    const struct jail_options options = {.mode = mode,
                                         .kind = JAIL_REPORT,
                                         .paths = paths,
                                         .path_count = sizeof(paths) / sizeof(paths[0])};
    if (!jail_enter(&options, told))
        return false;
    jail_append_state(mode, told);
    return true;
}
