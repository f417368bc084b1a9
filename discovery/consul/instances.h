/* The entries of one service, as they were last read, with what they offer by their tags and what has changed
 * each of them last. Pure. */
#ifndef DISCOVERY_CONSUL_INSTANCES_H
#define DISCOVERY_CONSUL_INSTANCES_H

#include "discovery/consul/catalog_entry.h"
#include "discovery/consul/tag_words.h"
#include "discovery/contest/claimant.h"

#define INSTANCES_CAUSE_CATALOG "catalog" /* it came, or what the catalog says of it has changed */
#define INSTANCES_CAUSE_GONE    "gone"    /* no endpoint has it: it is only counted */

struct instance {
    struct catalog_entry entry; /* without tags */
    struct tag_words words;
    struct offers offers;
    struct claimant claimant;
    char *remark;           /* of its words and of contests, or NULL; by the latest gathering */
    const char *cause;      /* a constant: of the entry, or INSTANCES_CAUSE_CATALOG */
    uint64_t cause_time_ns; /* when that was seen; 0: before it was first read */
    uint64_t since_ns;      /* that it has no address, or has one */
    bool is_shadowed;       /* another one has its id; by the latest gathering */
    bool is_listed;         /* used while a list is taken in */
};

/* Zeroed memory but for the name is empty. */
struct instances {
    char *service;           /* its name; owned */
    struct instance **items; /* by id */
    size_t count, capacity;
    unsigned heaviest;     /* of all weights that there are */
    size_t nameless_count; /* of entries that cannot be told */
    bool was_read;
};

struct instances_intake {
    const struct catalog_entry_rules *rules;
    const struct dialect_settings *settings; /* NULL: none */
    uint64_t wall_ns;
    void *owner;
    void (*on_event)(void *owner,
                     const char *word); /* of each that changed; NULL: nobody listens */
};

void instances_init(struct instances *instances, const char *service);
void instances_fini(struct instances *instances);

/* How many entries an answer has that can be told; -1: it is no list of entries. */
int instances_count(const json_t *answer, const char *service,
                    const struct catalog_entry_rules *rules);

/* Takes the answer of /v1/health/service/NAME in: what it does not have is gone. Gives whether anything is
 * another than it was. Fails: false, `*problem` (a constant) says why, and nothing has changed. */
bool instances_take(struct instances *instances, const json_t *answer,
                    const struct instances_intake *intake, const char **problem);

/* Reads the words of one anew: what they mean has changed. */
void instances_read_again(struct instance *instance, const struct dialect_settings *settings);

#endif
