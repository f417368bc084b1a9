/* A publisher with lines and first contacts of a test, and an audience that notes what it gets.
 * Includes cmocka. */
#ifndef TESTS_UNIT_FOLLOW_PUBLISHER_CASE_H
#define TESTS_UNIT_FOLLOW_PUBLISHER_CASE_H

#include "lb/follow/publisher.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/health/health_case.h"

#define ENDPOINT(id, address, more)                                                                \
    "{\"id\":\"" id "\",\"name\":\"" id "\",\"address\":\"" address                                \
    "\",\"port\":80,\"state\":\"ready\"" more "}"
#define SERVICE(name, endpoints) "{\"name\":\"" name "\",\"endpoints\":[" endpoints "]}"
#define LINE(services)           "{\"v\":1,\"services\":[" services "]}"
#define ONE                      ENDPOINT("one", "10.0.0.1", "")
#define TWO                      ENDPOINT("two", "10.0.0.2", "")
#define APP(endpoints)           LINE(SERVICE("app", endpoints))

static struct publisher publisher;
static struct text told; /* o: offered, r: rung, p: published; in order */
static char path[64];

/* The states that it brings hold from the ring on. */
static inline void offer(void *owner, struct pool *pool)
{
    assert_ptr_equal(owner, &told);
    assert_false(pool->is_settled);
    assert_ptr_not_equal(pool, publisher.pool);
    text_append_char(&told, 'o');
}

static inline void ring(void *owner)
{
    assert_ptr_equal(owner, &told);
    text_append_char(&told, 'r');
}

static inline void on_published(void *owner)
{
    assert_ptr_equal(owner, &told);
    assert_true(publisher.pool->is_settled);
    text_append_char(&told, 'p');
}

static inline struct publisher_options options_of(const char *service)
{
    return (struct publisher_options){
        .loop = &loop,
        .service = service,
        .state_path = path,
        .policy = {.outlier = {.failures_max = 3, .eject_ms = 2000, .max_percent = 50}}};
}

static inline void begin(void)
{
    struct publisher_options options = options_of("app");
    publisher_init(&publisher, &options);
    publisher_serve(&publisher,
                    &(struct publisher_audience){
                        .offer = offer, .ring = ring, .owner = &told, .worker_count = 2});
    publisher.on_published = on_published;
    publisher.published_owner = &told;
    text_clear(&told);
}

static inline void end(void)
{
    publisher_close(&publisher);
    publisher_close(&publisher);
    pretend_uv_settle();
    publisher_fini(&publisher);
}

static inline int open_publisher(void **state)
{
    open_loop(state);
    snprintf(path, sizeof(path), "/tmp/lb-publisher-XXXXXX");
    close(mkstemp(path));
    unlink(path);
    begin();
    return 0;
}

static inline int close_publisher(void **state)
{
    end();
    unlink(path);
    text_fini(&told);
    return close_loop(state);
}

static inline void check_told(const char *want)
{
    assert_string_equal(text_str(&told), want);
    text_clear(&told);
}

static inline enum membership_news take(const char *line)
{
    enum membership_news news = publisher_take_line(&publisher, view_str(line));
    pretend_uv_settle();
    return news;
}

/* The endpoints of `take` are ready. */
static inline void take_ready(const char *line)
{
    unsigned count = connect_count();
    assert_int_equal(take(line), MEMBERSHIP_CHANGED);
    for (; count < connect_count(); count++)
        world_connect(world_backend(count), 0);
    text_clear(&told);
}

static inline struct endpoint *endpoint_of(const char *id)
{
    const struct pool_service *service = routes_find(&publisher.pool->routes);
    for (unsigned i = 0; service && i < service->endpoint_count; i++)
        if (strcmp(service->endpoints[i]->id, id) == 0)
            return service->endpoints[i];
    return NULL;
}

static inline enum endpoint_state state_of(const char *id)
{
    return endpoint_state(endpoint_of(id));
}

#endif
