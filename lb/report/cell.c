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
    const struct jail_path paths[] = {{"/etc/ssl/certs", false},
                                      {"/usr/share/ca-certificates", false},
                                      {"/usr/local/share/ca-certificates", false},
                                      {"/etc/ssl/openssl.cnf", false},
                                      {cell_authorities(), false},
                                      {cell_more_authorities(), false}};
    const struct jail_options options = {.mode = mode,
                                         .kind = JAIL_REPORT,
                                         .paths = paths,
                                         .path_count = sizeof(paths) / sizeof(paths[0])};
    if (!jail_enter(&options, told))
        return false;
    jail_append_state(mode, told);
    return true;
}
