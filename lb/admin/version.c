#include "lb/admin/version.h"

#include <jansson.h>
#include <uv.h>

#include "lb/http/scanner.h"
#include "lb/tls/tls_library.h"

struct version version_of_parts(void)
{
    return (struct version){.lb = LB_VERSION,
                            .libuv = uv_version_string(),
                            .llhttp = scanner_library_version(),
                            .jansson = JANSSON_VERSION,
                            .openssl = tls_library_version()};
}

void version_append(struct text *out)
{
    struct version version = version_of_parts();
    text_appendf(out, "lb %s (libuv %s, llhttp %s, jansson %s, OpenSSL %s, kTLS is not used)\n",
                 version.lb, version.libuv, version.llhttp, version.jansson, version.openssl);
}
