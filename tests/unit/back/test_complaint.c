/* Answers that cannot be passed on: what is said of which, and once for each endpoint and kind. */
#include "lb/back/complaint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static const char *said;
static struct view sample_expected = {"bytes", 5};
static unsigned said_count;

static void on_complaint(const struct endpoint *endpoint, const char *sentence, struct view sample)
{
    assert_string_equal(endpoint->name, "n");
    assert_true(view_eq(sample, sample_expected));
    said = sentence;
    said_count++;
}

static struct endpoint *new_endpoint(void)
{
    return endpoint_new(&(struct endpoint_options){
        .id = "1", .name = "n", .service = "s", .weight = 1, .worker_count = 1});
}

static void test_what_stopped_the_parser(void **state)
{
    static const struct {
        enum err flaw;
        unsigned field_count;
        enum complaint want;
    } rows[] = {
        {ERR_FIELD, 0, COMPLAINT_FIELD},
        {ERR_OPTIONS, 0, COMPLAINT_OPTIONS},
        {ERR_LENGTH, 0, COMPLAINT_LENGTH},
        {ERR_CODING, 0, COMPLAINT_CODING},
        {ERR_CHUNK, 0, COMPLAINT_CHUNK},
        {ERR_HEAD_TOO_LARGE, HEAD_FIELD_MAX - 1, COMPLAINT_HEAD_BYTES},
        {ERR_HEAD_TOO_LARGE, HEAD_FIELD_MAX, COMPLAINT_HEAD_FIELDS},
        {ERR_TARGET_TOO_LONG, 0, COMPLAINT_HEAD_BYTES},
        {ERR_UPSTREAM_INVALID, 0, COMPLAINT_STATUS_LINE},
        {ERR_VERSION, 0, COMPLAINT_STATUS_LINE},
        {ERR_OK, 0, COMPLAINT_STATUS_LINE},
    };
    static struct parser parser;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        parser.flaw = rows[i].flaw;
        parser.head.field_count = rows[i].field_count;
        if (complaint_of(&parser) != rows[i].want)
            fail_msg("%s", err_word(rows[i].flaw));
    }
}

static void test_each_kind_is_said_once_for_each_endpoint(void **state)
{
    struct fleet fleet = {.on_complaint = on_complaint};
    const char *sentences[COMPLAINT_UNASKED + 1];
    (void)state;
    said_count = 0;
    for (unsigned turn = 1; turn <= 2; turn++) {
        struct endpoint *endpoint = new_endpoint();
        for (unsigned kind = 0; kind <= COMPLAINT_UNASKED; kind++) {
            complaint_make(&fleet, endpoint, (enum complaint)kind, VIEW("bytes"));
            complaint_make(&fleet, endpoint, (enum complaint)kind, VIEW("bytes"));
            sentences[kind] = said;
            assert_non_null(said);
            for (unsigned other = 0; other < kind; other++)
                assert_string_not_equal(sentences[other], said);
        }
        assert_int_equal(said_count, turn * (COMPLAINT_UNASKED + 1));
        endpoint_unref(endpoint);
    }
}

/* Until it is well again. */
static void test_trouble_with_tls_is_told_once_each_time(void **state)
{
    struct fleet fleet = {.on_complaint = on_complaint};
    struct endpoint *endpoint = new_endpoint();
    (void)state;
    said_count = 0;
    sample_expected = VIEW("");
    for (unsigned turn = 1; turn <= 2; turn++) {
        complaint_make_of_tls(&fleet, endpoint, VIEW("what came is no TLS"));
        complaint_make_of_tls(&fleet, endpoint, VIEW("what came is no TLS"));
        assert_int_equal(said_count, turn);
        complaint_forget_tls(endpoint);
    }
    sample_expected = VIEW("bytes");
    endpoint_unref(endpoint);
}

/* Nobody wants to know: who does later is told. */
static void test_what_nobody_hears_is_not_noted(void **state)
{
    struct fleet fleet = {.on_complaint = NULL};
    struct endpoint *endpoint = new_endpoint();
    (void)state;
    said_count = 0;
    complaint_make(&fleet, endpoint, COMPLAINT_CHUNK, VIEW("bytes"));
    fleet.on_complaint = on_complaint;
    complaint_make(&fleet, endpoint, COMPLAINT_CHUNK, VIEW("bytes"));
    assert_int_equal(said_count, 1);
    endpoint_unref(endpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_stopped_the_parser),
        cmocka_unit_test(test_each_kind_is_said_once_for_each_endpoint),
        cmocka_unit_test(test_trouble_with_tls_is_told_once_each_time),
        cmocka_unit_test(test_what_nobody_hears_is_not_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
