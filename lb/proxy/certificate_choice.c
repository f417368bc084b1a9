#include "lb/proxy/certificate_choice.h"

const struct tls_host *certificate_choice_find(struct env *env, struct view server_name)
{
    const struct tls_store *store = env->certificates;
    if (!store)
        return NULL;
    const struct tls_host *host =
        server_name.len > 0 ? tls_store_find(store, server_name, NULL) : NULL;
    return host ? host : tls_store_default(store);
}
