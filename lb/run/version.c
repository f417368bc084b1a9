#include "lb/run/version.h"

#include <jansson.h>
#include <uv.h>

#include "lb/http/parser.h"

void version_append(struct text *out)
{
    text_appendf(out, "lb %s (libuv %s, llhttp %s, jansson %s)\n", LB_VERSION, uv_version_string(),
                 parser_library_version(), JANSSON_VERSION);
}
