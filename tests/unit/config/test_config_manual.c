/* A page of the manual with the settings in it; a row that nothing is told of is refused. */
#include "lb/config/config_manual.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

struct house {
    char *owner, *engine, *letters;
    struct address *doors;
    unsigned door_count;
    unsigned wait_ms;
};

static const char *const letters_words[] = {"-", "off", NULL};

static const struct config_setting rows[] = {
    {.word = "owner",
     .kind = &kind_path,
     .group = CONFIG_GROUP_OTHER,
     .value_name = "NAME",
     .manual = "Whose it is.\n",
     CONFIG_FIELD(struct house, owner)},
    {.word = "door",
     .kind = &kind_listen,
     .group = CONFIG_GROUP_LISTEN,
     .value_name = "IP:PORT|off",
     .default_text = "127.0.0.1:80",
     .takes_off = true,
     .manual = "Where one comes in.\n",
     CONFIG_LIST(struct house, doors, door_count, 4, "doors")},
    {.word = "engine",
     .kind = &kind_docker,
     .group = CONFIG_GROUP_OTHER,
     .value_name = "PLACE",
     .value_is_optional = true,
     .manual = "What drives it.\n",
     CONFIG_FIELD(struct house, engine)},
    {.word = "wait",
     .kind = &kind_duration,
     .group = CONFIG_GROUP_OTHER,
     .value_name = "TIME",
     .max = 60000,
     .default_text = "5s",
     .manual = "How long, see\n.Fl Fl door .\n",
     CONFIG_FIELD(struct house, wait_ms)},
    {.word = "letters",
     .kind = &kind_path,
     .group = CONFIG_GROUP_OTHER,
     .value_name = "PATH|-|off",
     .words = letters_words,
     .manual = "Where they go.\n",
     CONFIG_FIELD(struct house, letters)},
    {.word = "show",
     .kind = &kind_action,
     .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_PRINT,
     .flag_only = true,
     .manual = "Print it.\n"},
};
static const struct config_table house = CONFIG_TABLE(struct house, rows);

static const struct config_setting silent_rows[] = {
    {.word = "owner",
     .kind = &kind_path,
     .group = CONFIG_GROUP_OTHER,
     .value_name = "NAME",
     .help = "told in --help only",
     CONFIG_FIELD(struct house, owner)},
};
static const struct config_table silent = CONFIG_TABLE(struct house, silent_rows);

static void expect(const char *page, const char *filled)
{
    struct text out = TEXT_INIT, problem = TEXT_INIT;
    assert_true(config_manual_fill(&house, view_str(page), &out, &problem));
    assert_string_equal(text_str(&out), filled);
    assert_string_equal(text_str(&problem), "");
    text_fini(&out);
    text_fini(&problem);
}

static void expect_problem(const struct config_table *table, const char *page, const char *expected)
{
    struct text out = TEXT_INIT, problem = TEXT_INIT;
    assert_false(config_manual_fill(table, view_str(page), &out, &problem));
    assert_string_equal(text_str(&problem), expected);
    text_fini(&out);
    text_fini(&problem);
}

static void test_other_lines_stay(void **state)
{
    (void)state;
    expect("", "");
    expect(".Sh NAME\n\nlb @ home\n", ".Sh NAME\n\nlb @ home\n");
}

static void test_each_flag_is_an_item_of_its_group(void **state)
{
    (void)state;
    expect(".Bl\n@flags listen@\n.El\n.Bl\n@flags other@\n.El\n",
           ".Bl\n"
           ".It Fl Fl door Ar IP:PORT|off\nWhere one comes in.\nDefault:\n.Ql 127.0.0.1:80 .\n"
           ".El\n.Bl\n"
           ".It Fl Fl owner Ar NAME\nWhose it is.\n"
           ".It Fl Fl engine Ns Op = Ns Ar PLACE\nWhat drives it.\n"
           ".It Fl Fl wait Ar TIME\nHow long, see\n.Fl Fl door .\nDefault:\n.Ql 5s .\n"
           "Allowed:\nat most 1m.\n"
           ".It Fl Fl letters Ar PATH|-|off\nWhere they go.\n"
           ".It Fl Fl show\nPrint it.\n"
           ".El\n");
}

static void test_each_key_is_a_row_with_what_a_refusal_says(void **state)
{
    (void)state;
    expect("@keys@\n",
           ".It Li owner Ta - Ta \"a path\"\n"
           ".It Li door Ta 127.0.0.1:80 Ta \"list of IP:PORT, or off\"\n"
           ".It Li engine Ta - Ta \"true, unix:///PATH, tcp://HOST:PORT or http://HOST:PORT\"\n"
           ".It Li wait Ta 5s Ta \"a time from 0s to 1m or off\"\n"
           ".It Li letters Ta - Ta \"a path, - or off\"\n");
}

static void test_a_row_without_a_text_is_refused(void **state)
{
    (void)state;
    expect_problem(&silent, "@flags other@\n",
                   "--owner has no text for the manual; give its row a .manual in "
                   "lb/config/settings_other.c or lb/config/config_policy.c");
}

static void test_a_group_without_a_place_is_refused(void **state)
{
    (void)state;
    expect_problem(&house, "@flags other@\n",
                   "--door has no place in the page; write @flags listen@");
}

static void test_a_line_that_is_not_known_is_refused(void **state)
{
    (void)state;
    expect_problem(&house, "@flags doors@\n",
                   "@flags doors@ is not known; write @flags GROUP@ or @keys@");
    expect_problem(&house, "@\n", "@ is not known; write @flags GROUP@ or @keys@");
}

/* The page puts each text between its item and its default. */
static void test_texts_are_whole_lines_and_leave_the_default_out(void **state)
{
    const struct config_setting *setting;
    (void)state;
    for (size_t i = 0; (setting = config_table_at(&config_root, i)); i++) {
        size_t len = strlen(setting->manual);
        assert_true(len > 10 && setting->manual[len - 1] == '\n');
        assert_null(strstr(setting->manual, "\n\n"));
        assert_null(strstr(setting->manual, "Default:"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_lines_stay),
        cmocka_unit_test(test_each_flag_is_an_item_of_its_group),
        cmocka_unit_test(test_each_key_is_a_row_with_what_a_refusal_says),
        cmocka_unit_test(test_a_row_without_a_text_is_refused),
        cmocka_unit_test(test_a_group_without_a_place_is_refused),
        cmocka_unit_test(test_a_line_that_is_not_known_is_refused),
        cmocka_unit_test(test_texts_are_whole_lines_and_leave_the_default_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
