/* Keeps what a catalog is to have of the engine's containers: knows what the host is called, and when there is
 * something new to tell. Does nothing where nothing is registered. */
#ifndef DISCOVERY_DOCKER_ENROLLER_H
#define DISCOVERY_DOCKER_ENROLLER_H

#include "discovery/docker/engine_info.h"
#include "discovery/docker/enlistment.h"
#include "discovery/docker/intake.h"

/* All borrowed. */
struct enroller_options {
    struct fetch_pool *pool;
    const char *prefix;                         /* "/v1.41"; may change between stop and start */
    const struct enlistment_settings *settings; /* NULL, or not on: nothing is registered */
    const struct report *report;
    struct intake *intake;
};

struct enroller {
    struct enroller_options options;
    struct enlistment enlistment;
    struct engine_info info;
    struct text host, engine; /* as the engine says, or as lb has to call them */
    bool is_known;            /* the engine has said it; else it is asked at each start */
    uint64_t ask_at_ms;       /* again, after a failure; 0: not */
    uint64_t told_count;      /* changes of the intake that were told */
    bool has_news;            /* the names are others */
};

void enroller_init(struct enroller *enroller, const struct enroller_options *options);
void enroller_fini(struct enroller *enroller);

/* The engine is followed: asks for names that are not known. */
void enroller_start(struct enroller *enroller);

/* The engine is away. */
void enroller_stop(struct enroller *enroller);

/* While it is started. */
void enroller_tick(struct enroller *enroller, uint64_t now_ms);
uint64_t enroller_next_tick_ms(const struct enroller *enroller);

/* As a source's enlist. */
bool enroller_enlist(struct enroller *enroller, struct registrations *out);

#endif
