/* How a thread speaks TLS to servers: one client for each way, made anew where its files are others, and none where nobody
 * could be trusted. */
#include "lb/policy/backend_tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct backend_tls tls;

static struct upstream_tls say(const char *verify, const char *ca, const char *name)
{
    struct upstream_tls said = {0};
    assert_true(!verify || upstream_tls_set_verify(&said, view_str(verify)));
    assert_true(!ca || upstream_tls_set_ca(&said, view_str(ca)));
    assert_true(!name || upstream_tls_set_name(&said, view_str(name)));
    return said;
}

/* A picture with these files; values that are NULL end them. */
static void take_files(const char *const (*files)[2])
{
    static struct library_pem pems[8];
    struct library *library = library_new();
    for (; (*files)[0]; files++)
        pems[library->pem_count++] =
            (struct library_pem){view_str((*files)[0]), view_str((*files)[1])};
    library->pems = pems;
    backend_tls_take_library(&tls, library);
    library_unref(library);
}

static int tear_down(void **state)
{
    (void)state;
    backend_tls_fini(&tls);
    return 0;
}

static void test_the_same_said_is_one_client(void **state)
{
    struct upstream_tls nothing = say(NULL, NULL, NULL), no = say("no", NULL, NULL);
    struct upstream_tls named = say("no", NULL, "a.test");
    const char *problem;
    (void)state;
    struct tls_client *client = backend_tls_find(&tls, &nothing, NULL, &problem);
    assert_non_null(client);
    assert_string_equal(problem, "");
    assert_ptr_equal(backend_tls_find(&tls, &nothing, NULL, NULL), client);
    assert_ptr_equal(backend_tls_find(&tls, &no, NULL, NULL), client);
    assert_ptr_not_equal(backend_tls_find(&tls, &named, NULL, NULL), client);
    assert_ptr_equal(backend_tls_find(&tls, &named, "b.test", NULL),
                     backend_tls_find(&tls, &no, "a.test", NULL));
    assert_int_equal(tls.count, 2);
}

static void test_nobody_can_be_trusted(void **state)
{
    static const struct {
        const char *verify, *ca, *problem;
    } rows[] = {
        {"yes", NULL, "nothing says for which name"},
        {NULL, "none.pem", "none.pem is not in --backend-certificates"},
        {"no", "none.pem", "none.pem is not in --backend-certificates"},
        {NULL, "bad.pem", "bad.pem: "},
    };
    (void)state;
    take_files((const char *const[][2]){{"bad.pem", "nothing"}, {NULL, NULL}});
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct upstream_tls said = say(rows[i].verify, rows[i].ca, NULL);
        const char *problem;
        assert_null(backend_tls_find(&tls, &said, NULL, &problem));
        assert_non_null(strstr(problem, rows[i].problem));
    }
    struct upstream_tls refused = {.verify = UPSTREAM_TLS_REFUSES, .name = "a.test"};
    assert_null(backend_tls_find(&tls, &refused, NULL, NULL));
}

static void test_other_files_make_another_client(void **state)
{
    struct upstream_tls said = say("no", "ca.pem", NULL), other = say("no", NULL, NULL);
    (void)state;
    assert_null(backend_tls_find(&tls, &said, NULL, NULL));
    take_files((const char *const[][2]){{"ca.pem", "one"}, {NULL, NULL}});
    struct tls_client *client = backend_tls_find(&tls, &said, NULL, NULL);
    struct tls_client *without = backend_tls_find(&tls, &other, NULL, NULL);
    assert_non_null(client);
    take_files((const char *const[][2]){{"ca.pem", "one"}, {"more.pem", "two"}, {NULL, NULL}});
    assert_ptr_equal(backend_tls_find(&tls, &said, NULL, NULL), client);
    tls_client_ref(client); /* so that no other one has its memory */
    take_files((const char *const[][2]){{"ca.pem", "two"}, {NULL, NULL}});
    assert_ptr_not_equal(backend_tls_find(&tls, &said, NULL, NULL), client);
    assert_ptr_equal(backend_tls_find(&tls, &other, NULL, NULL), without);
    tls_client_unref(client);
}

static void test_the_number_has_an_end(void **state)
{
    struct upstream_tls said = say("no", NULL, NULL);
    char host[32];
    (void)state;
    struct tls_client *first = tls_client_ref(backend_tls_find(&tls, &said, "first.test", NULL));
    for (unsigned i = 0; i < BACKEND_TLS_MAX + 5; i++) {
        snprintf(host, sizeof(host), "n%u.test", i);
        assert_non_null(backend_tls_find(&tls, &said, host, NULL));
    }
    assert_int_equal(tls.count, BACKEND_TLS_MAX);
    assert_ptr_not_equal(backend_tls_find(&tls, &said, "first.test", NULL), first);
    tls_client_unref(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_the_same_said_is_one_client, tear_down),
        cmocka_unit_test_teardown(test_nobody_can_be_trusted, tear_down),
        cmocka_unit_test_teardown(test_other_files_make_another_client, tear_down),
        cmocka_unit_test_teardown(test_the_number_has_an_end, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
