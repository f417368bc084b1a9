#include "lb/contract/protocol.h"

static const char *const words[] = {
#define XX(name, word) [PROTOCOL_##name] = (word),
    PROTOCOL_MAP(XX)
#undef XX
};

const char *protocol_word(enum protocol protocol)
{
    return words[protocol];
}

enum protocol protocol_parse(struct view word)
{
    unsigned protocol = 0;
    while (protocol < PROTOCOL_COUNT && !view_eq(word, view_str(words[protocol])))
        protocol++;
    return (enum protocol)protocol;
}

bool protocol_serves(enum protocol protocol, enum service_kind kind)
{
    switch (kind) {
    case SERVICE_HTTP:
        return protocol == PROTOCOL_HTTP || protocol == PROTOCOL_HTTPS;
    case SERVICE_TCP:
        return protocol != PROTOCOL_UDP;
    default:
        return protocol == PROTOCOL_UDP;
    }
}
