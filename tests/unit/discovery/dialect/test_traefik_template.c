#include "discovery/dialect/traefik_template.h"

#include "tests/unit/discovery/fixture.h"

static void test_names_have_one_dash_between_letters_and_digits(void **state)
{
    static const struct {
        const char *name, *normal;
    } cases[] = {
        {"web", "web"},       {"/web_shop", "web-shop"},
        {"a__b..c", "a-b-c"}, {"_a_", "a"},
        {"Ab1", "Ab1"},       {"", ""},
        {"---", ""},          {"\xC3\xA9 x", "\xC3\xA9-x"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text out = TEXT_INIT;
        traefik_template_normalize(view_str(cases[i].name), &out);
        assert_string_equal(text_str(&out), cases[i].normal);
        text_fini(&out);
    }
}

static void test_rules(void **state)
{
    static const struct {
        const char *rule, *expanded; /* NULL: it is none */
    } cases[] = {
        {"Host(`a`)", "Host(`a`)"},
        {TRAEFIK_TEMPLATE_DEFAULT, "Host(`My-Web`)"},
        {"{{.Name}}{{ .ContainerName }}", "My_WebMy_Web"},
        {"{{ lower (normalize .Name) }}.x", "my-web.x"},
        {"{{ index .Labels \"domain\" }}{{ index .Labels `none` }}", "d.test"},
        {"{{ normalize (index .Labels \"domain\") }}", "d-test"},
        {"} a }} b", "} a }} b"},
        {"{{ .Name", NULL},
        {"{{ }}", NULL},
        {"{{ .Other }}", NULL},
        {"{{ index .Labels domain }}", NULL},
        {"{{ index .Labels \"a\" \"b\" }}", NULL},
        {"{{ index .Labels \" }}", NULL},
        {"{{ if .Name }}x{{ end }}", NULL},
        {"{{ .Name | lower }}", NULL},
    };
    json_t *labels = json_loads("{\"domain\":\"d.test\"}", 0, NULL);
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text out = TEXT_INIT;
        const char *problem = NULL;
        bool is_good =
            traefik_template_expand(view_str(cases[i].rule), "My_Web", labels, &out, &problem);
        assert_int_equal(is_good, cases[i].expanded != NULL);
        if (is_good)
            assert_string_equal(text_str(&out), cases[i].expanded);
        else
            assert_non_null(problem);
        text_fini(&out);
    }
    json_decref(labels);
}

static void test_rules_are_bounded(void **state)
{
    char rule[5000];
    struct text out = TEXT_INIT;
    const char *problem = NULL;
    (void)state;
    memset(rule, 'x', sizeof(rule));
    assert_true(traefik_template_expand(view_of(rule, 4096), "n", NULL, &out, &problem));
    assert_false(traefik_template_expand(view_of(rule, 4097), "n", NULL, &out, &problem));
    text_fini(&out);
}

/* As far as it can be told for containers of any name. */
static void test_which_can_be_a_default_rule(void **state)
{
    static const struct {
        const char *rule, *problem; /* NULL: it can */
    } rows[] = {
        {"Host(`a`)", NULL},
        {TRAEFIK_TEMPLATE_DEFAULT, NULL},
        {"Host(`{{ index .Labels `domain` }}`)", NULL},
        {"{{ index .Labels \"rule\" }}", NULL},
        {"Host(", "a value stands"},
        {"Hots(`a`)", "Host"},
        {"Host(`{{ .Name }}`) &&", ""},
        {"Host(`{{ .Name`)", "of templates"},
        {"Host(`{{ .Other }}{{ index .Labels `a` }}`)", "of templates"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text problem = TEXT_INIT;
        bool is_good = traefik_template_check(view_str(rows[i].rule), &problem);
        if (is_good != !rows[i].problem ||
            !strstr(text_str(&problem), rows[i].problem ? rows[i].problem : ""))
            fail_msg("%s: %d, %s", rows[i].rule, is_good, text_str(&problem));
        text_fini(&problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_have_one_dash_between_letters_and_digits),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_which_can_be_a_default_rule),
        cmocka_unit_test(test_rules_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
