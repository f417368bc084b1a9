/* One id at the agent: what is to be there, what is there as far as is known, and what is to be done next to
 * make these alike. One request at a time, so that the agent gets them in order. Pure. */
#ifndef DISCOVERY_REGISTRAR_ENTRY_H
#define DISCOVERY_REGISTRAR_ENTRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "discovery/net/backoff.h"
#include "discovery/registrar/agent_list.h"
#include "discovery/registrar/entry_body.h"
#include "discovery/registrar/rivalry.h"
#include "discovery/registrations.h"
#include "lb/base/text.h"

enum entry_step {
    ENTRY_REST,
    ENTRY_LOOK, /* whether somebody else has that id */
    ENTRY_REGISTER,
    ENTRY_UPDATE, /* the result of its check */
    ENTRY_DRAIN,  /* maintenance on */
    ENTRY_RESUME, /* and off: it was told to stop, and has not */
    ENTRY_DEREGISTER,
};

enum entry_presence {
    ENTRY_ABSENT,
    ENTRY_PRESENT,
    ENTRY_FOREIGN, /* somebody else's: not touched */
    ENTRY_UNSURE,  /* the registrar's, if at all */
};

/* How the agent has answered. */
enum entry_verdict {
    ENTRY_DONE,
    ENTRY_UNKNOWN, /* it does not know the id, or no such check of it */
    ENTRY_REFUSED,
    ENTRY_DENIED, /* by ACLs, which hide entries in lists, too */
    ENTRY_LOST,   /* no answer */
};

/* What is to be there; a copy. */
struct entry_wanted {
    uint64_t said; /* a number for what the registration says, without what changes all the time */
    json_t *body;
    uint64_t content;
    uint32_t ttl_s; /* of the check that is told; 0: none */
    bool is_usual;  /* its id is that which registrator gives */
    bool is_draining;
    bool has_result; /* there is something to tell; a probe has not asked yet */
    enum registration_health health;
    char *output;         /* or NULL */
    char *container_name; /* or NULL: lb itself */
};

struct fetch;
struct prober;

struct entry {
    char *id;
    void *keeper;                /* whose entry it is; not looked at here */
    struct entry_wanted *wanted; /* NULL: nothing is to be there */
    struct prober *prober;       /* NULL: nothing is asked */

    enum entry_presence presence;
    uint64_t content; /* of what is there */
    enum agent_list_maintenance maintenance;
    bool is_denied; /* what was last asked for */
    bool is_told;   /* the result of its check, which is: */
    enum registration_health told_health;
    uint64_t
        told_reason; /* a hash of what it says for people, which may be known later; 0: nothing */
    uint64_t told_at_ms, looked_at_ms;

    struct fetch *fetch; /* NULL: none */
    enum entry_step step;
    uint64_t asked_content; /* what the request says */
    uint64_t asked_at_ms;
    enum registration_health asked_health;
    uint64_t asked_reason;
    uint64_t changed_at; /* by a request, in the registrar's count of what it asks */

    struct rivalry rivalry; /* about what is there */
    uint64_t retry_at_ms;   /* 0: at once */
    struct backoff backoff;
    char *trouble; /* a sentence; NULL: none */
    bool is_trouble_told;
};

struct entry *entry_new(const char *id);

/* Has no request and no prober any more. */
void entry_free(struct entry *entry);

/* What is to be there; NULL: nothing. `said` is a number for the item (entry_said()). Sentences on what Consul would
 * not take are appended to `remarks`. */
void entry_want(struct entry *entry, const struct registration *item, uint64_t said,
                const struct entry_terms *terms, const char *host, struct text *remarks);
uint64_t entry_said(const struct registration *item, const struct entry_terms *terms);

/* What its probe has found. */
void entry_take_result(struct entry *entry, enum registration_health health, const char *output);

/* As the agent tells of it; NULL: it has no such entry, which is not believed of one that it denies: its list may
 * have been told without it. `is_own`: it may be touched. */
void entry_see(struct entry *entry, const struct agent_list_item *item, bool is_own,
               uint64_t now_ms);

/* What is to be done at `now_ms`, of an entry without a request. */
enum entry_step entry_next_step(const struct entry *entry, uint64_t now_ms);

/* When there may be something to do by the clock alone; UINT64_MAX: never. */
uint64_t entry_due_ms(const struct entry *entry);

/* Whether it changes what the lists of the agent say, but for the result of a check. */
bool entry_step_changes(enum entry_step step);

/* That request is made. */
void entry_begin(struct entry *entry, enum entry_step step, uint64_t now_ms);

/* That request has ended. */
void entry_end(struct entry *entry, enum entry_verdict verdict, uint64_t now_ms, uint32_t random);

/* After an ENTRY_LOOK has found one. */
void entry_find(struct entry *entry, bool is_own);

#endif
