#include "lb/http/field.h"

static const struct {
    struct view name;
    bool is_hop_by_hop;
} known[FIELD_ID_COUNT] = {
#define XX(id, text, hop_by_hop) [FIELD_##id] = {{text, sizeof(text) - 1}, hop_by_hop},
    FIELD_MAP(XX)
#undef XX
};

/* Whether so many characters of a token (RFC 9110 § 5.6.2) are those of a name of letters, digits and '-' in lower
 * case: no other character of a token becomes one of these by the bit that tells cases apart. */
static bool are_eight_alike(const char *token, const char *name)
{
    uint64_t a, b;
    memcpy(&a, token, sizeof(a));
    memcpy(&b, name, sizeof(b));
    return (a | UINT64_C(0x2020202020202020)) == b;
}

static bool are_four_alike(const char *token, const char *name)
{
    uint32_t a, b;
    memcpy(&a, token, sizeof(a));
    memcpy(&b, name, sizeof(b));
    return (a | UINT32_C(0x20202020)) == b;
}

/* The token is as long as the name. The last characters are compared together with some before them. */
static bool is_name(struct view token, struct view name)
{
    if (name.len < 4) {
        for (size_t i = 0; i < name.len; i++)
            if ((token.ptr[i] | 0x20) != name.ptr[i])
                return false;
        return true;
    }
    if (name.len < 8)
        return are_four_alike(token.ptr, name.ptr) &&
               are_four_alike(token.ptr + name.len - 4, name.ptr + name.len - 4);
    for (size_t at = 0; at < name.len - 8; at += 8)
        if (!are_eight_alike(token.ptr + at, name.ptr + at))
            return false;
    return are_eight_alike(token.ptr + name.len - 8, name.ptr + name.len - 8);
}

/* Names are as good as told apart by how long they are and how they begin. */
#define KEY(len, letter) ((size_t)(len) << 8 | (unsigned char)(letter))

/* The one that the token may be. */
static enum field_id candidate(struct view token)
{
    switch (KEY(token.len, token.ptr[0] | 0x20)) {
    case KEY(2, 't'):
        return FIELD_TE;
    case KEY(3, 'v'):
        return FIELD_VIA;
    case KEY(4, 'd'):
        return FIELD_DATE;
    case KEY(4, 'h'):
        return FIELD_HOST;
    case KEY(5, 'p'):
        return FIELD_PROXY;
    case KEY(6, 'a'):
        return FIELD_ACCEPT;
    case KEY(6, 'e'):
        return FIELD_EXPECT;
    case KEY(7, 'r'):
        return FIELD_REFERER;
    case KEY(7, 't'):
        return FIELD_TRAILER;
    case KEY(7, 'u'):
        return FIELD_UPGRADE;
    case KEY(9, 'f'):
        return FIELD_FORWARDED;
    case KEY(9, 'x'):
        return FIELD_X_REAL_IP;
    case KEY(10, 'c'):
        return FIELD_CONNECTION;
    case KEY(10, 't'):
        return FIELD_TRACESTATE;
    case KEY(10, 'k'):
        return FIELD_KEEP_ALIVE;
    case KEY(10, 'u'):
        return FIELD_USER_AGENT;
    case KEY(11, 't'):
        return FIELD_TRACEPARENT;
    case KEY(12, 'm'):
        return FIELD_MAX_FORWARDS;
    case KEY(12, 's'):
        return FIELD_SENTRY_TRACE;
    case KEY(12, 'x'):
        return FIELD_X_REQUEST_ID;
    case KEY(14, 'c'):
        return FIELD_CONTENT_LENGTH;
    case KEY(14, 'h'):
        return FIELD_HTTP2_SETTINGS;
    case KEY(15, 'x'):
        return FIELD_X_FORWARDED_FOR;
    case KEY(16, 'p'):
        return FIELD_PROXY_CONNECTION;
    case KEY(16, 'x'):
        return (token.ptr[12] | 0x20) == 'h' ? FIELD_X_FORWARDED_HOST : FIELD_X_FORWARDED_PORT;
    case KEY(17, 't'):
        return FIELD_TRANSFER_ENCODING;
    case KEY(17, 'x'):
        return FIELD_X_FORWARDED_PROTO;
    default:
        return FIELD_OTHER;
    }
}

enum field_id field_id_of(struct view name)
{
    enum field_id id = candidate(name);
    return id != FIELD_OTHER && is_name(name, known[id].name) ? id : FIELD_OTHER;
}

bool field_is_hop_by_hop(enum field_id id)
{
    return known[id].is_hop_by_hop;
}
