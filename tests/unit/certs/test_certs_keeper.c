/* Certificates that come, change in all ways, go bad, and go. */
#include "lb/certs/certs_keeper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/certs/folder.h"

static struct certs_keeper keeper;
static struct certs_picture *picture; /* the newest */
static struct made_certificate one, two;

static int make_certificates(void **state)
{
    (void)state;
    one = made_certificate_new((struct made_wish){.names = "DNS:a.test"});
    two = made_certificate_new((struct made_wish){.names = "DNS:a.test"});
    return 0;
}

static int free_certificates(void **state)
{
    (void)state;
    made_certificate_free(&one);
    made_certificate_free(&two);
    return 0;
}

static int begin(void **state)
{
    int rc = folder_make(state);
    char *directories[] = {folder};
    certs_keeper_follow(&keeper, directories, 1);
    return rc;
}

static int end(void **state)
{
    certs_keeper_fini(&keeper);
    certs_picture_free(picture);
    picture = NULL;
    return folder_remove(state);
}

/* Whether anything has changed. */
static bool look_at(int64_t now_s)
{
    struct certs_picture *next = certs_keeper_look(&keeper, now_s);
    if (!next)
        return false;
    certs_picture_free(picture);
    picture = next;
    return true;
}

static int64_t now(void)
{
    return (int64_t)time(NULL);
}

static bool look(void)
{
    return look_at(now());
}

/* Until two looks in a row find nothing new, and nothing is on its way. */
static void settle(void)
{
    for (int quiet = 0; quiet < 2;) {
        quiet = look() || keeper.is_pending ? 0 : quiet + 1;
        usleep(2000);
    }
}

static void write_both(const struct made_certificate *made)
{
    folder_write("a.test.crt", text_view(&made->pem));
    folder_write("a.test.key", text_view(&made->key_pem));
}

static struct text fingerprint_of(const struct made_certificate *made)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len;
    struct text hex = TEXT_INIT;
    X509_digest(made->certificate, EVP_sha256(), digest, &len);
    for (unsigned i = 0; i < len; i++)
        text_appendf(&hex, "%02x", digest[i]);
    return hex;
}

static bool shows(const struct made_certificate *made)
{
    const struct tls_host *host = tls_store_find(picture->store, VIEW("a.test"), NULL);
    struct text expected = fingerprint_of(made);
    bool is_it = host && view_eq(tls_identity_facts(host->identities[TLS_KEY_ECDSA])->fingerprint,
                                 text_view(&expected));
    text_fini(&expected);
    return is_it;
}

static void assert_fault(const char *why, bool has_old)
{
    assert_int_equal(picture->fault_count, 1);
    assert_int_equal(picture->faults[0].has_old, has_old);
    if (!memmem(picture->faults[0].why.ptr, picture->faults[0].why.len, why, strlen(why)))
        fail_msg("\"%s\" is not in \"%.*s\"", why, (int)picture->faults[0].why.len,
                 picture->faults[0].why.ptr);
}

static void test_one_that_comes_changes_and_goes(void **state)
{
    (void)state;
    assert_true(look()); /* that there is nothing */
    assert_int_equal(tls_store_count(picture->store), 0);
    write_both(&one);
    settle();
    assert_true(shows(&one));
    uint64_t reads = keeper.read_count;
    assert_false(look());
    assert_int_equal(keeper.read_count, reads); /* what has not changed is not read again */
    folder_replace("a.test.key", text_view(&two.key_pem));
    folder_replace("a.test.crt", text_view(&two.pem));
    assert_true(look()); /* at once: it fits */
    assert_true(shows(&two));
    settle();
    write_both(&one); /* into the same files */
    settle();
    assert_true(shows(&one));
    unlink(folder_path("a.test.crt"));
    assert_true(look());
    assert_int_equal(tls_store_count(picture->store), 0);
}

static void test_key_and_certificate_of_two_orders_are_on_their_way(void **state)
{
    (void)state;
    write_both(&one);
    settle();
    folder_replace("a.test.key", text_view(&two.key_pem));
    assert_false(look());
    assert_true(keeper.is_pending);
    assert_true(shows(&one));
    folder_replace("a.test.crt", text_view(&two.pem));
    assert_true(look());
    assert_true(shows(&two));
    assert_int_equal(picture->fault_count, 0);
}

static void test_a_bad_one_keeps_the_one_before(void **state)
{
    (void)state;
    write_both(&one);
    settle();
    folder_replace("a.test.key", text_view(&two.key_pem));
    settle();
    assert_fault("does not fit", true);
    assert_true(shows(&one));
    folder_replace("a.test.crt", VIEW("nonsense"));
    settle();
    assert_fault("no certificate is in it", true);
    assert_true(shows(&one));
    unlink(folder_path("a.test.key"));
    folder_replace("a.test.crt", text_view(&two.pem));
    settle();
    assert_fault("no key", true);
    assert_true(shows(&one));
    folder_replace("a.test.key", text_view(&two.key_pem));
    settle();
    assert_int_equal(picture->fault_count, 0);
    assert_true(shows(&two));
}

static void test_one_that_is_bad_from_the_start(void **state)
{
    (void)state;
    folder_write("a.test.crt", view_of(text_str(&one.pem), one.pem.len / 2));
    folder_write("a.test.key", text_view(&one.key_pem));
    settle();
    assert_fault("cut off", false);
    assert_int_equal(picture->refused_count, 1);
    assert_int_equal(tls_store_count(picture->store), 0);
    folder_replace("a.test.crt", text_view(&one.pem));
    settle();
    assert_true(shows(&one));
}

static void test_what_runs_out_stays(void **state)
{
    struct made_certificate brief = made_certificate_new(
        (struct made_wish){.names = "DNS:a.test", .begins_s = -60, .ends_s = 3600});
    (void)state;
    write_both(&brief);
    settle();
    assert_true(look_at(now() + 7200)); /* another picture: what is over counts less */
    assert_true(shows(&brief));
    assert_false(look_at(now() + 7200));
    made_certificate_free(&brief);
}

static void test_symlinks_that_are_turned(void **state)
{
    (void)state;
    folder_sub("archive");
    folder_sub("live");
    folder_sub("live/a.test");
    folder_write("archive/full1.pem", text_view(&one.pem));
    folder_write("archive/key1.pem", text_view(&one.key_pem));
    folder_write("archive/full2.pem", text_view(&two.pem));
    folder_write("archive/key2.pem", text_view(&two.key_pem));
    for (int turn = 1; turn <= 2; turn++) {
        char to[64];
        unlink(folder_path("live/a.test/fullchain.pem"));
        unlink(folder_path("live/a.test/privkey.pem"));
        snprintf(to, sizeof(to), "../../archive/full%d.pem", turn);
        assert_int_equal(symlink(to, folder_path("live/a.test/fullchain.pem")), 0);
        snprintf(to, sizeof(to), "../../archive/key%d.pem", turn);
        assert_int_equal(symlink(to, folder_path("live/a.test/privkey.pem")), 0);
        settle();
        assert_true(shows(turn == 1 ? &one : &two));
    }
    unlink(folder_path("archive/key2.pem"));
    settle();
    assert_fault("leads nowhere", true);
    assert_true(shows(&two));
}

static void test_a_directory_that_is_gone_and_comes_back(void **state)
{
    char away[80];
    (void)state;
    write_both(&one);
    settle();
    snprintf(away, sizeof(away), "%s.away", folder);
    assert_int_equal(rename(folder, away), 0);
    assert_true(look());
    assert_fault("cannot be listed", false);
    assert_true(shows(&one));
    assert_false(look());
    assert_int_equal(rename(away, folder), 0);
    assert_true(look());
    assert_int_equal(picture->fault_count, 0);
    assert_true(shows(&one));
}

/* A file whose certificate is replaced by one that begins in a day, and then that day. */
static void test_one_that_is_not_valid_yet_waits(void **state)
{
    struct made_certificate next = made_certificate_new((struct made_wish){
        .names = "DNS:a.test", .begins_s = MADE_DAY_S, .ends_s = 99 * MADE_DAY_S});
    (void)state;
    write_both(&next);
    settle();
    assert_true(shows(&next)); /* alone it is taken */
    write_both(&one);
    settle();
    assert_true(shows(&one));
    folder_replace("a.test.key", text_view(&next.key_pem));
    folder_replace("a.test.crt", text_view(&next.pem));
    settle();
    assert_true(shows(&one));
    assert_int_equal(tls_store_count(picture->store), 2);
    assert_false(look());
    assert_true(look_at(now() + MADE_DAY_S + 5));
    assert_true(shows(&next));
    assert_int_equal(tls_store_count(picture->store), 1);
    made_certificate_free(&next);
}

static void test_client_cas_that_cannot_be_read_let_nobody_in(void **state)
{
    struct made_certificate ca =
        made_certificate_new((struct made_wish){.subject = "CA", .is_ca = true});
    const struct tls_host *host;
    (void)state;
    write_both(&one);
    settle();
    host = tls_store_find(picture->store, VIEW("a.test"), NULL);
    assert_null(host->client_ca);
    folder_write("a.test.ca.crt", VIEW("nonsense"));
    settle();
    host = tls_store_find(picture->store, VIEW("a.test"), NULL);
    assert_non_null(host->client_ca);
    assert_fault("no certificate of a CA", false);
    folder_replace("a.test.ca.crt", text_view(&ca.pem));
    folder_replace("a.test.crl.pem", VIEW(""));
    settle();
    assert_fault("is empty", false);
    unlink(folder_path("a.test.crl.pem"));
    settle();
    assert_int_equal(picture->fault_count, 0);
    assert_non_null(tls_store_find(picture->store, VIEW("a.test"), NULL)->client_ca);
    unlink(folder_path("a.test.ca.crt"));
    settle();
    assert_null(tls_store_find(picture->store, VIEW("a.test"), NULL)->client_ca);
    made_certificate_free(&ca);
}

static void test_odd_files(void **state)
{
    (void)state;
    write_both(&one);
    assert_int_equal(mkfifo(folder_path("fifo.crt"), 0600), 0);
    settle();
    assert_fault("it cannot be read: it is no file; put one there", false);
    unlink(folder_path("fifo.crt"));
    assert_int_equal(symlink("loop.crt", folder_path("loop.crt")), 0);
    settle();
    assert_fault("leads to itself; put the file there", false);
    unlink(folder_path("loop.crt"));
    folder_write("large.crt", VIEW(""));
    assert_int_equal(truncate(folder_path("large.crt"), (off_t)1 << 40), 0);
    settle();
    assert_fault("too large", false);
    assert_true(shows(&one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_that_comes_changes_and_goes, begin, end),
        cmocka_unit_test_setup_teardown(test_one_that_is_not_valid_yet_waits, begin, end),
        cmocka_unit_test_setup_teardown(test_key_and_certificate_of_two_orders_are_on_their_way,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_a_bad_one_keeps_the_one_before, begin, end),
        cmocka_unit_test_setup_teardown(test_one_that_is_bad_from_the_start, begin, end),
        cmocka_unit_test_setup_teardown(test_what_runs_out_stays, begin, end),
        cmocka_unit_test_setup_teardown(test_symlinks_that_are_turned, begin, end),
        cmocka_unit_test_setup_teardown(test_a_directory_that_is_gone_and_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(test_client_cas_that_cannot_be_read_let_nobody_in, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_odd_files, begin, end),
    };
    return cmocka_run_group_tests(tests, make_certificates, free_certificates);
}
