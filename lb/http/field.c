#include "lb/http/field.h"

static const struct {
    struct view name;
    bool is_hop_by_hop;
} known[FIELD_ID_COUNT] = {
#define XX(id, text, hop_by_hop) [FIELD_##id] = {{text, sizeof(text) - 1}, hop_by_hop},
    FIELD_MAP(XX)
#undef XX
};

static bool are_eight_alike(const char *name, const char *lower)
{
    uint64_t a, b;
    memcpy(&a, name, sizeof(a));
    memcpy(&b, lower, sizeof(b));
    return (a | UINT64_C(0x2020202020202020)) == b;
}

/* Whether a token (RFC 9110 § 5.6.2) is that name of letters, digits and '-' in lower case, as long
 * as itself: no other character of a token becomes one of these by the bit that tells cases apart.
 */
static bool is_name(struct view token, struct view name)
{
    if (name.len >= sizeof(uint64_t)) {
        size_t tail = name.len - sizeof(uint64_t);
        for (size_t at = 0; at < tail; at += sizeof(uint64_t))
            if (!are_eight_alike(token.ptr + at, name.ptr + at))
                return false;
        return are_eight_alike(token.ptr + tail, name.ptr + tail);
    }
    for (size_t i = 0; i < name.len; i++)
        if ((token.ptr[i] | 0x20) != name.ptr[i])
            return false;
    return true;
}

/* Both are as long as the token. */
static enum field_id pick(struct view token, enum field_id one, enum field_id other)
{
    if (is_name(token, known[one].name))
        return one;
    return is_name(token, known[other].name) ? other : FIELD_OTHER;
}

/* Most fields of a request are none of these and are known to be by their length. */
enum field_id field_id_of(struct view name)
{
    switch (name.len) {
    case 2:
        return pick(name, FIELD_TE, FIELD_TE);
    case 3:
        return pick(name, FIELD_VIA, FIELD_VIA);
    case 4:
        return pick(name, FIELD_HOST, FIELD_DATE);
    case 5:
        return pick(name, FIELD_PROXY, FIELD_PROXY);
    case 6:
        return pick(name, FIELD_EXPECT, FIELD_EXPECT);
    case 7:
        return pick(name, FIELD_TRAILER, FIELD_UPGRADE);
    case 9:
        return pick(name, FIELD_X_REAL_IP, FIELD_FORWARDED);
    case 10:
        return pick(name, FIELD_CONNECTION, FIELD_KEEP_ALIVE);
    case 12:
        return pick(name, FIELD_X_REQUEST_ID, FIELD_MAX_FORWARDS);
    case 14:
        return pick(name, FIELD_CONTENT_LENGTH, FIELD_HTTP2_SETTINGS);
    case 15:
        return pick(name, FIELD_X_FORWARDED_FOR, FIELD_X_FORWARDED_FOR);
    case 16:
        return view_lower_char(name.ptr[0]) == 'p'
                   ? pick(name, FIELD_PROXY_CONNECTION, FIELD_PROXY_CONNECTION)
                   : pick(name, FIELD_X_FORWARDED_HOST, FIELD_X_FORWARDED_PORT);
    case 17:
        return pick(name, FIELD_TRANSFER_ENCODING, FIELD_X_FORWARDED_PROTO);
    default:
        return FIELD_OTHER;
    }
}

bool field_is_hop_by_hop(enum field_id id)
{
    return known[id].is_hop_by_hop;
}
