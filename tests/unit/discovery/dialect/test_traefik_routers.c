/* Each test is a row of the table of Traefik's routers and rules, and is called as the row is. What a
 * route then matches is the business of the table of routes. */
#include "tests/unit/discovery/dialect/traefik_given.h"

static void T2_star_is_one_label(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`*.a.test`)",
           "host=*.a.test host_regex=^[^.]+\\.a\\.test$ rank=16 > Test@docker:80");
    ROUTES(ROUTER "r.rule=!Host(`*.a.test`)",
           "not host_regex=^[^.]+\\.a\\.test$ rank=17 > Test@docker:80");
}

static void T3_every_host(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`*`)", "rank=9 > Test@docker:80");
    ROUTES(ROUTER "r.rule=!Host(`*`) || Host(`a`)", "host=a rank=23 > Test@docker:80");
}

static void T17_alternatives_are_routes(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`a`) && (Path(`/x`) || PathPrefix(`/y`) || PathRegexp(`z$`))",
           "host=a path_exact=/x rank=65 > Test@docker:80\n"
           "host=a path_start=/y rank=65 > Test@docker:80\n"
           "host=a path_regex=z$ rank=65 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Method(`get`) && Header(`A`, `b`) && HeaderRegexp(`C`, `d`) && "
                  "Query(`e`) && QueryRegexp(`f`, `g`) && ClientIP(`10.1.2.3/8`)\n" ROUTER
                  "r.priority=1",
           "method=GET A:header=b C:header_regex=d e:query= f:query_regex=g client=10.0.0.0/8 "
           "rank=1 > Test@docker:80");
    ROUTES(ROUTER "r.rule=HostRegexp(`a`) && Host(`b`) && !Path(`/c`)\n" ROUTER "r.priority=1",
           "host_regex=a host=b not path_exact=/c rank=1 > Test@docker:80");
}

static void T20_priority_by_label_or_by_length(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`a`)", "host=a rank=9 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.priority=42", "host=a rank=42 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.priority=-5", "host=a rank=-5 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.priority=0", "host=a rank=9 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.priority=99999999999",
           "host=a rank=2147483647 > Test@docker:80");
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.priority=high", "host=a rank=9 > Test@docker:80",
         "no number");
}

static void T22_routers_of_equal_priority_are_in_order_of_names(void **state)
{
    (void)state;
    ROUTES(ROUTER "z.rule=Host(`a`)\n" ROUTER "b.rule=Host(`c`)",
           "host=c rank=9 > Test@docker:80\nhost=a rank=9 > Test@docker:80");
}

static void T24_router_with_an_invalid_rule_is_left_out(void **state)
{
    (void)state;
    TOLD(ROUTER "a.rule=Host('a')\n" ROUTER "b.rule=Host(`b`)", "host=b rank=9 > Test@docker:80",
         "the rule of the router a cannot be used, from byte 5 on: single quotes");
    TOLD(ROUTER "a.rule=PathRegexp(`(`)", "", "traefik.http.routers.a: path_regex");
    TOLD(ROUTER "a.rule=Host(`a`) || PathRegexp(`(`)\n" ROUTER "b.rule=Host(`b`)",
         "host=b rank=9 > Test@docker:80", "traefik.http.routers.a: path_regex");
    TOLD(ROUTER "a.rule=Host(`a`)\n" ROUTER "a.rulesyntax=v2", "", "syntax v3");
}

static void T25_entry_points(void **state)
{
    struct traefik_settings settings = {.entry_points = "public, other"};
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints=web",
           "host=a scheme=http rank=9 https=noredirect > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints=websecure, http",
           "host=a rank=9 > Test@docker:80");
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints[0]=internal", "", "entry points");
    check((struct given){.labels = ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints=other",
                         .settings = settings},
          "host=a scheme=http rank=9 https=noredirect > Test@docker:80", NULL);
    settings.tls_entry_points = "safe";
    check((struct given){.labels = ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints=safe",
                         .settings = settings},
          "host=a scheme=https rank=9 > Test@docker:80", NULL);
    check((struct given){.labels = ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints=websecure",
                         .settings = settings},
          "", "entry points");
    check((struct given){.labels = ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints=web",
                         .settings = settings},
          "", "entry points");
}

/* More of them in test_traefik_tls. */
static void T26_routers_for_tls(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.tls=true",
           "host=a scheme=https rank=9 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.tls.certresolver=le",
           "host=a scheme=https rank=9 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.tls=false", "host=a rank=9 > Test@docker:80");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T2_star_is_one_label),
        cmocka_unit_test(T3_every_host),
        cmocka_unit_test(T17_alternatives_are_routes),
        cmocka_unit_test(T20_priority_by_label_or_by_length),
        cmocka_unit_test(T22_routers_of_equal_priority_are_in_order_of_names),
        cmocka_unit_test(T24_router_with_an_invalid_rule_is_left_out),
        cmocka_unit_test(T25_entry_points),
        cmocka_unit_test(T26_routers_for_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
