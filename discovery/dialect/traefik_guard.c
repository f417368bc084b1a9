#include "discovery/dialect/traefik_guard.h"

#include <string.h>

#include "lb/base/cidr.h"
#include "lb/base/yes_no.h"

/* ---- addresses ------------------------------------------------------------------------------ */

static bool append_range(struct text *list, struct view written)
{
    char buffer[CIDR_TEXT_BYTES];
    struct cidr cidr;
    if (!cidr_parse_masking(written, &cidr))
        return false;
    text_append_str(list, list->len > 0 ? ", " : "");
    text_append_str(list, cidr_format(&cidr, buffer));
    return true;
}

/* False: it is no list of ranges, or a longer one than there may be. */
static bool append_ranges(struct text *list, const struct traefik_item *item, const char *word)
{
    struct view ranges[TRAEFIK_LIST_MAX];
    size_t count = traefik_item_list(item, word, ranges);
    bool is_good = count > 0 && count < TRAEFIK_LIST_MAX;
    for (size_t i = 0; i < count && is_good; i++)
        is_good = append_range(list, ranges[i]);
    return is_good;
}

static void tell_status(struct traefik_treatment *treatment, const struct traefik_item *item,
                        const char *status)
{
    if (status[0] != '\0' && strcmp(status, "403") != 0)
        claims_remark(treatment->claims, "the middleware %s: rejectstatuscode is always 403",
                      item->name);
}

void traefik_guard_allow(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    struct text list = TEXT_INIT;
    bool is_old = traefik_item_has(item, "ipwhitelist");
    bool is_good =
        append_ranges(&list, item, is_old ? "ipwhitelist.sourcerange" : "ipallowlist.sourcerange");
    bool is_first = !traefik_treatment_asks(treatment, ROUTE_OPTION_ALLOW);
    if (!is_good || !is_first || traefik_item_has(item, "ipallowlist.ipstrategy") ||
        traefik_item_has(item, "ipwhitelist.ipstrategy"))
        traefik_treatment_refuse(
            treatment, CLAIMS_DENIED_STATUS,
            "the middleware %s: one list of up to 63 ranges of addresses, without ipStrategy, is "
            "supported",
            item->name);
    else
        traefik_treatment_ask(treatment, item, ROUTE_OPTION_ALLOW, text_view(&list));
    tell_status(treatment, item, traefik_item_get(item, "ipallowlist.rejectstatuscode"));
    text_fini(&list);
}

/* ---- users ---------------------------------------------------------------------------------- */

#define USERS_FILE "basicauth.usersfile"

static void refuse_auth(struct traefik_treatment *treatment, const struct traefik_item *item,
                        const char *why)
{
    traefik_treatment_refuse(treatment, CLAIMS_DENIED_STATUS,
                             "the middleware %s (basicauth): %s; nothing is served without it",
                             item->name, why);
}

static void read_users(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    struct view users[TRAEFIK_LIST_MAX];
    size_t count = traefik_item_list(item, "basicauth.users", users);
    struct text list = TEXT_INIT;
    for (size_t i = 0; i < count; i++)
        text_appendf(&list, "%s%.*s", i == 0 ? "" : ",", (int)users[i].len, users[i].ptr);
    if (count == TRAEFIK_LIST_MAX)
        refuse_auth(treatment, item, "more than 63 users have to be in a file of --htpasswd-dir");
    else if (count > 0)
        traefik_treatment_ask(treatment, item, ROUTE_OPTION_AUTH, text_view(&list));
    text_fini(&list);
}

/* Where it would be for Traefik is nothing to lb. */
static void read_file(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    struct view file = view_str(traefik_item_get(item, USERS_FILE));
    if (view_find(file, '/') >= 0)
        refuse_auth(treatment, item,
                    "usersfile is accepted as the name, without a path, of a file in "
                    "--htpasswd-dir");
    else
        traefik_treatment_ask(treatment, item, ROUTE_OPTION_AUTH_FILE, file);
}

static void read_realm(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    const char *realm = traefik_item_get(item, "basicauth.realm");
    traefik_treatment_ask(treatment, item, ROUTE_OPTION_AUTH_REALM, VIEW("traefik"));
    if (realm[0] != '\0')
        traefik_treatment_ask(treatment, item, ROUTE_OPTION_AUTH_REALM, view_str(realm));
}

void traefik_guard_auth(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    static const char *const known[] = {"basicauth.users", "basicauth.realm",
                                        "basicauth.headerfield", "basicauth.removeheader", NULL};
    const char *header = traefik_item_get(item, "basicauth.headerfield");
    bool has_file = traefik_item_get(item, USERS_FILE)[0] != '\0';
    bool has_users = traefik_item_has(item, "basicauth.users[") ||
                     traefik_item_get(item, "basicauth.users")[0] != '\0';
    if (traefik_treatment_asks(treatment, ROUTE_OPTION_AUTH_REALM))
        refuse_auth(treatment, item, "one of a router is supported");
    if (has_file == has_users)
        refuse_auth(treatment, item, "either users or usersfile is supported");
    else if (has_file)
        read_file(treatment, item);
    else
        read_users(treatment, item);
    read_realm(treatment, item);
    if (header[0] != '\0')
        traefik_treatment_ask(treatment, item, ROUTE_OPTION_AUTH_HEADER, view_str(header));
    if (yes_no_read(view_str(traefik_item_get(item, "basicauth.removeheader"))) != YES_NO_YES)
        traefik_treatment_ask(treatment, item, ROUTE_OPTION_AUTH_KEEP, VIEW("true"));
    traefik_treatment_tell_others(treatment, item, known);
}
