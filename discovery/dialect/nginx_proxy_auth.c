#include "discovery/dialect/nginx_proxy_auth.h"

#include "discovery/dialect/sha1.h"

static void append_hash(struct text *out, struct view bytes)
{
    char hex[SHA1_HEX_BYTES];
    sha1_hex(bytes, hex);
    text_append_str(out, hex);
}

/* A regex may have any character: it is hashed. */
static void append_host(struct text *out, struct view host)
{
    if (view_starts_with(host, VIEW("~")))
        append_hash(out, host);
    else
        text_append(out, host);
}

/* HOST_HASH?, HOST?: that of the path comes first, and neither has to be there. */
static void append_files(struct text *out, struct view host, struct view path)
{
    append_host(out, host);
    text_append_char(out, '_');
    append_hash(out, path);
    text_append_str(out, "?, ");
    append_host(out, host);
    text_append_char(out, '?');
}

/* A host that is no name of a file has none. */
static bool is_name(struct claims *claims, struct view host, struct view files)
{
    struct route_option option = {ROUTE_OPTION_AUTH_FILE, files};
    struct text problem = TEXT_INIT;
    bool is_good = route_option_check(&option, &problem) && view_find(host, '/') < 0;
    if (!is_good)
        claims_remark(claims, "no file in --htpasswd-dir can be called %.*s",
                      host.len < 64 ? (int)host.len : 64, host.ptr);
    text_fini(&problem);
    return is_good;
}

/* Backends of nginx-proxy see who has come in. */
void nginx_proxy_auth_ask(struct claims *claims, struct view host, struct view path,
                          struct route_wishes *wishes)
{
    bool is_regex = view_starts_with(host, VIEW("~"));
    struct text files = TEXT_INIT, realm = TEXT_INIT;
    append_files(&files, host, path);
    text_append_str(&realm, "Restricted ");
    text_append(&realm, is_regex ? VIEW("access") : host);
    if (is_regex || is_name(claims, host, text_view(&files))) {
        wishes->values[ROUTE_OPTION_AUTH_FILE] = claims_keep(claims, text_view(&files));
        wishes->values[ROUTE_OPTION_AUTH_REALM] = claims_keep(claims, text_view(&realm));
        wishes->values[ROUTE_OPTION_AUTH_KEEP] = VIEW("true");
    }
    text_fini(&files);
    text_fini(&realm);
}
