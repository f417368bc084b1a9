/* The sources that are followed, in the order that they were given, as one: what they collect is
 * merged, what they count is summed up. */
#ifndef DISCOVERY_SOURCES_H
#define DISCOVERY_SOURCES_H

#include "discovery/merge.h"
#include "discovery/obstacle.h"
#include "discovery/source.h"
#include "lb/base/text.h"

#define SOURCES_MAX 8

/* For so long the first line waits for a source that cannot be followed. */
#define SOURCES_PATIENCE_MS 3000

struct sources {
    struct source {
        struct sources *sources;
        const struct source_kind *kind;
        const void *options; /* borrowed */
        void *state;         /* NULL until it is open */
        int fd;              /* -1: none */
        bool is_unheard;     /* it is followed for what it wants registered, and tells no line */
        struct set set;
        struct obstacle obstacle;
    } items[SOURCES_MAX];
    size_t count;
    struct report report; /* whom they tell what they say */
    struct merge merge;
    uint64_t disputed_hash; /* of what was said of the routes that they dispute; 0: nothing */
    struct alive alive;
    bool has_registrar;
    struct obstacle registrar_obstacle; /* keeps nobody from serving */
    bool has_started;
    uint64_t started_ms, ticked_ms; /* as the ticks have it */
    bool is_held;                   /* something new was not told yet */
    bool has_news; /* an obstacle is another one, or gone; whoever tells it clears this */
};

/* It stays where it is until sources_close(). `say` is told what the sources say. */
void sources_init(struct sources *sources, void *owner,
                  void (*say)(void *owner, enum report_kind kind, const char *text));

/* Appends one; `options` are of its kind and borrowed. There is room for SOURCES_MAX. */
void sources_add(struct sources *sources, const struct source_kind *kind, const void *options);

/* As that, for one that is followed for what it wants registered only: what it collects is not told. */
void sources_add_unheard(struct sources *sources, const struct source_kind *kind,
                         const void *options);

/* Whether one of them needs a loop for requests. */
bool sources_ask_by_http(const struct sources *sources);

/* Opens them all. `loop` is borrowed until the close. */
void sources_open(struct sources *sources, struct fetch_loop *loop);
void sources_close(struct sources *sources);

void sources_tick(struct sources *sources, uint64_t now_ms);
uint64_t sources_next_tick_ms(const struct sources *sources);

/* The whole, when a source may have something new; else NULL. Nothing is told before each of them was read once, or
 * has had its time (SOURCES_PATIENCE_MS): then the set says which are unread, as a start must not take away from the
 * reader what they still have. Borrowed until the next tick or turn. */
const struct set *sources_collect(struct sources *sources, uint64_t wall_ns);

/* What the first source that has any wants registered (source.h, enlist). Borrowed as there. */
bool sources_enlist(struct sources *sources, struct registrations *out);

/* Of all of them; connected means that all are. Borrowed until the next call. */
const struct alive *sources_alive(struct sources *sources);

/* Of the first source that has one, or NULL. Borrowed. */
const struct obstacle *sources_obstacle(const struct sources *sources);

/* How it stands with each of them, and with the registrar; the unheard among them. Borrowed. */
void sources_list_parts(const struct sources *sources, struct alive_parts *out);

/* Whom a registrar tells what it says; borrows `sources`. From now on there is one. */
struct report sources_registrar_report(struct sources *sources);

/* "docker", "docker+file". */
void sources_append_words(const struct sources *sources, struct text *out);

#endif
