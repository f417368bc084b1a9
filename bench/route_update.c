/* What it costs lb's control thread to take a line of many routes of which one has changed: read,
 * compared, built and published, without workers. Each route has a host of its own, and they lead to
 * services of one endpoint each, as those who have many sites do it.
 *
 *     route_update ROUTES SERVICES UPDATES
 */
#include <stdio.h>
#include <time.h>

#include "lb/base/log.h"
#include "lb/follow/publisher.h"

/* As many lines are made, once; each changes another route. */
#define LINE_COUNT 8u

static void append_route(struct text *line, unsigned number, unsigned service, bool is_changed)
{
    text_appendf(line,
                 "%s{\"host\":\"site%05u.example.com\",\"path\":\"/app\",%s\"service\":\"site-%u\","
                 "\"dialect\":\"lb\",\"label\":\"lb.host\",\"container\":\"%064u\","
                 "\"container_name\":\"shop-%u\",\"created_ns\":1700000000000000000}",
                 number > 0 ? "," : "", number, is_changed ? "\"priority\":7," : "", service,
                 number, number);
}

static void append_service(struct text *line, unsigned number)
{
    text_appendf(line,
                 "%s{\"name\":\"site-%u\",\"endpoints\":[{\"id\":\"%064u\",\"name\":\"shop-%u\","
                 "\"address\":\"10.%u.%u.%u\",\"port\":80,\"weight\":1,\"state\":\"ready\","
                 "\"cause\":\"start\",\"cause_time_ns\":1700000000000000000}]}",
                 number > 0 ? "," : "", number, number, number, number >> 16, number >> 8 & 255,
                 number & 255);
}

static void write_line(struct text *line, unsigned routes, unsigned services, unsigned changed)
{
    text_append_str(line, "{\"v\":2,\"source\":\"docker\",\"time_ns\":1,\"routes\":[");
    for (unsigned i = 0; i < routes; i++)
        append_route(line, i, i % services, i == changed);
    text_append_str(line, "],\"services\":[");
    for (unsigned i = 0; i < services; i++)
        append_service(line, i);
    text_append_str(line, "],\"left_out\":[]}");
}

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
    for (unsigned i = 0; i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            pool->services[i].endpoints[j]->is_admitted = true;
}

static bool parse(char **argv, uint64_t numbers[3])
{
    for (unsigned i = 0; i < 3; i++)
        if (!view_parse_u64(view_str(argv[i + 1]), 65536, &numbers[i]) || numbers[i] == 0)
            return false;
    return true;
}

/* Of the processor, so that what else the machine does counts little. */
static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double take(struct publisher *publisher, const struct text *line)
{
    double began_ms = cpu_ms();
    publisher_take_line(publisher, text_view(line));
    double ms = cpu_ms() - began_ms;
    admit_all(publisher->pool); /* as if all probes had succeeded */
    return ms;
}

int main(int argc, char **argv)
{
    static struct text lines[LINE_COUNT];
    static struct loop loop;
    static struct publisher publisher;
    uint64_t numbers[3];
    double ms = 0;
    if (argc != 4 || !parse(argv, numbers) || loop_init(&loop) < 0)
        return 2;
    log_set_level(LOG_LEVEL_ERROR);
    publisher_init(&publisher, &(struct publisher_options){.loop = &loop, .service = "appserver"});
    publisher_serve(&publisher,
                    &(struct publisher_audience){.offer = offer_nobody, .ring = ring_nobody});
    for (unsigned i = 0; i < LINE_COUNT; i++)
        write_line(&lines[i], (unsigned)numbers[0], (unsigned)numbers[1], i * 7);
    printf("first %.2f ms, ", take(&publisher, &lines[0]));
    take(&publisher, &lines[1]);
    for (uint64_t i = 0; i < numbers[2]; i++)
        ms += take(&publisher, &lines[(i + 2) % LINE_COUNT]);
    printf("then %.2f ms each\n", ms / (double)numbers[2]);
    return 0; /* what the kernel takes back is not freed here */
}
