/* What the fixed backends of --backend are at the moment. */
#ifndef LB_FOLLOW_BACKENDS_H
#define LB_FOLLOW_BACKENDS_H

#include "lb/base/json_writer.h"
#include "lb/follow/serving.h"
#include "lb/pool/pool_build.h"

/* One --backend, as it was given. */
struct backends_name {
    char text[300];    /* "host:port" */
    char service[129]; /* "": the default one */
    enum protocol protocol;
    char host[256];         /* of `text`, without brackets, as certificates have it; "": none */
    char problem[200];      /* of the latest look-up, which found no address; "" else */
    uint64_t since_ns;      /* wall clock; since when there is a problem */
    unsigned address_count; /* those of before stay while there is a problem */
};

struct backends_address {
    struct address address;
    unsigned name;                                /* its index */
    char id[ADDRESS_TEXT_BYTES + sizeof("/udp")]; /* "address:port", of UDP with "/udp" */
};

/* Zeroed memory is none. */
struct backends {
    struct backends_address *addresses;
    unsigned count;
    struct backends_name *names;
    unsigned name_count;
    bool is_complete; /* every name has an address */
};

/* The addresses that are added from now on are of this name. `problem`: the resolver's words, or
 * "". */
void backends_add_name(struct backends *backends, const char *text, const char *problem,
                       uint64_t since_ns);
void backends_add(struct backends *backends, const struct address *address);

/* The name that was added last, which has no address yet, is of that service (NULL: the default one), and speaks
 * that; else it is as HTTP's of the default one. */
void backends_serve(struct backends *backends, const char *service, enum protocol protocol);

/* The names that have this address: the next one from *at, which starts at 0; NULL: no more. */
const struct backends_name *backends_next_name(const struct backends *backends,
                                               const struct address *address, unsigned *at);

/* Whether `subject` means a name, with or without its port. */
bool backends_name_means(const char *name, struct view subject);

/* Appends "--backend NAME" for each name of the address that is not the address itself, with what
 * is wrong with it. */
void backends_append_names(const struct backends *backends, const struct address *address,
                           struct text *out);

/* Writes them as a member "backends", where there are any. */
void backends_write_names(const struct backends *backends, const struct address *address,
                          struct json_writer *json);

/* Adds an endpoint to what is wanted for each address, of the service that its name is of: as TCP or UDP where it
 * speaks that, else as HTTP, or as TCP where a listener leads to the service and nobody else of it speaks that.
 * Borrows the names of services, and the ids of the addresses. */
void backends_want(const struct backends *backends, const struct leading *leading,
                   struct pool_wanted *wanted);

void backends_fini(struct backends *backends);

#endif
