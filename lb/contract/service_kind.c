#include "lb/contract/service_kind.h"

static const char *const kinds[] = {
    [SERVICE_HTTP] = "http", [SERVICE_TCP] = "tcp", [SERVICE_UDP] = "udp"};

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
