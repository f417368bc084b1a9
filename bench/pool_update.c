/* What it costs lb's control thread to take a pool of 1 000 endpoints of which two have changed, as
 * pool_updates.py prints them: read, built and published, without workers. Run under callgrind with
 * two numbers of updates, the difference is instructions per update.
 *
 *     pool_update UPDATES
 */
#include <stdio.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/follow/publisher.h"

#define ENDPOINT_COUNT 1000u

static void append_endpoint(struct text *line, unsigned number, const char *state)
{
    char address[ADDRESS_TEXT_BYTES];
    snprintf(address, sizeof(address), "127.1.%u.%u", number / 250, number % 250 + 2);
    text_appendf(line,
                 "%s{\"id\":\"%s:9000\",\"name\":\"%s:9000\",\"address\":\"%s\",\"port\":9000,"
                 "\"weight\":1,\"state\":\"%s\",\"cause\":\"file\",\"cause_time_ns\":0}",
                 number > 0 ? "," : "", address, address, address, state);
}

static void write_line(struct text *line, unsigned draining)
{
    text_clear(line);
    text_appendf(line, "{\"v\":1,\"source\":\"file\",\"time_ns\":%llu,\"services\":[{\"name\":",
                 (unsigned long long)clock_wall_ns());
    text_append_str(line, "\"appserver\",\"endpoints\":[");
    for (unsigned i = 0; i < ENDPOINT_COUNT; i++)
        append_endpoint(line, i, i == draining ? "draining" : "ready");
    text_append_str(line, "]}],\"routes\":[],\"left_out\":[]}");
}

/* Without workers. */
static void offer_nobody(void *owner, struct pool *pool)
{
    (void)owner;
    (void)pool;
}

static void ring_nobody(void *owner)
{
    (void)owner;
}

static void admit_all(const struct pool *pool)
{
    for (unsigned i = 0; i < routes_find(&pool->routes)->endpoint_count; i++)
        routes_find(&pool->routes)->endpoints[i]->is_admitted = true;
}

int main(int argc, char **argv)
{
    /* Lines are made once, so that they count as little as can be. */
    static struct text lines[8];
    static struct loop loop;
    static struct publisher publisher;
    uint64_t update_count;
    if (argc != 2 || !view_parse_u64(view_str(argv[1]), 1000000, &update_count) ||
        loop_init(&loop) < 0)
        return 2;
    log_set_level(LOG_LEVEL_ERROR);
    publisher_init(&publisher, &(struct publisher_options){.loop = &loop, .service = "appserver"});
    publisher_serve(&publisher,
                    &(struct publisher_audience){.offer = offer_nobody, .ring = ring_nobody});
    for (unsigned i = 0; i < 8; i++)
        write_line(&lines[i], i);
    uint64_t began_ns = 0;
    for (unsigned i = 0; i < update_count + 2; i++) {
        if (i == 2)
            began_ns = clock_mono_ns();
        publisher_take_line(&publisher, text_view(&lines[i % 8]));
        admit_all(publisher.pool); /* as if all probes had succeeded */
    }
    printf("%.1f us per update\n",
           (double)(clock_mono_ns() - began_ns) / 1e3 / (double)update_count);
    return 0; /* what the kernel takes back is not freed here */
}
