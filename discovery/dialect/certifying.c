#include "discovery/dialect/certifying.h"

#include "discovery/dialect/certificate_names.h"

static void certify(const struct hearing *hearing, const char *dialect, struct claims *claims)
{
    struct certificate_names names = {.claims = claims, .word = "lb.tls"};
    for (size_t i = 0; i < hearing->count; i++) {
        const struct claims *others = &hearing->statements[i].claims;
        certificate_names_add_routes(&names, others->routes, others->route_count);
    }
    if (names.count == 0)
        claims_remark(claims, "lb.tls=auto: no host is named that a certificate could be for; "
                              "lb.host names one");
    certificate_names_wish(&names, &(struct certificate_wish){.dialect = view_str(dialect),
                                                              .label = claims->certified_by});
}

void certifying_settle(struct hearing *hearing)
{
    for (size_t i = 0; i < hearing->count; i++)
        if (hearing->statements[i].claims.certified_by.len > 0)
            certify(hearing, hearing->table[i].word, &hearing->statements[i].claims);
}
