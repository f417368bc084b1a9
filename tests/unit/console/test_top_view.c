/* A picture of lb top, to the letter; that it is never larger than the screen, whatever there is; and that no
 * name is obeyed by a terminal. */
#include "lb/console/top_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "lb/base/utf8.h"
#include "lb/console/measure.h"

static const char told[] =
    "{\"full\":true,\"time\":\"2026-11-30T20:10:12.6Z\",\"about\":{\"host\":\"vm\",\"version\":\"0."
    "2.0\","
    "\"workers\":2,\"started\":\"2026-11-30T17:00:00Z\"},"
    "\"services\":{\"shop\":{\"name\":\"shop\",\"kind\":\"http\",\"ready\":1,\"endpoint_count\":2}}"
    ","
    "\"service_numbers\":{\"shop\":{\"rate\":49.9,\"rate_4xx\":0,\"rate_5xx\":1.5,\"p50_ms\":0.5,"
    "\"p99_ms\":34.2,\"inflight\":3}},"
    "\"endpoints\":{\"shop "
    "1\":{\"service\":\"shop\",\"name\":\"web1\",\"state\":\"ready\",\"weight\":1,"
    "\"address\":\"10.0.0.1:80\"},\"shop "
    "2\":{\"service\":\"shop\",\"name\":\"%s\",\"state\":\"failing\","
    "\"weight\":3,\"address\":\"10.0.0.2:80\",\"problem\":\"connection refused\"}},"
    "\"endpoint_numbers\":{\"shop "
    "1\":{\"rate\":49.9,\"p50_ms\":0.5,\"p99_ms\":34.2,\"outlier\":true},"
    "\"shop 2\":{}},"
    "\"totals\":{\"rate\":49.9,\"rate_4xx\":0,\"rate_5xx\":1.5,\"p50_ms\":0.5,\"p99_ms\":34.2,"
    "\"inflight\":3,"
    "\"held\":0},\"saturation\":{\"connections\":{\"open\":12,\"max\":9520},\"buffers\":{\"bytes\":"
    "0,"
    "\"max\":268435456},\"descriptors\":{\"open\":35,\"max\":20000},\"memory_bytes\":6959104,"
    "\"workers\":[{\"cpu_percent\":0.2},{\"cpu_percent\":3}]},"
    "\"changes\":{\"9\":{\"number\":9,\"time\":\"2026-11-30T20:10:11Z\",\"service\":\"shop\","
    "\"name\":\"%s\","
    "\"before\":\"ready\",\"after\":\"failing\",\"problem\":\"connection "
    "refused\"},\"8\":{\"number\":8}},"
    "\"left_out\":{\"x\":{\"name\":\"db\",\"reason\":\"no_port\"}},\"left_out_count\":2}";

static struct text picture;

static void draw(const char *name, struct top_look view)
{
    struct world world = {0};
    struct text text = TEXT_INIT;
    text_appendf(&text, told, name, name);
    assert_true(world_join(&world, text_view(&text)));
    view.world = &world;
    text_clear(&picture);
    top_view_draw(&view, &picture);
    world_fini(&world);
    text_fini(&text);
}

static void test_to_the_letter(void **state)
{
    (void)state;
    draw("web2", (struct top_look){.width = 80,
                                   .height = 14,
                                   .has_keys = true,
                                   .failed = "20:10:10 502 GET shop.test/ → shop: refused"});
    assert_string_equal(
        text_str(&picture),
        "lb 0.2.0 on vm, up 3h10m, 2 workers                                     20:10:12\n"
        "requests/s 50  4xx/s 0  5xx/s 1.5  p50 0.50  p99 ms 34.2  in flight 3\n"
        "connections 12/9520  buffers 0/256M  files 35/20.0k  memory 6.6M  cpu % 3\n"
        "1 of 2 endpoints ready, 2 containers without requests\n"
        "\n"
        "SERVICE / ENDPOINT  STATE      REQ/S  5XX/S   P50  P99 MS  OPEN  WHY\n"
        "shop                1/2 ready     50    1.5  0.50    34.2     3\n"
        "  web2              failing        -      -     -       -     -  connection ref…\n"
        "  web1              ready         50      0  0.50   !34.2     0\n"
        "\n"
        "without  2: db, no_port, …; lb explain says why\n"
        "change   20:10:11 shop/web2: ready → failing, connection refused\n"
        "failed   20:10:10 502 GET shop.test/ → shop: refused\n"
        "by rate  q quit  r rate  5 5xx  p p99  i inflight  n name  e endpoints  ↑↓\n");
}

static void test_a_lost_connection(void **state)
{
    (void)state;
    draw("web2", (struct top_look){.width = 80, .trouble = "lb has told nothing for 5 s"});
    assert_non_null(strstr(text_str(&picture), "\nlb has told nothing for 5 s; trying again\n"));
    assert_non_null(strstr(text_str(&picture), "web2")); /* what was told last stays */
}

static void test_never_larger(void **state)
{
    (void)state;
    for (unsigned width = 1; width < 140; width += 3)
        for (unsigned height = 1; height < 30; height += 4) {
            unsigned lines = 0;
            draw("\xE6\x97\xA5\xE6\x9C\xAC-a-name-that-is-long",
                 (struct top_look){.width = width, .height = height, .has_keys = true});
            for (struct view rest = text_view(&picture); rest.len > 0; lines++)
                if (measure_columns(view_cut(&rest, '\n')) > width)
                    fail_msg("%u: %s", width, text_str(&picture));
            assert_true(lines <= height);
        }
}

static void test_strangers_names(void **state)
{
    (void)state;
    draw("\\u001b[2J\\r\\n\\u009b31m\\u202e", (struct top_look){.width = 200});
    for (struct view rest = text_view(&picture); rest.len > 0;) {
        size_t len = utf8_length(rest);
        assert_true(len > 0 && (rest.ptr[0] == '\n' || !utf8_is_control(rest, len)));
        rest = view_skip(rest, len);
    }
    assert_non_null(strstr(text_str(&picture), "\\x1b[2J\\x0d\\x0a\\x9b31m\\u202e"));
}

static void test_failed(void **state)
{
    static const struct {
        const char *seen, *line;
    } rows[] = {
        {"{\"time\":\"2026-11-30T20:10:12.6Z\",\"status\":502,\"method\":\"GET\",\"host\":\"a."
         "test\","
         "\"path\":\"/x\",\"service\":\"shop\",\"end\":\"refused\",\"request_id\":\"7f\"}",
         "20:10:12 502 GET a.test/x → shop: refused 7f"},
        {"{\"status\":0,\"end\":\"client_gone\"}", ": client_gone"},
        {"{\"status\":200,\"end\":\"ok\"}", NULL},
        {"{\"status\":404,\"end\":\"no_route\"}", NULL},
        {"{}", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text line = TEXT_INIT;
        json_t *seen = json_loads(rows[i].seen, 0, NULL);
        assert_int_equal(top_view_append_failed(seen, &line), rows[i].line != NULL);
        assert_string_equal(text_str(&line), rows[i].line ? rows[i].line : "");
        json_decref(seen);
        text_fini(&line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_the_letter), cmocka_unit_test(test_a_lost_connection),
        cmocka_unit_test(test_never_larger),  cmocka_unit_test(test_strangers_names),
        cmocka_unit_test(test_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
