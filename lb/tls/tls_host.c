#include "lb/tls/tls_host.h"

bool tls_host_covers(const struct tls_host *host, struct view name)
{
    for (unsigned i = 0; i < TLS_KEY_TYPE_COUNT; i++)
        if (host->identities[i] && tls_identity_covers(host->identities[i], name))
            return true;
    return false;
}

int64_t tls_host_not_after_s(const struct tls_host *host)
{
    int64_t latest = 0;
    for (unsigned i = 0; i < TLS_KEY_TYPE_COUNT; i++) {
        int64_t end =
            host->identities[i] ? tls_identity_facts(host->identities[i])->not_after_s : 0;
        latest = end > latest ? end : latest;
    }
    return latest;
}
