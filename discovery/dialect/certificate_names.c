#include "discovery/dialect/certificate_names.h"

#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/base/yes_no.h"

#define SHOWN_BYTES 64

static bool has(const struct certificate_names *names, struct view name)
{
    unsigned i = 0;
    while (i < names->count && !view_eq(names->names[i], name))
        i++;
    return i < names->count;
}

static void tell(const struct certificate_names *names, struct view name, const char *problem)
{
    char *shown = clean_copy(name, SHOWN_BYTES);
    claims_remark(names->claims, "%s: there is no certificate for \"%s\" by ACME: it %s",
                  names->word, shown, problem);
    free(shown);
}

void certificate_names_add(struct certificate_names *names, struct view name)
{
    char room[CERTIFICATE_WISH_NAME_BYTES_MAX];
    struct text problem = TEXT_INIT;
    struct view trimmed = yes_no_trim(name), read;
    if (!certificate_wish_read_name(trimmed, room, &read, &problem))
        tell(names, trimmed, text_str(&problem));
    else if (has(names, read))
        ;
    else if (names->count == CERTIFICATE_WISH_NAMES_MAX)
        tell(names, trimmed, "would be one name more than the 100 that a certificate has");
    else
        names->names[names->count++] = claims_keep(names->claims, read);
    text_fini(&problem);
}

/* What stands for all hosts names none. */
void certificate_names_add_routes(struct certificate_names *names, const struct route *routes,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct route_pattern host = routes[i].host;
        bool is_named = host.kind == ROUTE_HOST && host.text.len > 0;
        if (is_named && routes[i].answer_status == 0)
            certificate_names_add(names, host.text);
    }
}

void certificate_names_wish(const struct certificate_names *names,
                            const struct certificate_wish *base)
{
    struct certificate_wish wish = *base;
    struct view *kept;
    if (names->count == 0)
        return;
    kept = claims_room(names->claims, names->count * sizeof(kept[0]));
    memcpy(kept, names->names, names->count * sizeof(kept[0]));
    wish.names = kept;
    wish.name_count = names->count;
    claims_add_certificate(names->claims, &wish);
}
