/* The configuration in use and what the workers make of it: immutable, counted, replaced as a whole
 * by SIGHUP. */
#ifndef LB_CREW_SETTINGS_H
#define LB_CREW_SETTINGS_H

#include <stdatomic.h>

#include "lb/config/config.h"
#include "lb/crew/descriptors.h"
#include "lb/proxy/env.h"

/* Listeners of containers, open at a time. */
#define SETTINGS_DYNAMIC_MAX 1000u

struct settings {
    atomic_uint ref_count;
    struct config config;
    struct env_options options; /* of each worker; strings and ranges lie in `config` */
};

/* Gives one reference. Takes what `config` owns and leaves it zeroed. Borrows `quota` (NULL: none).
 * Without --max-connections, as many clients as RLIMIT_NOFILE leaves two descriptors each for. */
struct settings *settings_new(struct config *config, unsigned worker_count, struct quota *quota);

/* Thread: any. */
struct settings *settings_ref(struct settings *settings);

/* Takes a reference; the last one frees. NULL is allowed. Thread: any. */
void settings_unref(struct settings *settings);

/* The service that requests go to which no route matches: of --default-route, else of --service.
 * Borrowed from `config`. */
const char *settings_service(const struct config *config);

/* How all services are served. */
struct service_policy settings_policy(const struct config *config);

/* How the descriptors of the process are divided with these settings. */
struct descriptors settings_descriptors(const struct config *config, unsigned worker_count);

#endif
