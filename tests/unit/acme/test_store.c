/* Key and certificate fit at each moment; what does not fit is not there; versions that are kept. */
#include "acme/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "made.h"

#define DIRECTORY "https://ca.example/dir"

static char root[] = "/tmp/lb-store-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[100];
    (void)state;
    snprintf(command, sizeof(command), "rm -rf --one-file-system '%s'", root);
    return system(command);
}

static struct names names_of(const char *one, const char *other)
{
    struct names names = {0};
    struct text problem = TEXT_INIT;
    names_add(&names, view_str(one), &problem);
    if (other)
        names_add(&names, view_str(other), &problem);
    return names;
}

static bool put(struct store *store, const struct names *names, const struct made *chain,
                const struct made *key)
{
    struct trouble trouble = {0};
    char folder[256];
    struct store_pair pair = {text_view(&chain->chain), text_view(&key->key), DIRECTORY};
    store_choose_folder(store, names, folder);
    return store_put(store, folder, names, &pair, &trouble);
}

static void test_put_and_find(void **state)
{
    struct store store;
    struct trouble trouble = {0};
    struct names both = names_of("a.example", "b.example"), one = names_of("b.example", NULL),
                 other = names_of("a.example", "c.example");
    (void)state;
    assert_true(store_open(&store, root, &trouble));
    store_scan(&store);
    assert_true(store_is_empty(&store));
    struct made first = made_certificate("DNS:a.example,DNS:b.example", 1000),
                second = made_certificate("DNS:a.example,DNS:b.example", 2000),
                third = made_certificate("DNS:a.example,DNS:c.example", 500);
    assert_true(put(&store, &both, &first, &first));
    assert_non_null(store_find(&store, &one, DIRECTORY));
    assert_null(store_find(&store, &one, "https://other.example/"));
    assert_null(store_find(&store, &other, DIRECTORY));
    /* neither a key of another, nor too few names */
    assert_false(put(&store, &both, &second, &first));
    assert_false(put(&store, &other, &second, &second));
    assert_true(put(&store, &both, &second, &second));
    assert_int_equal(store.count, 1);
    const struct store_entry *entry = store_find(&store, &both, DIRECTORY);
    assert_int_equal(entry->certificate.not_after_s - entry->certificate.not_before_s, 2000);
    assert_true(put(&store, &other, &third, &third));
    assert_int_equal(store.count, 2);
    store_close(&store);
    assert_true(store_open(&store, root, &trouble));
    store_scan(&store);
    assert_int_equal(store.count, 2);
    store_close(&store);
    made_fini(&first);
    made_fini(&second);
    made_fini(&third);
    names_fini(&both);
    names_fini(&one);
    names_fini(&other);
}

static void test_versions_and_modes(void **state)
{
    struct store store;
    struct trouble trouble = {0};
    struct names names = names_of("v.example", NULL);
    struct made made = made_certificate("DNS:v.example", 1000);
    char path[DISK_PATH_BYTES];
    struct stat status;
    (void)state;
    assert_true(store_open(&store, root, &trouble));
    for (unsigned i = 0; i < 6; i++)
        assert_true(put(&store, &names, &made, &made));
    for (unsigned i = 1; i <= 6; i++) {
        snprintf(path, sizeof(path), "%s/archive/v.example/%u", root, i);
        assert_int_equal(access(path, F_OK) == 0, i > 3);
    }
    snprintf(path, sizeof(path), "%s/live/v.example/privkey.pem", root);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    store_close(&store);
    made_fini(&made);
    names_fini(&names);
}

/* What another client put there counts, but is not written over. */
static void test_of_others(void **state)
{
    struct store store;
    struct trouble trouble = {0};
    struct names names = names_of("o.example", NULL), more = names_of("o.example", "p.example");
    struct made made = made_certificate("DNS:o.example", 1000);
    char path[DISK_PATH_BYTES], folder[256];
    (void)state;
    assert_true(store_open(&store, root, &trouble));
    snprintf(path, sizeof(path), "%s/live/o.example", root);
    assert_true(disk_make_folder(path));
    assert_true(disk_write(path, "fullchain.pem", text_view(&made.chain)));
    store_scan(&store);
    assert_null(store_find(&store, &names, DIRECTORY));
    assert_true(disk_write(path, "privkey.pem", VIEW("no key")));
    store_scan(&store);
    assert_null(store_find(&store, &names, DIRECTORY));
    assert_true(disk_write(path, "privkey.pem", text_view(&made.key)));
    store_scan(&store);
    assert_non_null(store_find(&store, &names, DIRECTORY));
    store_choose_folder(&store, &more, folder);
    assert_string_not_equal(folder, "o.example");
    store_close(&store);
    made_fini(&made);
    names_fini(&names);
    names_fini(&more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_put_and_find),
                                       cmocka_unit_test(test_versions_and_modes),
                                       cmocka_unit_test(test_of_others)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
