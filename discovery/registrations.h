/* What is to be registered in a catalog of services (Consul's) of what runs on this host: one entry for
 * each port of a container that counts. Sources that know containers make them, the registrar tells them
 * to the catalog, and neither knows the other. Strings and JSON are borrowed. */
#ifndef DISCOVERY_REGISTRATIONS_H
#define DISCOVERY_REGISTRATIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a check of Consul's API is made of: the one that the agent makes by itself, or one whose result the
 * registrar tells it (TTL). */
enum registration_check {
    REGISTRATION_CHECK_NONE,
    REGISTRATION_CHECK_AGENT, /* `definition` says it all: HTTP, TCP, gRPC, or a TTL that the container keeps */
    REGISTRATION_CHECK_HEALTH, /* the container's HEALTHCHECK, told as `health` */
    REGISTRATION_CHECK_PROBE,  /* asked by the registrar: an HTTP answer with a text in its body */
};

enum registration_health {
    REGISTRATION_PASSING,
    REGISTRATION_WARNING, /* a HEALTHCHECK that has not passed yet */
    REGISTRATION_CRITICAL,
};

/* An HTTP request that the registrar makes by itself, as Consul's own checks do not look into a body. */
struct registration_probe {
    const char *url; /* http://ADDRESS:PORT/PATH */
    const char *method;
    const char *text; /* that the body must have; "": none */
    uint32_t interval_ms, timeout_ms;
};

struct registration {
    const char *id;      /* of the service in the catalog, unique on its agent */
    const char *name;    /* of the service */
    const char *address; /* "": that of the agent's node */
    uint16_t port;
    unsigned weight;    /* 0: not said */
    const json_t *tags; /* an array of strings, or NULL */
    const json_t *meta; /* an object of strings, or NULL; without the registrar's own pairs */

    enum registration_check check;
    const json_t *definition; /* of a check that the agent makes; an object as the API has it */
    struct registration_probe probe;
    enum registration_health health; /* of a HEALTHCHECK */
    const char *output;              /* of its last run, or NULL */
    const char
        *deregister_after; /* "10m": as a critical one; NULL: what the registrar's settings say */

    bool is_draining;      /* told to stop, has not ended: no new requests */
    const char *container; /* its full id; NULL: it is lb itself, without a container */
    const char *container_name;
    uint16_t container_port; /* inside */
    bool is_udp;
};

/* What a container asks for and does not get, for people. */
struct registration_remark {
    const char *container_name;
    const char *sentence;
    bool is_news; /* nothing is wrong: it says why there is no entry, once */
};

/* Zeroed memory is empty. */
struct registrations {
    struct registration *items; /* sorted by id; of two with the same id the first one counts */
    size_t count, capacity;
    struct registration_remark *remarks;
    size_t remark_count, remark_capacity;
    const char *host; /* the name of this host, as ids have it */
    const char *
        engine; /* the id of the engine, which stays when lb or its container is made anew; "": not known */
};

void registrations_fini(struct registrations *registrations);

/* Forgets the content, keeps the memory. */
void registrations_clear(struct registrations *registrations);

void registrations_add(struct registrations *registrations, const struct registration *item);
void registrations_add_remark(struct registrations *registrations,
                              const struct registration_remark *remark);
void registrations_sort(struct registrations *registrations);

#endif
