/* However many threads look, each entry is looked at once. */
#include "lb/certs/certs_readers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/certs/folder.h"

#define COUNT 200u

static struct certs_entry entries[COUNT];
static enum certs_news news[COUNT];

static int begin(void **state)
{
    int rc = folder_make(state);
    struct made_certificate made = made_certificate_new((struct made_wish){.names = "DNS:a.test"});
    for (unsigned i = 0; i < COUNT; i++) {
        char certificate[48], key[48], name[32];
        snprintf(name, sizeof(name), "h%u.test", i);
        snprintf(certificate, sizeof(certificate), "%s.crt", name);
        snprintf(key, sizeof(key), "%s.key", name);
        folder_write(certificate, i % 10 == 9 ? VIEW("nonsense") : text_view(&made.pem));
        folder_write(key, text_view(&made.key_pem));
        certs_entry_init(&entries[i], &(struct certs_spot){.path = folder_path(certificate),
                                                           .key = folder_path(key),
                                                           .name = name});
    }
    made_certificate_free(&made);
    return rc;
}

static int end(void **state)
{
    for (unsigned i = 0; i < COUNT; i++)
        certs_entry_fini(&entries[i]);
    return folder_remove(state);
}

static uint64_t look(unsigned thread_count, const atomic_bool *is_called_off)
{
    return certs_readers_look(entries, COUNT, thread_count, (int64_t)time(NULL), is_called_off,
                              news);
}

static unsigned count_news(enum certs_news wanted)
{
    unsigned count = 0;
    for (unsigned i = 0; i < COUNT; i++)
        count += news[i] == wanted;
    return count;
}

static void test_each_is_read_once(void **state)
{
    static const unsigned thread_counts[] = {0, 1, 2, 5, 1000};
    for (unsigned i = 0; i < sizeof(thread_counts) / sizeof(thread_counts[0]); i++) {
        assert_int_equal(look(thread_counts[i], NULL), COUNT);
        assert_int_equal(count_news(CERTS_READ), COUNT - COUNT / 10);
        for (unsigned j = 0; j < COUNT; j++)
            assert_int_equal(entries[j].identity != NULL, j % 10 != 9);
        end(state);
        begin(state);
    }
}

static void test_called_off_and_hidden_ones_are_not_read(void **state)
{
    atomic_bool is_called_off;
    (void)state;
    atomic_init(&is_called_off, true);
    assert_int_equal(look(4, &is_called_off), 0);
    assert_int_equal(count_news(CERTS_NOTHING), COUNT);
    for (unsigned i = 0; i < COUNT; i++)
        entries[i].is_hidden = i > 0;
    assert_int_equal(look(4, NULL), 1);
    assert_int_equal(count_news(CERTS_READ), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_is_read_once, begin, end),
        cmocka_unit_test_setup_teardown(test_called_off_and_hidden_ones_are_not_read, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
