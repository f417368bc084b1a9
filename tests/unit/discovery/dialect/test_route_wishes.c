#include "discovery/dialect/route_wishes.h"

#include "discovery/dialect/lb_labels.h"

#include "tests/unit/discovery/fixture.h"

static void test_words_are_guessed(void **state)
{
    static const struct {
        const char *word, *meant; /* "": none */
    } cases[] = {
        {"rates", "rate"},
        {"rate-limit", "rate"},
        {"limit-rate", "rate"},
        {"atuh", "auth"},
        {"basic-auth", "auth"},
        {"basicauth", "auth"},
        {"htpasswd", "auth"},
        {"auth.users", "auth"},
        {"auth-relm", ""},
        {"auth-realms", ""},
        {"author", ""},
        {"auth-fiel", "auth-file"},
        {"auth-headers", "auth-header"},
        {"allows", "allow"},
        {"allow-list", "allow"},
        {"whitelist", "allow"},
        {"ip-whitelist", "allow"},
        {"maxbody", "max-body"},
        {"max-body-size", "max-body"},
        {"redirects", "redirect"},
        {"redirect-to", "redirect"},
        {"request-header", "request-headers"},
        {"replacepath", "replace-path"},
        {"mtls", "client-certificate"},
        {"ssl-verify-client", "client-certificate"},
        {"client-certificates", "client-certificate"},
        {"client-cert", "client-certificate"},
        {"https-only", "https"},
        {"backend-certificate", ""},
        {"hts", ""},
        {"owner", ""},
        {"acess-log", ""},
        {"retires", ""},
        {"", ""},
        {"team", ""},
        {"demo", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum route_option_kind kind = route_wishes_guess(view_str(cases[i].word));
        const char *meant = kind < ROUTE_OPTION_COUNT ? route_option_word(kind) : "";
        if (strcmp(meant, cases[i].meant) != 0)
            fail_msg("%s: %s", cases[i].word, meant);
    }
}

static void test_no_label_of_ours_means_another(void **state)
{
    const char *label;
    (void)state;
    for (size_t i = 0; (label = lb_labels_at(i)); i++) {
        struct view word = view_skip(view_str(label), 3);
        enum route_option_kind kind = route_wishes_guess(word);
        bool is_check = view_starts_with(word, VIEW("check."));
        if (kind < ROUTE_OPTION_COUNT && kind != route_option_parse(word) && !is_check)
            fail_msg("%s: %s", label, route_option_word(kind));
    }
}

static void test_what_is_needed_comes_first(void **state)
{
    struct route_wishes wishes = {0};
    (void)state;
    assert_int_equal(route_wishes_first(&wishes), ROUTE_OPTION_COUNT);
    wishes.values[ROUTE_OPTION_MIRROR] = VIEW("x");
    assert_int_equal(route_wishes_first(&wishes), ROUTE_OPTION_MIRROR);
    wishes.values[ROUTE_OPTION_AUTH_REALM] = VIEW("x");
    assert_int_equal(route_wishes_first(&wishes), ROUTE_OPTION_AUTH_REALM);
    wishes.values[ROUTE_OPTION_MAX_BODY] = VIEW("x");
    wishes.values[ROUTE_OPTION_AUTH_FILE] = VIEW("x");
    assert_int_equal(route_wishes_first(&wishes), ROUTE_OPTION_AUTH_FILE);
}

static void test_held_route_keeps_no_options(void **state)
{
    struct claims claims = {0};
    struct route_wishes wishes = {0};
    struct route route = {.service = VIEW("s")};
    (void)state;
    wishes.values[ROUTE_OPTION_AUTH_REALM] = VIEW("here");
    route_wishes_take(&wishes, "lb.", &claims, &route);
    assert_int_equal(route.option_count, 1);
    wishes.values[ROUTE_OPTION_ALLOW] = VIEW("a\nb");
    route_wishes_take(&wishes, "lb.", &claims, &route);
    assert_int_equal(route.option_count, 0);
    assert_int_equal(route.answer_status, CLAIMS_DENIED_STATUS);
    claims_fini(&claims);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_guessed),
        cmocka_unit_test(test_no_label_of_ours_means_another),
        cmocka_unit_test(test_what_is_needed_comes_first),
        cmocka_unit_test(test_held_route_keeps_no_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
