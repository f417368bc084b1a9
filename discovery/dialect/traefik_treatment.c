#include "discovery/dialect/traefik_treatment.h"

#include <stdio.h>

#include "discovery/dialect/traefik_regex.h"

void traefik_treatment_refuse(struct traefik_treatment *treatment, unsigned status,
                              const char *format, ...)
{
    va_list args;
    if (treatment->refused_status > 0)
        return;
    treatment->refused_status = status;
    va_start(args, format);
    vsnprintf(treatment->refused, sizeof(treatment->refused), format, args);
    va_end(args);
}

bool traefik_treatment_asks(const struct traefik_treatment *treatment, enum route_option_kind kind)
{
    return treatment->wishes.values[kind].len > 0;
}

void traefik_treatment_ask(struct traefik_treatment *treatment, const struct traefik_item *by,
                           enum route_option_kind kind, struct view value)
{
    struct route_option option = {kind, value};
    struct text problem = TEXT_INIT;
    if (route_option_check(&option, &problem))
        treatment->wishes.values[kind] = claims_keep(treatment->claims, value);
    else if (route_wishes_is_needed(kind))
        traefik_treatment_refuse(treatment, CLAIMS_DENIED_STATUS, "the middleware %s: %s", by->name,
                                 text_str(&problem));
    else
        claims_remark(treatment->claims, "the middleware %s: %s", by->name, text_str(&problem));
    text_fini(&problem);
}

static bool is_known(const char *word, const char *const *known)
{
    while (*known && !view_starts_with(view_str(word), view_str(*known)))
        known++;
    return *known != NULL;
}

void traefik_treatment_tell_others(struct traefik_treatment *treatment,
                                   const struct traefik_item *item, const char *const *known)
{
    for (size_t i = 0; i < item->count; i++)
        if (!is_known(item->options[i].word, known))
            claims_remark(treatment->claims, "the middleware %s: %s is not supported", item->name,
                          item->options[i].word);
}

bool traefik_treatment_append_swap(struct traefik_treatment *treatment,
                                   const struct traefik_item *item, struct view regex,
                                   struct view replacement, struct text *out)
{
    text_append_char(out, '~');
    text_append(out, regex);
    text_append_char(out, ' ');
    if (regex.len > 0 && traefik_regex_append_replacement(regex, replacement, out))
        return true;
    traefik_treatment_refuse(treatment, TRAEFIK_ERROR_STATUS,
                             "the middleware %s: a regex, and a replacement that has $1 to $9 of "
                             "it, is accepted",
                             item->name);
    return false;
}

void traefik_treatment_tell_once(struct traefik_treatment *treatment,
                                 const struct traefik_item *item, struct view regex)
{
    if (regex.len > 0 && !traefik_regex_is_found_once(regex))
        claims_remark(treatment->claims,
                      "the middleware %s: what its regex finds is replaced once, even if it is "
                      "there again",
                      item->name);
}
