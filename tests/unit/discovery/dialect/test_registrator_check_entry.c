/* Each test is a row of the table of registrator's words, as a check of Consul's API. */
#include "discovery/dialect/registrator_check_entry.h"

#include "lb/base/memory.h"

#include "tests/unit/discovery/fixture.h"

struct given {
    const char *words; /* "NAME=value" with ";" between them */
    const char *address;
    bool is_udp;
};

static void write(const struct registrator_check_entry *entry, struct text *out)
{
    text_append_str(out, "");
    if (entry->definition) {
        char *definition = json_dumps(entry->definition, JSON_COMPACT | JSON_SORT_KEYS);
        text_append_str(out, definition);
        free(definition);
    }
    if (entry->path)
        text_appendf(out, "probe %s %s \"%s\" %u %u", entry->method, entry->path, entry->text,
                     entry->interval_ms, entry->timeout_ms);
    if (entry->deregister_after)
        text_appendf(out, " after %s", entry->deregister_after);
}

/* `told`: words in what is told; NULL: nothing is. */
static void check_given(struct given given, const char *expected, const char *told)
{
    json_t *environment = json_array();
    struct text remark = TEXT_INIT, got = TEXT_INIT;
    struct registrator_check_entry entry;
    for (struct view rest = view_str(given.words); rest.ptr;) {
        struct view word = view_cut(&rest, ';');
        json_array_append_new(environment, json_stringn(word.ptr, word.len));
    }
    registrator_check_entry_read(
        &(struct registrator_check_subject){.from = {.environment = environment},
                                            .port = 80,
                                            .is_udp = given.is_udp,
                                            .address = given.address ? given.address : "192.0.2.1",
                                            .outer = 8080},
        &remark, &entry);
    write(&entry, &got);
    assert_string_equal(text_str(&got), expected);
    if (told ? !strstr(text_str(&remark), told) : remark.len > 0)
        fail_msg("%s: told: %s, expected: %s", given.words, text_str(&remark),
                 told ? told : "nothing");
    registrator_check_entry_fini(&entry);
    text_fini(&remark);
    text_fini(&got);
    json_decref(environment);
}

static void check(const char *words, const char *expected, const char *told)
{
    check_given((struct given){.words = words}, expected, told);
}

static void R1_no_words(void **state)
{
    (void)state;
    check("SERVICE_NAME=x", "", NULL);
    check("SERVICE_CHECK_INTERVAL=15s;SERVICE_CHECK_HTTP=", "", NULL);
}

static void R14_http(void **state)
{
    (void)state;
    check("SERVICE_CHECK_HTTP=/health;SERVICE_CHECK_INTERVAL=15s;SERVICE_CHECK_TIMEOUT=1s;"
          "SERVICE_CHECK_HTTP_METHOD=HEAD",
          "{\"HTTP\":\"http://192.0.2.1:8080/health\",\"Interval\":\"15s\",\"Method\":\"HEAD\","
          "\"Timeout\":\"1s\"}",
          NULL);
    check_given((struct given){.words = "SERVICE_CHECK_HTTP=/", .address = "2001:db8::1"},
                "{\"HTTP\":\"http://[2001:db8::1]:8080/\",\"Interval\":\"10s\"}", NULL);
}

static void R14_words_for_the_port_count_more(void **state)
{
    (void)state;
    check("SERVICE_80_CHECK_HTTP=/80;SERVICE_CHECK_HTTP=/all;SERVICE_80_CHECK_INTERVAL=3s;"
          "SERVICE_81_CHECK_TIMEOUT=9s",
          "{\"HTTP\":\"http://192.0.2.1:8080/80\",\"Interval\":\"3s\"}", NULL);
}

/* Consul would refuse all of the entry for one of them. */
static void R14_what_is_broken_is_not_sent(void **state)
{
    (void)state;
    check("SERVICE_CHECK_HTTP=health", "", "SERVICE_CHECK_HTTP=\"health\" cannot be used");
    check("SERVICE_CHECK_HTTP=/a b", "", "SERVICE_CHECK_HTTP=\"/a b\"");
    check("SERVICE_CHECK_HTTP=/;SERVICE_CHECK_INTERVAL=10;SERVICE_CHECK_TIMEOUT=-1s;"
          "SERVICE_CHECK_HTTP_METHOD=G T",
          "{\"HTTP\":\"http://192.0.2.1:8080/\",\"Interval\":\"10s\"}",
          "SERVICE_CHECK_INTERVAL=\"10\"");
    check("SERVICE_CHECK_HTTP=/;SERVICE_80_CHECK_TIMEOUT=-1s",
          "{\"HTTP\":\"http://192.0.2.1:8080/\",\"Interval\":\"10s\"}",
          "SERVICE_80_CHECK_TIMEOUT=\"-1s\"");
}

static void R15_https(void **state)
{
    (void)state;
    check("SERVICE_CHECK_HTTPS=/h;SERVICE_CHECK_HTTPS_METHOD=HEAD;SERVICE_CHECK_HTTP_METHOD=PUT",
          "{\"HTTP\":\"https://192.0.2.1:8080/h\",\"Interval\":\"10s\",\"Method\":\"HEAD\"}", NULL);
    check("SERVICE_CHECK_HTTPS=/h;SERVICE_CHECK_TLS_SKIP_VERIFY=1",
          "{\"HTTP\":\"https://192.0.2.1:8080/h\",\"Interval\":\"10s\",\"TLSSkipVerify\":true}",
          NULL);
}

static void R16_tcp(void **state)
{
    (void)state;
    check("SERVICE_CHECK_TCP=true", "{\"Interval\":\"10s\",\"TCP\":\"192.0.2.1:8080\"}", NULL);
    check_given(
        (struct given){.words = "SERVICE_CHECK_TCP=1;SERVICE_CHECK_TIMEOUT=2s", .address = "::1"},
        "{\"Interval\":\"10s\",\"TCP\":\"[::1]:8080\",\"Timeout\":\"2s\"}", NULL);
}

static void R17_ttl(void **state)
{
    (void)state;
    check("SERVICE_CHECK_TTL=30s;SERVICE_CHECK_INTERVAL=5s", "{\"TTL\":\"30s\"}", NULL);
    check("SERVICE_CHECK_TTL=30", "", "SERVICE_CHECK_TTL=\"30\"");
    check("SERVICE_CHECK_TTL=0s", "", "SERVICE_CHECK_TTL=\"0s\"");
}

static void R18_grpc(void **state)
{
    (void)state;
    check("SERVICE_CHECK_GRPC=1", "{\"GRPC\":\"192.0.2.1:8080\",\"Interval\":\"10s\"}", NULL);
    check("SERVICE_CHECK_GRPC=1;SERVICE_CHECK_TLS_SKIP_VERIFY=1",
          "{\"GRPC\":\"192.0.2.1:8080\",\"Interval\":\"10s\"}", NULL);
    check("SERVICE_CHECK_GRPC=1;SERVICE_CHECK_GRPC_USE_TLS=1;SERVICE_CHECK_TLS_SKIP_VERIFY=1",
          "{\"GRPC\":\"192.0.2.1:8080\",\"GRPCUseTLS\":true,\"Interval\":\"10s\","
          "\"TLSSkipVerify\":true}",
          NULL);
}

static void R19_programs(void **state)
{
    (void)state;
    check("SERVICE_CHECK_SCRIPT=curl $SERVICE_IP", "", "SERVICE_CHECK_SCRIPT is not followed");
    check("SERVICE_80_CHECK_CMD=/x;SERVICE_CHECK_TTL=1m", "",
          "SERVICE_80_CHECK_CMD is not followed");
}

static void R20_of_several_the_first_counts(void **state)
{
    static const struct {
        const char *words, *sign;
    } order[] = {{"SERVICE_CHECK_HTTP=/", "http://"},
                 {"SERVICE_CHECK_HTTPS=/", "https://"},
                 {"SERVICE_CHECK_TTL=1m", "TTL"},
                 {"SERVICE_CHECK_TCP=1", "TCP"},
                 {"SERVICE_CHECK_GRPC=1", "GRPC"}};
    (void)state;
    for (size_t i = 0; i < COUNT(order); i++) {
        json_t *environment = json_array();
        struct registrator_check_entry entry;
        struct text remark = TEXT_INIT, got = TEXT_INIT;
        for (size_t j = i; j < COUNT(order); j++)
            json_array_insert_new(environment, 0, json_string(order[j].words));
        registrator_check_entry_read(
            &(struct registrator_check_subject){.from = {.environment = environment},
                                                .port = 80,
                                                .address = "192.0.2.1",
                                                .outer = 1},
            &remark, &entry);
        write(&entry, &got);
        assert_non_null(strstr(text_str(&got), order[i].sign));
        registrator_check_entry_fini(&entry);
        text_fini(&remark);
        text_fini(&got);
        json_decref(environment);
    }
}

static void R21_status_and_end(void **state)
{
    (void)state;
    check("SERVICE_CHECK_TTL=30s;SERVICE_CHECK_INITIAL_STATUS=passing;"
          "SERVICE_CHECK_DEREGISTER_AFTER=5m",
          "{\"DeregisterCriticalServiceAfter\":\"5m\",\"Status\":\"passing\",\"TTL\":\"30s\"} "
          "after 5m",
          NULL);
    check(
        "SERVICE_CHECK_TTL=30s;SERVICE_CHECK_INITIAL_STATUS=fine;SERVICE_CHECK_DEREGISTER_AFTER=x",
        "{\"TTL\":\"30s\"}", "SERVICE_CHECK_INITIAL_STATUS=\"fine\"");
    check("SERVICE_CHECK_TTL=30s;SERVICE_CHECK_DEREGISTER_AFTER=x", "{\"TTL\":\"30s\"}",
          "SERVICE_CHECK_DEREGISTER_AFTER=\"x\"");
    /* It counts for HEALTHCHECK, too. */
    check("SERVICE_CHECK_DEREGISTER_AFTER=90s", " after 90s", NULL);
}

/* Consul does not look into bodies: the registrar does. */
static void a_text_makes_a_probe(void **state)
{
    (void)state;
    check("SERVICE_CHECK_HTTP=/;SERVICE_CHECK_TEXT=Hello World",
          "probe GET / \"Hello World\" 10000 10000", NULL);
    check("SERVICE_CHECK_HTTP=/h;SERVICE_80_CHECK_TEXT=ok;SERVICE_CHECK_HTTP_METHOD=POST;"
          "SERVICE_CHECK_INTERVAL=1m30s;SERVICE_CHECK_TIMEOUT=250ms;SERVICE_CHECK_DEREGISTER_AFTER="
          "2m",
          "probe POST /h \"ok\" 90000 250 after 2m", NULL);
    check("SERVICE_CHECK_HTTPS=/;SERVICE_CHECK_TEXT=ok",
          "{\"HTTP\":\"https://192.0.2.1:8080/\",\"Interval\":\"10s\"}",
          "belongs to SERVICE_CHECK_HTTP");
    check("SERVICE_CHECK_HTTP=/;SERVICE_CHECK_TEXT=a\nb",
          "{\"HTTP\":\"http://192.0.2.1:8080/\",\"Interval\":\"10s\"}", "SERVICE_CHECK_TEXT=");
}

/* Words for all ports are not for one of UDP, which no HTTP is spoken at. */
static void R8_of_udp_only_a_ttl(void **state)
{
    (void)state;
    check_given((struct given){.words = "SERVICE_CHECK_HTTP=/;SERVICE_CHECK_TCP=1", .is_udp = true},
                "", NULL);
    check_given(
        (struct given){.words = "SERVICE_CHECK_HTTP=/;SERVICE_CHECK_TTL=9s", .is_udp = true},
        "{\"TTL\":\"9s\"}", NULL);
}

static void long_words_are_told_within_bounds(void **state)
{
    struct text words = TEXT_INIT, remark = TEXT_INIT;
    struct registrator_check_entry entry;
    (void)state;
    text_append_str(&words, "SERVICE_CHECK_HTTP=/");
    for (int i = 0; i < 100000; i++)
        text_append_char(&words, 'x');
    json_t *environment = json_array();
    json_array_append_new(environment, json_string(text_str(&words)));
    registrator_check_entry_read(
        &(struct registrator_check_subject){
            .from = {.environment = environment}, .port = 80, .address = "192.0.2.1", .outer = 1},
        &remark, &entry);
    assert_null(entry.definition);
    assert_in_range(remark.len, 1, 1000);
    registrator_check_entry_fini(&entry);
    json_decref(environment);
    text_fini(&words);
    text_fini(&remark);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R1_no_words),
        cmocka_unit_test(R8_of_udp_only_a_ttl),
        cmocka_unit_test(R14_http),
        cmocka_unit_test(R14_words_for_the_port_count_more),
        cmocka_unit_test(R14_what_is_broken_is_not_sent),
        cmocka_unit_test(R15_https),
        cmocka_unit_test(R16_tcp),
        cmocka_unit_test(R17_ttl),
        cmocka_unit_test(R18_grpc),
        cmocka_unit_test(R19_programs),
        cmocka_unit_test(R20_of_several_the_first_counts),
        cmocka_unit_test(R21_status_and_end),
        cmocka_unit_test(a_text_makes_a_probe),
        cmocka_unit_test(long_words_are_told_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
