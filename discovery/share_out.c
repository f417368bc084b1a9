#include "discovery/share_out.h"

#define WHOLE 100u

/* ---- claims ---------------------------------------------------------------------------------- */

static void add(struct share_out *out, const struct share_out_claim *claim)
{
    for (unsigned i = 0; i < out->count; i++) {
        if (!view_eq(out->claims[i].service, claim->service))
            continue;
        if (!out->claims[i].is_said)
            out->claims[i] = *claim;
        return;
    }
    if (out->count == ROUTE_SHARES_MAX)
        out->has_more = true;
    else
        out->claims[out->count++] = *claim;
}

void share_out_add(struct share_out *out, const struct route *route)
{
    for (unsigned i = 0; i < route->share_count; i++)
        add(out,
            &(struct share_out_claim){route->shares[i].service, true, route->shares[i].weight});
    if (route->share_count == 0)
        add(out, &(struct share_out_claim){route->service, route->has_weight, route->weight});
}

bool share_out_is_one(const struct share_out *out)
{
    bool is_said = false;
    for (unsigned i = 0; i < out->count; i++)
        is_said |= out->claims[i].is_said;
    return is_said && out->count > 1;
}

/* ---- shares ---------------------------------------------------------------------------------- */

/* Whole numbers: what is left may not be divisible by those who share it, so that the others are
 * multiplied instead. */
void share_out_settle(const struct share_out *out, struct route_share *shares)
{
    unsigned silent_count = 0, said = 0;
    for (unsigned i = 0; i < out->count; i++) {
        silent_count += !out->claims[i].is_said;
        said += out->claims[i].weight;
    }
    unsigned rest = said < WHOLE ? WHOLE - said : 0;
    bool is_whole = silent_count == 0 || rest % silent_count == 0;
    unsigned each = silent_count > 0 && is_whole ? rest / silent_count : rest;
    for (unsigned i = 0; i < out->count; i++) {
        unsigned weight = out->claims[i].weight * (is_whole ? 1 : silent_count);
        shares[i] =
            (struct route_share){out->claims[i].service, out->claims[i].is_said ? weight : each};
    }
}

/* ---- whose treatment ------------------------------------------------------------------------- */

static const enum route_option_kind protections[] = {ROUTE_OPTION_ALLOW, ROUTE_OPTION_DENY,
                                                     ROUTE_OPTION_AUTH, ROUTE_OPTION_AUTH_FILE};
#define PROTECTION_COUNT (sizeof(protections) / sizeof(protections[0]))

static struct view protection(const struct route *route, size_t index)
{
    return route_option_find(route->options, route->option_count, protections[index]);
}

bool share_out_is_protected(const struct route *route)
{
    bool is_any = false;
    for (size_t i = 0; i < PROTECTION_COUNT; i++)
        is_any |= protection(route, i).ptr != NULL;
    return is_any;
}

bool share_out_may_stand_for(const struct route *by, const struct route *other)
{
    bool is_same = true;
    for (size_t i = 0; i < PROTECTION_COUNT; i++) {
        struct view a = protection(by, i), b = protection(other, i);
        is_same &= !a.ptr == !b.ptr && view_eq(a, b);
    }
    return is_same || !share_out_is_protected(other);
}
