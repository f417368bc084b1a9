#include "lb/contract/protocol.h"

static const char *const words[] = {
#define XX(name, word) [PROTOCOL_##name] = (word),
    PROTOCOL_MAP(XX)
#undef XX
};

static const char *const kinds[] = {
    [SERVICE_HTTP] = "http", [SERVICE_TCP] = "tcp", [SERVICE_UDP] = "udp"};

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
        return protocol == PROTOCOL_HTTP;
    case SERVICE_TCP:
        return protocol != PROTOCOL_UDP;
    default:
        return protocol == PROTOCOL_UDP;
    }
}

const char *service_kind_word(enum service_kind kind)
{
    return kinds[kind];
}

enum service_kind service_kind_parse(struct view word)
{
    unsigned kind = 0;
    while (kind < SERVICE_KIND_COUNT && !view_eq(word, view_str(kinds[kind])))
        kind++;
    return (enum service_kind)kind;
}
