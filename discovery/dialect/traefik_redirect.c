#include "discovery/dialect/traefik_redirect.h"

#include "discovery/dialect/traefik_path.h"
#include "lb/base/yes_no.h"

#define HTTP_PORT  80
#define HTTPS_PORT 443

static const char *status_of(const struct traefik_item *item, const char *word)
{
    return yes_no_read(view_str(traefik_item_get(item, word))) == YES_NO_YES ? "301 " : "302 ";
}

static void ask(struct traefik_treatment *treatment, const struct traefik_item *item,
                const struct text *value)
{
    if (traefik_treatment_asks(treatment, ROUTE_OPTION_REDIRECT) &&
        !view_eq(treatment->wishes.values[ROUTE_OPTION_REDIRECT], text_view(value)))
        traefik_treatment_refuse(treatment, CLAIMS_DENIED_STATUS,
                                 "the middleware %s: one redirect of a router is supported",
                                 item->name);
    traefik_treatment_ask(treatment, item, ROUTE_OPTION_REDIRECT, text_view(value));
}

/* False: it is none. */
static bool append_scheme(struct text *value, struct view scheme, struct view port)
{
    bool is_https = view_eq_nocase(scheme, VIEW("https"));
    uint64_t usual = is_https ? HTTPS_PORT : HTTP_PORT, number = usual;
    if (!is_https && !view_eq_nocase(scheme, VIEW("http")))
        return false;
    text_append_str(value, is_https ? "https" : "http");
    if (port.len > 0 && (!view_parse_u64(port, 65535, &number) || number == 0))
        return false;
    if (number != usual)
        text_appendf(value, ":%u", (unsigned)number);
    return true;
}

/* Traefik leads to what earlier middlewares have left of the path, which is hardly ever meant. */
void traefik_redirect_scheme(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    struct text value = TEXT_INIT;
    text_append_str(&value, status_of(item, "redirectscheme.permanent"));
    if (traefik_path_is_changed(treatment))
        claims_remark(treatment->claims,
                      "the middleware %s leads to the path as the client has sent it", item->name);
    if (append_scheme(&value, view_str(traefik_item_get(item, "redirectscheme.scheme")),
                      view_str(traefik_item_get(item, "redirectscheme.port"))))
        ask(treatment, item, &value);
    else
        traefik_treatment_refuse(treatment, TRAEFIK_ERROR_STATUS,
                                 "the middleware %s: the scheme https or http, and a port from 1 "
                                 "to 65535, is accepted",
                                 item->name);
    text_fini(&value);
}

/* False: the regex would be one for the path that the others leave. */
static bool is_first(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    if (traefik_path_is_changed(treatment))
        traefik_treatment_refuse(
            treatment, CLAIMS_DENIED_STATUS,
            "the middleware %s: redirectRegex is supported before those that change the path",
            item->name);
    return !traefik_path_is_changed(treatment);
}

void traefik_redirect_regex(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    struct view regex = view_str(traefik_item_get(item, "redirectregex.regex"));
    struct view replacement = view_str(traefik_item_get(item, "redirectregex.replacement"));
    struct text value = TEXT_INIT;
    text_append_str(&value, status_of(item, "redirectregex.permanent"));
    if (traefik_treatment_append_swap(treatment, item, regex, replacement, &value) &&
        is_first(treatment, item))
        ask(treatment, item, &value);
    traefik_treatment_tell_once(treatment, item, regex);
    text_fini(&value);
}
