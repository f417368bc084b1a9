#include "lb/front/preface.h"

bool preface_is_expected(const struct front_options *options, const struct address *peer)
{
    for (unsigned i = 0; i < options->prefaced.count; i++)
        if (cidr_contains(&options->prefaced.cidrs[i], peer))
            return true;
    return false;
}

enum preface_result preface_read(struct view bytes, const struct address *peer, struct preface *out)
{
    struct proxy_header header;
    *out = (struct preface){.client = *peer};
    switch (proxy_header_read(bytes, &header)) {
    case PROXY_HEADER_MORE:
        return PREFACE_MORE;
    case PROXY_HEADER_NOT_ONE:
        out->problem = "it is missing";
        return address_is_loopback(peer) ? PREFACE_DONE : PREFACE_WRONG;
    case PROXY_HEADER_WRONG:
        out->problem = header.problem;
        return PREFACE_WRONG;
    case PROXY_HEADER_DONE:
        out->len = header.len;
        if (header.has_addresses) {
            out->client = header.source;
            out->reached = header.destination;
        }
        return PREFACE_DONE;
    }
    return PREFACE_WRONG;
}
