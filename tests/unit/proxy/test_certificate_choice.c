/* Who is shown for a name, by the certificates there are and by what routes of that name say. */
#include "lb/proxy/certificate_choice.h"

#include "tests/unit/proxy/securing_case.h"

static void assert_shown(const char *said, const char *name, const struct tls_host *want)
{
    route_saying(said);
    if (certificate_choice_find(&world.env, view_str(name)).host != want)
        fail_msg("%s, %s", said, name);
}

static void test_by_name(void **state)
{
    (void)state;
    tls.has_own = true;
    assert_shown("", "a.test", &tls.own);
    assert_shown("", "c.test", NULL);
    assert_shown("", "", NULL);
    tls.has_default = true;
    assert_shown("", "a.test", &tls.own);
    assert_shown("", "c.test", &tls.usual);
    assert_shown("", "", &tls.usual);
    world.env.certificates = NULL;
    assert_shown("", "a.test", NULL);
}

static void test_by_what_a_route_says(void **state)
{
    (void)state;
    tls.has_own = true;
    assert_shown("https=nohttps", "a.test", NULL);
    assert_shown("certificate=shared", "a.test", NULL); /* no other is shown in its place */
    tls.has_named = true;
    assert_shown("certificate=shared", "a.test", &tls.named);
    tls.has_default = true;
    assert_shown("https=nohttps", "a.test", &tls.usual);
    assert_shown("certificate=missing", "a.test", &tls.usual);
    assert_shown("default-certificate=no", "a.test", &tls.own);
    assert_shown("default-certificate=no", "c.test", &tls.usual); /* and then 503 */
    world.env.options.https.method = HTTPS_NOHTTPS;
    assert_shown("", "a.test", &tls.usual);
    assert_shown("https=noredirect", "a.test", &tls.own);
}

static void assert_judge(const char *said, const char *name, const void *want)
{
    route_saying(said);
    if (certificate_choice_find(&world.env, view_str(name)).client_ca != want)
        fail_msg("%s, %s", said, name);
}

/* The host's own, whatever certificate is shown; then that of the file that is. */
static void test_who_judges_clients(void **state)
{
    static char own, of_named, of_usual;
    (void)state;
    tls.has_own = tls.has_named = tls.has_default = true;
    tls.named.client_ca = (void *)&of_named;
    tls.usual.client_ca = (void *)&of_usual;
    assert_judge("", "a.test", NULL);
    assert_judge("certificate=shared", "a.test", &of_named);
    assert_judge("https=nohttps", "a.test", &of_usual);
    tls.own_ca = (void *)&own;
    assert_judge("", "a.test", &own);
    assert_judge("certificate=shared", "a.test", &own);
    assert_judge("certificate=missing", "a.test", &own);
    assert_judge("https=nohttps", "a.test", &own);
    assert_judge("certificate=shared", "c.test", &of_named);
    assert_judge("", "", &of_usual);
    tls.has_default = false;
    assert_judge("https=nohttps", "a.test", NULL);
}

/* Where none is for / it is the first of the host. */
static void test_routes_with_paths_alone(void **state)
{
    const struct route_option shared = {ROUTE_OPTION_CERTIFICATE, VIEW("shared")};
    const struct route routes[] = {{.host = {ROUTE_HOST, VIEW("a.test")},
                                    .path = {ROUTE_PATH, VIEW("/api")},
                                    .service = VIEW("appserver"),
                                    .options = &shared,
                                    .option_count = 1},
                                   {.path = {ROUTE_PATH, VIEW("/any")}, .service = VIEW("x")}};
    (void)state;
    tls.has_own = tls.has_named = true;
    world.routes = table = route_table_new(routes, 2, NULL);
    world_publish(&world, "r");
    assert_ptr_equal(certificate_choice_find(&world.env, VIEW("a.test")).host, &tls.named);
    assert_ptr_equal(certificate_choice_find(&world.env, VIEW("b.test")).host, &tls.other);
}

/* A route for one scheme alone is asked as of https. */
static void test_routes_by_scheme(void **state)
{
    const struct route_condition secure = {ROUTE_SCHEME, false, VIEW(""), VIEW("https")};
    const struct route_option shared = {ROUTE_OPTION_CERTIFICATE, VIEW("shared")};
    const struct route routes[] = {{.host = {ROUTE_HOST, VIEW("a.test")}, .service = VIEW("plain")},
                                   {.host = {ROUTE_HOST, VIEW("a.test")},
                                    .service = VIEW("appserver"),
                                    .conditions = &secure,
                                    .condition_count = 1,
                                    .options = &shared,
                                    .option_count = 1}};
    (void)state;
    tls.has_own = tls.has_named = true;
    world.routes = table = route_table_new(routes, 2, NULL);
    world_publish(&world, "r");
    assert_ptr_equal(certificate_choice_find(&world.env, VIEW("a.test")).host, &tls.named);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_TLS(test_by_name),
        TEST_TLS(test_by_what_a_route_says),
        TEST_TLS(test_who_judges_clients),
        TEST_TLS(test_routes_with_paths_alone),
        TEST_TLS(test_routes_by_scheme),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
