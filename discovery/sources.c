#include "discovery/sources.h"

#include "lb/base/bounds.h"
#include "lb/base/clock.h"
#include "lb/base/hash.h"

/* ---- what they tell ------------------------------------------------------------------------- */

static void pass_on(void *owner, enum report_kind kind, const char *text)
{
    const struct source *source = owner;
    source->sources->report.say(source->sources->report.owner, kind, text);
}

static void obstruct(void *owner, const char *why, const char *remedy)
{
    struct source *source = owner;
    source->sources->has_news |= why ? obstacle_set(&source->obstacle, why, remedy, clock_wall_ns())
                                     : obstacle_clear(&source->obstacle);
}

const struct obstacle *sources_obstacle(const struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        if (!sources->items[i].is_unheard && obstacle_is_set(&sources->items[i].obstacle))
            return &sources->items[i].obstacle;
    return NULL;
}

const struct alive *sources_alive(struct sources *sources)
{
    sources->alive = (struct alive){.is_connected = true};
    for (size_t i = 0; i < sources->count; i++)
        if (!sources->items[i].is_unheard)
            alive_add(&sources->alive, sources->items[i].kind->alive(sources->items[i].state));
    return &sources->alive;
}

void sources_list_parts(const struct sources *sources, struct alive_parts *out)
{
    _Static_assert(ALIVE_PARTS_MAX > SOURCES_MAX, "room for all of them, and the registrar");
    out->count = 0;
    for (size_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->items[i];
        const struct alive *alive = source->kind->alive(source->state);
        out->list[out->count++] = (struct alive_part){.word = source->kind->word,
                                                      .is_connected = alive->is_connected,
                                                      .last_sync_ns = alive->last_sync_ns,
                                                      .obstacle = &source->obstacle};
    }
    if (sources->has_registrar)
        out->list[out->count++] =
            (struct alive_part){.word = "register",
                                .is_connected = !obstacle_is_set(&sources->registrar_obstacle),
                                .obstacle = &sources->registrar_obstacle};
}

static void pass_on_registrar(void *owner, enum report_kind kind, const char *text)
{
    const struct sources *sources = owner;
    sources->report.say(sources->report.owner, kind, text);
}

static void obstruct_registrar(void *owner, const char *why, const char *remedy)
{
    struct sources *sources = owner;
    struct obstacle *obstacle = &sources->registrar_obstacle;
    sources->has_news |=
        why ? obstacle_set(obstacle, why, remedy, clock_wall_ns()) : obstacle_clear(obstacle);
}

struct report sources_registrar_report(struct sources *sources)
{
    sources->has_registrar = true;
    return (struct report){
        .owner = sources, .say = pass_on_registrar, .obstruct = obstruct_registrar};
}

void sources_append_words(const struct sources *sources, struct text *out)
{
    for (size_t i = 0; i < sources->count; i++)
        if (!sources->items[i].is_unheard)
            text_appendf(out, "%s%s", out->len > 0 ? "+" : "", sources->items[i].kind->word);
}

/* ---- what they have ------------------------------------------------------------------------- */

/* Once, as long as it is the same. */
static void tell_disputed(struct sources *sources)
{
    const struct text *disputed = &sources->merge.disputed;
    uint64_t hash = disputed->len > 0 ? hash_view(HASH_INIT, text_view(disputed)) : 0;
    if (disputed->len > 0 && hash != sources->disputed_hash)
        report_say(&sources->report, REPORT_REMARK, "%s", sources->merge.disputed.bytes);
    sources->disputed_hash = hash;
}

static void show_whole(struct sources *sources, const struct set *set)
{
    for (size_t i = 0; i < sources->count; i++)
        if (!sources->items[i].is_unheard && sources->items[i].kind->look_at_whole)
            sources->items[i].kind->look_at_whole(sources->items[i].state, set);
}

static bool is_patient(const struct sources *sources)
{
    return sources->ticked_ms < sources->started_ms + SOURCES_PATIENCE_MS;
}

/* `parts` are of those that are heard. Marks what was not read to the end; gives whether the line has
 * to wait for it. */
static bool must_wait(const struct sources *sources, struct merge_part *parts, size_t count)
{
    bool is_any = false;
    for (size_t i = 0, part = 0; i < sources->count; i++) {
        const struct source *source = &sources->items[i];
        if (source->is_unheard)
            continue;
        parts[part].is_unread |=
            source->kind->is_waiting && source->kind->is_waiting(source->state);
        is_any |= parts[part++].is_unread &&
                  (count == 1 || source->kind->is_awaited || is_patient(sources));
    }
    return is_any;
}

static const struct set *merge_all(struct sources *sources, struct merge_part *parts, size_t count,
                                   uint64_t wall_ns)
{
    const struct set *set = merge_take(&sources->merge, parts, count, wall_ns);
    show_whole(sources, set);
    sources->is_held = must_wait(sources, parts, count);
    if (sources->is_held)
        return NULL;
    if (count > 1)
        merge_note_unread(&sources->merge, parts, count);
    tell_disputed(sources);
    return set;
}

/* Fills those that were not filled, and lists them all. False: one that must be awaited was never read. */
static bool fill_all(struct sources *sources, const bool *is_filled, struct merge_part *parts,
                     size_t *count)
{
    bool is_good = true;
    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = &sources->items[i];
        if (source->is_unheard)
            continue;
        bool is_read = is_filled[i] || source->kind->collect(source->state, true, &source->set);
        is_good &= is_read || !(source->kind->is_awaited || is_patient(sources));
        parts[(*count)++] = (struct merge_part){
            .word = source->kind->word, .set = &source->set, .is_unread = !is_read};
    }
    return is_good && (*count > 1 || !parts[0].is_unread);
}

/* A set borrows for so short a time that all are filled anew when one is. */
const struct set *sources_collect(struct sources *sources, uint64_t wall_ns)
{
    struct merge_part parts[SOURCES_MAX];
    bool is_filled[SOURCES_MAX] = {false};
    bool has_any = sources->is_held && !is_patient(sources);
    size_t count = 0;
    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = &sources->items[i];
        is_filled[i] =
            !source->is_unheard && source->kind->collect(source->state, false, &source->set);
        has_any |= is_filled[i];
    }
    if (!has_any)
        return NULL;
    sources->is_held = true;
    return fill_all(sources, is_filled, parts, &count) ? merge_all(sources, parts, count, wall_ns)
                                                       : NULL;
}

bool sources_enlist(struct sources *sources, struct registrations *out)
{
    for (size_t i = 0; i < sources->count; i++)
        if (sources->items[i].kind->enlist)
            return sources->items[i].kind->enlist(sources->items[i].state, out);
    return false;
}

/* ---- their life ----------------------------------------------------------------------------- */

void sources_init(struct sources *sources, void *owner,
                  void (*say)(void *owner, enum report_kind kind, const char *text))
{
    *sources = (struct sources){.report = {.owner = owner, .say = say}};
}

void sources_add(struct sources *sources, const struct source_kind *kind, const void *options)
{
    bounds_hold(sources->count < SOURCES_MAX);
    sources->items[sources->count++] =
        (struct source){.sources = sources, .kind = kind, .options = options, .fd = -1};
}

void sources_add_unheard(struct sources *sources, const struct source_kind *kind,
                         const void *options)
{
    sources_add(sources, kind, options);
    sources->items[sources->count - 1].is_unheard = true;
}

bool sources_ask_by_http(const struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        if (sources->items[i].kind->asks_by_http)
            return true;
    return false;
}

void sources_open(struct sources *sources, struct fetch_loop *loop)
{
    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = &sources->items[i];
        struct report report = {.owner = source, .say = pass_on, .obstruct = obstruct};
        source->state = source->kind->open(source->options, loop, &report, &source->fd);
    }
}

void sources_close(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = &sources->items[i];
        if (source->state)
            source->kind->close(source->state);
        obstacle_fini(&source->obstacle);
        set_fini(&source->set);
    }
    merge_fini(&sources->merge);
    obstacle_fini(&sources->registrar_obstacle);
    sources->count = 0;
}

void sources_tick(struct sources *sources, uint64_t now_ms)
{
    if (!sources->has_started)
        sources->started_ms = now_ms;
    sources->has_started = true;
    sources->ticked_ms = now_ms;
    for (size_t i = 0; i < sources->count; i++)
        sources->items[i].kind->tick(sources->items[i].state, now_ms);
}

uint64_t sources_next_tick_ms(const struct sources *sources)
{
    bool is_held = sources->is_held && is_patient(sources);
    uint64_t first_ms = is_held ? sources->started_ms + SOURCES_PATIENCE_MS : UINT64_MAX;
    for (size_t i = 0; i < sources->count; i++) {
        uint64_t next_ms = sources->items[i].kind->next_tick_ms(sources->items[i].state);
        first_ms = next_ms < first_ms ? next_ms : first_ms;
    }
    return first_ms;
}
