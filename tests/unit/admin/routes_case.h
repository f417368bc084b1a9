/* A pool with routes, as an admin page sees it. Includes cmocka. */
#ifndef TESTS_UNIT_ADMIN_ROUTES_CASE_H
#define TESTS_UNIT_ADMIN_ROUTES_CASE_H

#include "tests/unit/admin/site_case.h"

#include "lb/admin/explain.h"

#define SHOP "\"host\":\"shop.test\",\"dialect\":\"lb\""

/* The services are app (one endpoint is ready, one is unhealthy) and nobody's; all routes but that of
 * no container are of containers that are there. The second and the third are alike. */
#define ROUTES_CASE_HEAD                                                                           \
    "{\"v\":2,\"services\":[{\"name\":\"app\",\"endpoints\":["                                     \
    "{\"id\":\"4f9cab\",\"name\":\"web1\",\"address\":\"127.0.0.3\",\"port\":80,"                  \
    "\"state\":\"ready\",\"cause\":\"start\"},"                                                    \
    "{\"id\":\"99ee01\",\"name\":\"web3\",\"address\":\"127.0.0.5\",\"port\":80,"                  \
    "\"state\":\"unhealthy\",\"cause\":\"health_status\"}]}],\"left_out\":[],\"routes\":["
#define ROUTES_CASE_FIRST                                                                          \
    "{" SHOP ",\"path\":\"/api\",\"strip\":\"/api\",\"service\":\"app\",\"label\":\"p\","          \
    "\"container\":\"4f9cab\",\"container_name\":\"web1\"}"
#define ROUTES_CASE_OTHERS                                                                         \
    "{" SHOP ",\"service\":\"app\",\"label\":\"old\",\"created_ns\":1,\"container\":\"99ee01\","   \
    "\"container_name\":\"web3\"},"                                                                \
    "{" SHOP ",\"service\":\"none\",\"label\":\"young\",\"created_ns\":2,"                         \
    "\"container\":\"4f9cad\",\"container_name\":\"web1\"},"                                       \
    "{" SHOP ",\"service\":\"app\",\"label\":\"same\",\"created_ns\":3}"

static const char routes_line[] = ROUTES_CASE_HEAD ROUTES_CASE_FIRST
    "," ROUTES_CASE_OTHERS ",{\"host\":\"none.test\",\"service\":\"none\"},"
    "{\"host\":\"gone.test\",\"service\":\"app\",\"answer\":404,\"why\":\"auth is not supported\"},"
    "{\"host\":\"near.test\",\"path\":\"/x\",\"service\":\"app\"},"
    "{\"host\":\"near.test\",\"service\":\"app\",\"conditions\":"
    "[{\"kind\":\"method\",\"value\":\"PUT\"}]}]}";

/* The first is lost. */
static const char less_line[] = ROUTES_CASE_HEAD ROUTES_CASE_OTHERS "]}";

/* Of a path of doubt.test nobody knows whether its regex matches. */
#define FUSE "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-"
static const char doubt_line[] =
    "{\"v\":2,\"services\":[],\"left_out\":[],\"routes\":["
    "{\"host\":\"doubt.test\",\"path_regex\":\"^/(a+)+$\",\"service\":\"app\",\"label\":\"bomb\"},"
    "{\"host\":\"doubt.test\",\"service\":\"none\",\"label\":\"lesser\"}]}";

static inline struct explain explain_of_now(void)
{
    return (struct explain){
        .pool = publisher.pool, .membership = &publisher.membership, .now_ms = loop_now_ms(&loop)};
}

static inline int open_routes(void **state)
{
    open_publisher(state);
    take_line(routes_line);
    admit_all();
    return 0;
}

static inline void assert_has(const struct text *text, const char *piece)
{
    if (!strstr(text_str(text), piece))
        fail_msg("\"%s\" is not in: %s", piece, text_str(text));
}

#endif
