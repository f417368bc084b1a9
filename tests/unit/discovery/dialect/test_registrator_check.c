/* Each test is a row of the table of registrator's words for checks, and is called as the row is. */
#include "discovery/dialect/registrator_check.h"

#include "discovery/dialect/registrator.h"

#include "tests/unit/discovery/dialect/claims_text.h"

#define ONE "{\"80/tcp\":{},\"53/udp\":{}}"
#define TWO "{\"80/tcp\":{},\"443/tcp\":{}}"

/* The check as the words of `lb.check.` have it. */
static void write_check(const struct statement *said, struct text *out)
{
    const char *word;
    text_append_str(out, said->options.has_check ? "" : "none");
    for (unsigned i = 0; (word = check_word_at(i)); i++) {
        struct text value = TEXT_INIT;
        check_format(&said->options.check, view_str(word), &value);
        if (value.len > 0)
            text_appendf(out, "%s%s=%s", out->len > 0 ? " " : "", word, text_str(&value));
        text_fini(&value);
    }
}

/* `words` are "NAME=value" with ";" between them; `remark`: words in what is told; NULL: nothing is. */
static void check_as(bool is_registered, const char *words, const char *ports, const char *expected,
                     const char *remark)
{
    json_t *environment = json_array(), *exposed = json_loads(ports, 0, NULL);
    struct statement said;
    struct text got = TEXT_INIT;
    for (struct view rest = view_str(words); rest.ptr;) {
        struct view word = view_cut(&rest, ';');
        json_array_append_new(environment, json_stringn(word.ptr, word.len));
    }
    statement_init(&said);
    registrator_read(&(struct statement_source){.environment = environment,
                                                .exposed = exposed,
                                                .is_registered = is_registered},
                     &said);
    write_check(&said, &got);
    assert_string_equal(text_str(&got), expected);
    assert_int_equal(said.has_options, said.options.has_check);
    char *told = claims_take_remark(&said.claims);
    if (!told != !remark || (told && remark && !strstr(told, remark)))
        fail_msg("%s: told: %s, expected: %s", words, told ? told : "nothing",
                 remark ? remark : "nothing");
    free(told);
    text_fini(&got);
    statement_fini(&said);
    json_decref(environment);
    json_decref(exposed);
}

static void check(const char *words, const char *ports, const char *expected, const char *remark)
{
    check_as(false, words, ports, expected, remark);
}

static void R14_http(void **state)
{
    (void)state;
    check("SERVICE_CHECK_HTTP=/health;SERVICE_CHECK_INTERVAL=15s;SERVICE_CHECK_TIMEOUT=1s;"
          "SERVICE_CHECK_HTTP_METHOD=HEAD",
          ONE, "mode=http path=/health method=HEAD interval=15s timeout=1s", NULL);
    check("SERVICE_CHECK_HTTP=/health", ONE, "mode=http path=/health interval=10s", NULL);
    check("SERVICE_CHECK_HTTP=health", ONE, "none", "SERVICE_CHECK_HTTP=\"health\"");
    check("SERVICE_CHECK_HTTP=/;SERVICE_CHECK_INTERVAL=soon", ONE, "mode=http path=/ interval=10s",
          "SERVICE_CHECK_INTERVAL=\"soon\"");
    check("SERVICE_CHECK_INTERVAL=15s", ONE, "none", NULL);
    check("SERVICE_CHECK_HTTP=", ONE, "none", NULL);
}

static void R14_of_the_only_port(void **state)
{
    (void)state;
    check("SERVICE_80_CHECK_HTTP=/80;SERVICE_CHECK_HTTP=/all;SERVICE_80_CHECK_INTERVAL=3s", ONE,
          "mode=http path=/80 interval=3s", NULL);
    check("SERVICE_81_CHECK_HTTP=/81", ONE, "none", NULL);
    check("SERVICE_80_CHECK_HTTP=/80;SERVICE_CHECK_HTTP=/all", TWO,
          "mode=http path=/all interval=10s", "SERVICE_80_CHECK_HTTP is not supported");
    check("SERVICE_443_CHECK_HTTP=/443;SERVICE_CHECK_HTTP=/all", TWO,
          "mode=http path=/all interval=10s", "SERVICE_443_CHECK_HTTP is not supported");
    check("SERVICE_65535_CHECK_INITIAL_STATUS=passing", "{\"65535/tcp\":{}}", "none",
          "SERVICE_65535_CHECK_INITIAL_STATUS is not supported");
}

static void R15_https(void **state)
{
    (void)state;
    check("SERVICE_CHECK_HTTPS=/h;SERVICE_CHECK_HTTPS_METHOD=HEAD", ONE, "none",
          "SERVICE_CHECK_HTTPS is not supported");
}

static void R16_tcp(void **state)
{
    (void)state;
    check("SERVICE_CHECK_TCP=true", ONE, "mode=tcp interval=10s", NULL);
}

static void R17_ttl(void **state)
{
    (void)state;
    check("SERVICE_CHECK_TTL=30s", ONE, "none", "SERVICE_CHECK_TTL is not supported");
}

static void R18_grpc(void **state)
{
    (void)state;
    check("SERVICE_CHECK_GRPC=1;SERVICE_CHECK_GRPC_USE_TLS=1", ONE, "none",
          "SERVICE_CHECK_GRPC is not supported");
}

/* lb runs nobody's programs. */
static void R19_scripts(void **state)
{
    (void)state;
    check("SERVICE_CHECK_SCRIPT=curl $SERVICE_IP:$SERVICE_PORT", ONE, "none",
          "SERVICE_CHECK_SCRIPT is not supported");
    check("SERVICE_CHECK_CMD=/bin/true", ONE, "none", "SERVICE_CHECK_CMD is not supported");
}

static void R20_of_several_the_first_counts(void **state)
{
    static const char *const order[] = {"HTTP", "HTTPS", "CMD", "SCRIPT", "TTL", "TCP", "GRPC"};
    static const char *const expected[] = {
        "mode=http path=/ interval=10s", "none", "none", "none", "none",
        "mode=tcp interval=10s",         "none"};
    (void)state;
    for (size_t i = 0; i < COUNT(order); i++) {
        struct text words = TEXT_INIT;
        char word[64];
        for (size_t j = COUNT(order); j > i; j--)
            text_appendf(&words, "SERVICE_CHECK_%s=/;", order[j - 1]);
        snprintf(word, sizeof(word), "SERVICE_CHECK_%s is not", order[i]);
        check(text_str(&words), ONE, expected[i], strcmp(expected[i], "none") ? NULL : word);
        text_fini(&words);
    }
}

static void R21_what_is_consuls_alone(void **state)
{
    (void)state;
    check("SERVICE_CHECK_HTTP=/;SERVICE_CHECK_INITIAL_STATUS=passing", ONE,
          "mode=http path=/ interval=10s", "SERVICE_CHECK_INITIAL_STATUS is not supported");
    check("SERVICE_CHECK_HTTP=/;SERVICE_CHECK_DEREGISTER_AFTER=5m", ONE,
          "mode=http path=/ interval=10s", "SERVICE_CHECK_DEREGISTER_AFTER is not supported");
}

/* What the catalog's entry has nobody misses; a program is told about where the entry is made. */
static void what_a_catalog_gets_is_not_told(void **state)
{
    (void)state;
    check_as(
        true,
        "SERVICE_CHECK_HTTP=/;SERVICE_CHECK_DEREGISTER_AFTER=5m;SERVICE_CHECK_INITIAL_STATUS=x",
        ONE, "mode=http path=/ interval=10s", NULL);
    check_as(true, "SERVICE_CHECK_TTL=30s", ONE, "none", NULL);
    check_as(true, "SERVICE_CHECK_CMD=/x", ONE, "none", NULL);
    check_as(true, "SERVICE_80_CHECK_HTTP=/80", TWO, "none", NULL);
    check_as(true, "SERVICE_CHECK_HTTP=health", ONE, "none", "SERVICE_CHECK_HTTP=\"health\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R14_http),
        cmocka_unit_test(R14_of_the_only_port),
        cmocka_unit_test(R15_https),
        cmocka_unit_test(R16_tcp),
        cmocka_unit_test(R17_ttl),
        cmocka_unit_test(R18_grpc),
        cmocka_unit_test(R19_scripts),
        cmocka_unit_test(R20_of_several_the_first_counts),
        cmocka_unit_test(R21_what_is_consuls_alone),
        cmocka_unit_test(what_a_catalog_gets_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
