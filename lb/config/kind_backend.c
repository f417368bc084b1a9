#include <stdlib.h>

#include "lb/config/config_endpoint.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"

static void fini(void *field)
{
    struct config_backend *backend = field;
    free(backend->host);
    free(backend->service);
    *backend = (struct config_backend){0};
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    struct config_backend backend;
    const char *wrong = config_endpoint_parse_backend(text, &backend);
    if (wrong)
        return config_value_refuse(setting, text, wrong, problem);
    fini(field);
    *(struct config_backend *)field = backend;
    return true;
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    const struct config_backend *backend = field;
    bool is_v6 = view_find(view_str(backend->host), ':') >= 0;
    (void)setting;
    if (backend->service)
        text_appendf(out, "%s=", backend->service);
    if (backend->protocol != PROTOCOL_HTTP)
        text_appendf(out, "%s://", protocol_word(backend->protocol));
    text_appendf(out, is_v6 ? "[%s]:%u" : "%s:%u", backend->host, backend->port);
}

static bool has_same_service(const struct config_backend *first,
                             const struct config_backend *second)
{
    return first->protocol == second->protocol &&
           view_eq(view_str(first->service), view_str(second->service));
}

static bool is_same(const void *one, const void *other)
{
    const struct config_backend *first = one, *second = other;
    return first->port == second->port && has_same_service(first, second) &&
           view_eq_nocase(view_str(first->host), view_str(second->host));
}

#define PREFIX "^([A-Za-z0-9._-]{1,128}=)?((https|tcp|udp)://)?"

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    return json_pack("{s:o}", "anyOf", config_shape_host_port(PREFIX));
}

const struct config_kind kind_backend = {
    .bytes = sizeof(struct config_backend),
    .parse = parse,
    .format = format,
    .is_same = is_same,
    .fini = fini,
    .accepted =
        "HOST:PORT, for example 10.0.0.2:8484, https://a.test:443 or db=tcp://10.0.0.3:5432",
    .schema = schema,
    .json_type = "a string",
};
