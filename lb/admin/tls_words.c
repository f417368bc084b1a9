#include "lb/admin/tls_words.h"

/* What its certificate has to be for; "": anything. */
static const char *name_of(const struct endpoint *endpoint)
{
    const struct upstream_tls *tls = &endpoint->policy->tls;
    if (tls->name[0])
        return tls->name;
    return endpoint->server_name ? endpoint->server_name : "";
}

static bool is_told(const struct endpoint *endpoint)
{
    return endpoint->is_by_tls && endpoint->policy;
}

static void append_whose(const struct upstream_tls *tls, struct text *out)
{
    if (tls->ca[0])
        text_appendf(out, ", by %s", tls->ca);
    else
        text_append_str(out, ", by the authorities of the system");
}

void tls_words_append(const struct endpoint *endpoint, struct text *out)
{
    if (!is_told(endpoint))
        return;
    const struct upstream_tls *tls = &endpoint->policy->tls;
    const char *name = name_of(endpoint);
    if (tls->verify == UPSTREAM_TLS_REFUSES) {
        text_append_str(out,
                        "it is not believed, as what is said of its certificate cannot be used");
    } else if (!upstream_tls_verifies(tls)) {
        text_append_str(out, "its certificate is not verified");
        if (name[0])
            text_appendf(out, "; it is asked for %s", name);
    } else {
        text_append_str(out, "its certificate is verified");
        append_whose(tls, out);
        text_append_str(out, ", for ");
        text_append_str(out, name[0] ? name : "any name");
    }
    if (tls->certificate[0])
        text_appendf(out, "; it is shown %s", tls->certificate);
}

void tls_words_write(const struct endpoint *endpoint, struct json_writer *json)
{
    if (!is_told(endpoint))
        return;
    const struct upstream_tls *tls = &endpoint->policy->tls;
    json_writer_key(json, "tls");
    json_writer_begin_object(json);
    json_writer_field_bool(json, "verified", upstream_tls_verifies(tls));
    json_writer_field_if_any(json, "ca", tls->ca);
    json_writer_field_if_any(json, "name", name_of(endpoint));
    json_writer_field_if_any(json, "certificate", tls->certificate);
    json_writer_end_object(json);
}
