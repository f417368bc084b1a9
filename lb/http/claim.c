#include "lb/http/claim.h"

#include "lb/base/alike.h"

/* Beside all that begins with "x-forwarded", and those that have a field_id. claim_of knows how
 * they begin. What proxies and the edges of clouds write, and applications look for. */
static const struct view claims[] = {
    VIEW("x-real-ip"),
    VIEW("x-host"),
    VIEW("x-https"),
    VIEW("x-scheme"),
    VIEW("x-url-scheme"),
    VIEW("x-client-ip"),
    VIEW("x-cluster-client-ip"),
    VIEW("x-proxyuser-ip"),
    VIEW("x-original-for"),
    VIEW("x-original-forwarded-for"),
    VIEW("x-original-host"),
    VIEW("x-original-proto"),
    VIEW("x-original-url"),
    VIEW("x-rewrite-url"),
    VIEW("x-remote-addr"),
    VIEW("x-remote-ip"),
    VIEW("x-remote-user"),
    VIEW("x-appengine-user-ip"),
    VIEW("x-envoy-external-address"),
    VIEW("x-azure-clientip"),
    VIEW("x-azure-socketip"),
    VIEW("client-ip"),
    VIEW("cf-connecting-ip"),
    VIEW("cf-connecting-ipv6"),
    VIEW("cf-visitor"),
    VIEW("cloudfront-forwarded-proto"),
    VIEW("cloudfront-viewer-address"),
    VIEW("fastly-client-ip"),
    VIEW("fly-client-ip"),
    VIEW("forwarded-for"),
    VIEW("front-end-https"),
    VIEW("proxy-client-ip"),
    VIEW("remote-user"),
    VIEW("true-client-ip"),
    VIEW("wl-proxy-client-ip"),
};

/* lb's own word alone: whoever is trusted may pass on what a client said, and these let one in. */
static const struct view own[] = {
    VIEW("x-forwarded-ssl"), /* X-Forwarded-Proto says it */
    VIEW("client-cert"),     /* RFC 9440 */
    VIEW("client-cert-chain"),
};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static bool has_mark(struct view name, size_t at)
{
    return name.len > at && alike_is_mark(name.ptr[at]);
}

/* Whether the first mark is where one of the names has it. */
static bool may_be(struct view name)
{
    switch (name.ptr[0] | 0x20) {
    case 'x':
        return has_mark(name, 1);
    case 'c': /* cf-, client-, cloudfront- */
        return has_mark(name, 2) || has_mark(name, 6) || has_mark(name, 10);
    case 'f': /* fly-, front-, fastly-, forwarded- */
        return has_mark(name, 3) || has_mark(name, 5) || has_mark(name, 6) || has_mark(name, 9);
    case 'p': /* proxy- */
        return has_mark(name, 5);
    case 'r': /* remote- */
        return has_mark(name, 6);
    case 't': /* true- */
        return has_mark(name, 4);
    default: /* wl- */
        return has_mark(name, 2);
    }
}

/* Whether the name is that one (in lower case) when each mark is the same. */
static bool folds_to(struct view name, struct view known)
{
    if (name.len != known.len)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (known.ptr[i] == '-' ? !alike_is_mark(name.ptr[i])
                                : view_lower_char(name.ptr[i]) != known.ptr[i])
            return false;
    return true;
}

static bool folds_to_any(struct view name, const struct view *known, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (folds_to(name, known[i]))
            return true;
    return false;
}

static bool begins_as(struct view name, struct view prefix)
{
    return name.len >= prefix.len && folds_to(view_of(name.ptr, prefix.len), prefix);
}

static bool has_other_mark(struct view name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] != '-' && alike_is_mark(name.ptr[i]))
            return true;
    return false;
}

enum claim claim_find(struct view name)
{
    if (!may_be(name))
        return CLAIM_NONE;
    if (begins_as(name, VIEW("x-ssl-client-")) || folds_to_any(name, own, COUNT_OF(own)))
        return CLAIM_OWN;
    bool is_alias = has_other_mark(name);
    bool is_claim = begins_as(name, VIEW("x-forwarded")) ||
                    folds_to_any(name, claims, COUNT_OF(claims)) ||
                    (is_alias && folds_to(name, VIEW("x-request-id")));
    if (!is_claim)
        return CLAIM_NONE;
    return is_alias ? CLAIM_ALIAS : CLAIM_PLAIN;
}
