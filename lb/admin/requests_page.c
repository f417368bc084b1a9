#include "lb/admin/requests_page.h"

#include <stdlib.h>

#include "lb/admin/noted_words.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

/* ---- the page -------------------------------------------------------------------------------- */

static int latest_first(const void *a, const void *b)
{
    uint64_t x = ((const struct noted *)a)->end_ns, y = ((const struct noted *)b)->end_ns;
    return (x < y) - (x > y);
}

static int slowest_first(const void *a, const void *b)
{
    uint64_t x = ((const struct noted *)a)->total_ns, y = ((const struct noted *)b)->total_ns;
    return (x < y) - (x > y);
}

static void write_list(const struct crew *crew, const struct pool_page *page, enum notable kind,
                       struct json_writer *json)
{
    struct noted *all = memory_new(crew->worker_count * NOTABLES_KEPT_MAX * sizeof(*all));
    unsigned count = 0;
    for (unsigned i = 0; i < crew->worker_count; i++)
        if (crew->workers[i]->env.notables)
            count += notables_copy(crew->workers[i]->env.notables, kind, all + count);
    qsort(all, count, sizeof(*all), kind == NOTABLE_SLOWEST ? slowest_first : latest_first);
    json_writer_begin_array(json);
    for (unsigned i = 0; i < count && i < REQUESTS_PAGE_MAX; i++) {
        json_writer_begin_object(json);
        noted_words_write(&all[i], page, json);
        noted_words_write_end(&all[i], json);
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
    free(all);
}

static uint64_t number_of(const struct crew *crew)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < crew->worker_count; i++)
        if (crew->workers[i]->env.notables)
            number += notables_number(crew->workers[i]->env.notables);
    return number;
}

void requests_page_write(const struct crew *crew, const struct pool_page *page, struct text *out)
{
    static const struct {
        const char *key;
        enum notable kind;
    } lists[] = {
        {"failed", NOTABLE_FAILED}, {"retried", NOTABLE_RETRIED}, {"slowest", NOTABLE_SLOWEST}};
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, "number", number_of(crew));
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        json_writer_key(&json, lists[i].key);
        write_list(crew, page, lists[i].kind, &json);
    }
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}

/* ---- /events --------------------------------------------------------------------------------- */

/* Of each worker in turn, so that a busy one does not hide the others. */
struct seen {
    struct noted *all; /* NOTABLES_SEEN_MAX of each */
    unsigned *counts;
    unsigned worker_count;
};

static struct seen take_seen(const struct crew *crew)
{
    struct seen seen = {.worker_count = crew->worker_count};
    seen.all = memory_new((crew->worker_count + 1) * NOTABLES_SEEN_MAX * sizeof(*seen.all));
    seen.counts = memory_new((crew->worker_count + 1) * sizeof(*seen.counts));
    for (unsigned i = 0; i < crew->worker_count; i++)
        if (crew->workers[i]->env.notables)
            seen.counts[i] = notables_take_seen(crew->workers[i]->env.notables, true,
                                                seen.all + (size_t)i * NOTABLES_SEEN_MAX);
    return seen;
}

static void write_seen(const struct seen *seen, const struct pool_page *page,
                       struct json_writer *json)
{
    unsigned told = 0;
    json_writer_begin_array(json);
    for (unsigned turn = 0; turn < NOTABLES_SEEN_MAX; turn++)
        for (unsigned i = 0; i < seen->worker_count && told < NOTABLES_SEEN_MAX; i++) {
            if (turn >= seen->counts[i])
                continue;
            json_writer_begin_object(json);
            noted_words_write(&seen->all[(size_t)i * NOTABLES_SEEN_MAX + turn], page, json);
            json_writer_end_object(json);
            told++;
        }
    json_writer_end_array(json);
}

void requests_page_look(const struct crew *crew, const struct pool_page *page,
                        struct live_differ *differ)
{
    struct seen seen = take_seen(crew);
    struct json_writer *json = live_differ_value(differ);
    json_writer_begin_object(json);
    json_writer_field_uint(json, "number", number_of(crew));
    json_writer_end_object(json);
    live_differ_put(differ, "notable");
    write_seen(&seen, page, live_differ_value(differ));
    live_differ_put(differ, "seen");
    free(seen.all);
    free(seen.counts);
}

void requests_page_rest(const struct crew *crew)
{
    struct noted none[NOTABLES_SEEN_MAX];
    for (unsigned i = 0; i < crew->worker_count; i++)
        if (crew->workers[i]->env.notables)
            notables_take_seen(crew->workers[i]->env.notables, false, none);
}

void requests_page_forget_old(const struct crew *crew)
{
    for (unsigned i = 0; i < crew->worker_count; i++)
        if (crew->workers[i]->env.notables)
            notables_forget_old(crew->workers[i]->env.notables, clock_wall_ns());
}
