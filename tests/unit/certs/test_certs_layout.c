/* Which files are taken for certificates, and what for. */
#include "lb/certs/certs_layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/certs/folder.h"

static struct certs_layout layout;

static int forget(void **state)
{
    certs_layout_fini(&layout);
    return folder_remove(state);
}

static void list(void)
{
    certs_layout_add(&layout, folder);
}

static const char *short_of(const char *path)
{
    return path ? path + strlen(folder) + 1 : "-";
}

/* "PATH KEY NAME flags", in the order of paths. */
static void assert_listed(const char *expected)
{
    struct text said = TEXT_INIT;
    for (size_t i = 0; i < layout.count; i++) {
        const struct certs_spot *spot = &layout.spots[i];
        text_appendf(&said, "%s %s %s%s%s%s%s\n", short_of(spot->path), short_of(spot->key),
                     spot->name, spot->is_filed ? " filed" : "", spot->is_default ? " default" : "",
                     spot->is_client_ca ? " ca" : "", spot->is_for_all ? " all" : "");
    }
    assert_string_equal(text_str(&said), expected);
    text_fini(&said);
}

static void test_nginx_proxys(void **state)
{
    static const char *const names[] = {
        "a.test.crt",       "a.test.key",      "a.test.chain.pem", "a.test.dhparam.pem",
        "default.crt",      "default.key",     "a.test.ca.crt",    "a.test.crl.pem",
        "ca.crt",           "ca.crl.pem",      "dhparam.pem",      "b.test.ca.crt",
        "lonely.crt",       "orphan.key",      "~x.crt~",          ".hidden.crt",
        "default.ca.crt",   "notes.txt",       "c.test.rsa.crt",   "c.test.rsa.key",
        "c.test.ecdsa.crt", "c.test.ecdsa.key"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        folder_touch(names[i]);
    list();
    assert_listed("a.test.ca.crt a.test.crl.pem a.test ca\n"
                  "a.test.crt a.test.key a.test filed\n"
                  "b.test.ca.crt ca.crl.pem b.test ca\n"
                  "c.test.ecdsa.crt c.test.ecdsa.key c.test filed\n"
                  "c.test.rsa.crt c.test.rsa.key c.test filed\n"
                  "ca.crt ca.crl.pem ca ca all\n"
                  "default.ca.crt ca.crl.pem default default ca\n"
                  "default.crt default.key default filed default\n"
                  "lonely.crt - lonely filed\n");
}

static void test_certbots_also_below_live(void **state)
{
    (void)state;
    folder_sub("live");
    folder_sub("live/a.test");
    folder_sub("live/a.test-0001");
    folder_sub("live/empty");
    folder_touch("live/README");
    folder_touch("live/a.test/fullchain.pem");
    folder_touch("live/a.test/privkey.pem");
    folder_touch("live/a.test/cert.pem");
    folder_touch("live/a.test-0001/fullchain.pem");
    folder_sub("b.test"); /* dehydrated's */
    folder_touch("b.test/fullchain.pem");
    folder_touch("b.test/privkey.pem");
    folder_sub("c.test"); /* of nginx-proxy's companion: what symlinks beside it lead to */
    folder_touch("c.test/fullchain.pem");
    folder_touch("c.test/key.pem");
    folder_sub("d.test");
    folder_touch("d.test/fullchain.pem");
    folder_touch("d.test/key.pem");
    if (symlink("c.test/fullchain.pem", folder_path("c.test.crt")) < 0 ||
        symlink("c.test/key.pem", folder_path("c.test.key")) < 0)
        abort();
    list();
    assert_listed("c.test.crt c.test.key c.test filed\n"
                  "b.test/fullchain.pem b.test/privkey.pem b.test\n"
                  "d.test/fullchain.pem d.test/key.pem d.test\n"
                  "live/a.test/fullchain.pem live/a.test/privkey.pem a.test\n"
                  "live/a.test-0001/fullchain.pem - a.test-0001\n");
}

/* Closed to us: told of those that are certificates, and of live. */
static void test_certbots_closed_folders(void **state)
{
    static const char *const names[] = {"accounts", "archive", "keys", "live", "a.test"};
    uid_t user = geteuid();
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        folder_sub(names[i]);
    assert_int_equal(chmod(folder, 0755), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(chmod(folder_path(names[i]), 0), 0);
    if (user == 0)
        assert_int_equal(seteuid(65534), 0); /* root may look */
    list();
    if (user == 0)
        assert_int_equal(seteuid(0), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(chmod(folder_path(names[i]), 0700), 0);
    assert_listed("a.test/fullchain.pem a.test/privkey.pem a.test\n");
    assert_int_equal(layout.blind_count, 1);
    assert_string_equal(short_of(layout.blind[0].path), "live");
}

static void test_the_folder_of_one_certificate(void **state)
{
    (void)state;
    folder_touch("fullchain.pem");
    folder_touch("privkey.pem");
    folder_touch("cert.pem");
    folder_touch("chain.pem");
    list();
    assert_int_equal(layout.count, 1);
    assert_string_equal(layout.spots[0].name, strrchr(folder, '/') + 1);
    assert_string_equal(short_of(layout.spots[0].key), "privkey.pem");
}

static void test_legos_and_haproxys(void **state)
{
    static const char *const names[] = {
        "_.wild.test.crt", "_.wild.test.key", "_.wild.test.json", "_.wild.test.issuer.crt",
        "_.wild.test.pem", "h.test.pem",      "i.test.pem",       "i.test.key",
        "j.test.rsa.pem"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        folder_touch(names[i]);
    list();
    assert_listed("_.wild.test.crt _.wild.test.key _.wild.test filed\n"
                  "h.test.pem - h.test filed\n"
                  "i.test.pem i.test.key i.test filed\n"
                  "j.test.rsa.pem - j.test filed\n");
}

static void test_a_directory_that_is_not_there(void **state)
{
    (void)state;
    certs_layout_add(&layout, folder_path("nothing/"));
    assert_int_equal(layout.count, 0);
    assert_int_equal(layout.blind_count, 1);
    assert_string_equal(short_of(layout.blind[0].path), "nothing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nginx_proxys, folder_make, forget),
        cmocka_unit_test_setup_teardown(test_certbots_also_below_live, folder_make, forget),
        cmocka_unit_test_setup_teardown(test_certbots_closed_folders, folder_make, forget),
        cmocka_unit_test_setup_teardown(test_the_folder_of_one_certificate, folder_make, forget),
        cmocka_unit_test_setup_teardown(test_legos_and_haproxys, folder_make, forget),
        cmocka_unit_test_setup_teardown(test_a_directory_that_is_not_there, folder_make, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
