/* The watch: what is there at once, what changes later, and an end in the middle of a look. */
#include "lb/certs/certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/certs/folder.h"

static struct loop loop;
static uv_timer_t pulse; /* keeps the loop alive */
static struct certs certs;
static unsigned change_count, host_count;

static void on_change(void *owner, const struct certs_picture *picture)
{
    assert_ptr_equal(owner, &certs);
    change_count++;
    host_count = tls_store_count(picture->store);
}

static void on_uv_pulse(uv_timer_t *timer)
{
    (void)timer;
}

static void open_at(const char *path)
{
    char *directories[] = {(char *)(uintptr_t)path};
    struct config config = {.certificate_dirs = directories, .certificate_dir_count = path ? 1 : 0};
    change_count = 0;
    assert_int_equal(loop_init(&loop), 0);
    uv_timer_init(&loop.uv, &pulse);
    uv_timer_start(&pulse, on_uv_pulse, 20, 20);
    certs_open(&certs,
               &(struct certs_options){.loop = &loop, .on_change = on_change, .owner = &certs},
               &config);
}

static void close_all(void)
{
    certs_close(&certs);
    certs_close(&certs);
    uv_close((uv_handle_t *)&pulse, NULL);
    loop_fini(&loop);
    certs_fini(&certs);
}

static void test_what_is_there_and_what_comes(void **state)
{
    struct made_certificate made = made_certificate_new((struct made_wish){.names = "DNS:a.test"});
    (void)state;
    folder_write("a.test.crt", text_view(&made.pem));
    folder_write("a.test.key", text_view(&made.key_pem));
    open_at(folder);
    assert_int_equal(host_count, 1);
    folder_write("b.test.key", text_view(&made.key_pem));
    folder_write("b.test.crt", text_view(&made.pem));
    while (host_count < 2)
        uv_run(&loop.uv, UV_RUN_ONCE);
    close_all();
    made_certificate_free(&made);
}

static void test_other_directories(void **state)
{
    struct made_certificate made = made_certificate_new((struct made_wish){.names = "DNS:a.test"});
    char *directories[] = {folder};
    struct config config = {.certificate_dirs = directories, .certificate_dir_count = 1};
    (void)state;
    folder_write("a.test.pem", text_view(&made.pem));
    folder_write("a.test.key", text_view(&made.key_pem));
    open_at(NULL);
    assert_int_equal(change_count, 0);
    certs_configure(&certs, &config);
    while (change_count < 1)
        uv_run(&loop.uv, UV_RUN_ONCE);
    assert_int_equal(host_count, 1);
    config.certificate_dir_count = 0;
    certs_configure(&certs, &config);
    while (host_count > 0)
        uv_run(&loop.uv, UV_RUN_ONCE);
    close_all();
    made_certificate_free(&made);
}

static void test_an_end_in_the_middle_of_a_look(void **state)
{
    (void)state;
    open_at(folder);
    while (!certs.is_looking)
        uv_run(&loop.uv, UV_RUN_ONCE);
    close_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_there_and_what_comes, folder_make,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(test_other_directories, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(test_an_end_in_the_middle_of_a_look, folder_make,
                                        folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
