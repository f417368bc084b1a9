/* A child enters the jail and tries what is refused, and what must go on; another one tries it outside, where
 * the same calls are not refused. */
#include "lb/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/jail/attempts.h"

#define NOT_ENTERED 254

/* What the child's try gave; -N: it ended by signal N. */
static int try_in_child(int (*try)(void), const struct jail_options *options)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct text problem = TEXT_INIT;
        if (!jail_enter(options, &problem)) {
            fprintf(stderr, "%s\n", text_str(&problem));
            _exit(NOT_ENTERED);
        }
        _exit(try());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Without Landlock the owner of a file decides. */
static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

static void refuse_all(enum jail_kind kind)
{
    struct jail_options jail = {.mode = JAIL_STRICT, .kind = kind};
    for (size_t i = 0; i < attempts_refused_count; i++) {
        const struct attempt *attempt = &attempts_refused[i];
        if (!attempt_is_for(attempt, kind) || (attempt->refusal == EACCES && !has_landlock()))
            continue;
        int rc = try_in_child(attempt->try, &jail);
        if (rc != attempt->refusal)
            print_error("%s: %s\n", attempt->name, rc < 0 ? strsignal(-rc) : strerror(rc));
        assert_int_equal(rc, attempt->refusal);
    }
}

static void test_what_harms_is_refused_to_the_proxy(void **state)
{
    (void)state;
    refuse_all(JAIL_PROXY);
}

static void test_what_harms_is_refused_to_discovery(void **state)
{
    (void)state;
    refuse_all(JAIL_DISCOVERY);
}

static void test_what_harms_is_refused_to_the_reporter(void **state)
{
    (void)state;
    refuse_all(JAIL_REPORT);
}

static void test_what_harms_is_refused_to_acme(void **state)
{
    (void)state;
    refuse_all(JAIL_ACME);
    refuse_all(JAIL_ACME_UNIX);
}

/* What the kernel was built without is ENOSYS anywhere. */
static bool is_refusal(const struct attempt *attempt, int rc)
{
    return rc == EPERM || rc == attempt->refusal;
}

/* A container's own filter refuses some of it. */
static bool is_filtered(void)
{
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0;
}

static void test_outside_nothing_of_it_is_refused(void **state)
{
    struct jail_options off = {.mode = JAIL_OFF};
    (void)state;
    if (is_filtered())
        skip();
    for (size_t i = 0; i < attempts_refused_count; i++) {
        const struct attempt *attempt = &attempts_refused[i];
        if ((attempt->traits & ATTEMPT_ROOT) && geteuid() != 0)
            continue;
        int rc = try_in_child(attempt->try, &off);
        if (is_refusal(attempt, rc))
            print_error("%s: %s\n", attempt->name, strerror(rc));
        assert_false(is_refusal(attempt, rc));
    }
}

static void test_in_the_jail_work_goes_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < attempts_allowed_count * JAIL_KIND_COUNT; i++) {
        const struct attempt *attempt = &attempts_allowed[i / JAIL_KIND_COUNT];
        struct jail_options jail = {.mode = JAIL_STRICT, .kind = i % JAIL_KIND_COUNT};
        if (!attempt_is_for(attempt, jail.kind))
            continue;
        int rc = try_in_child(attempt->try, &jail);
        if (rc != 0)
            print_error("%s: %s\n", attempt->name, rc < 0 ? strsignal(-rc) : strerror(rc));
        assert_int_equal(rc, 0);
    }
}

static void test_what_is_only_logged_is_done(void **state)
{
    struct jail_options log = {.mode = JAIL_LOG};
    (void)state;
    if (is_filtered())
        skip();
    for (size_t i = 0; i < attempts_refused_count; i++) {
        const struct attempt *attempt = &attempts_refused[i];
        if ((attempt->traits & ATTEMPT_ROOT) || attempt->refusal != EPERM)
            continue;
        assert_false(is_refusal(attempt, try_in_child(attempt->try, &log)));
    }
}

static int give_up(void)
{
    abort();
}

static void test_who_aborts_in_the_jail_ends(void **state)
{
    struct jail_options jail = {.mode = JAIL_STRICT};
    (void)state;
    assert_int_equal(try_in_child(give_up, &jail), -SIGABRT);
}

static int look_at_itself(void)
{
    bool is_hidden = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
    bool is_bound = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    return is_hidden && is_bound ? 0 : EINVAL;
}

static void test_nobody_looks_in_and_nothing_is_gained(void **state)
{
    struct jail_options jail = {.mode = JAIL_STRICT};
    (void)state;
    assert_int_equal(try_in_child(look_at_itself, &jail), 0);
    jail.mode = JAIL_OFF;
    assert_int_equal(try_in_child(look_at_itself, &jail), EINVAL);
}

static int tell_strict(void)
{
    struct text state = TEXT_INIT;
    jail_append_state(JAIL_STRICT, &state);
    const char *expected =
        has_landlock() ? "seccomp, Landlock"
                       : "seccomp; no Landlock, which the kernel has not or a container refuses";
    return strncmp(text_str(&state), expected, strlen(expected));
}

static int tell_log(void)
{
    struct text state = TEXT_INIT;
    jail_append_state(JAIL_LOG, &state);
    return strcmp(text_str(&state), "seccomp, which only logs");
}

static int tell_off(void)
{
    struct text state = TEXT_INIT;
    jail_append_state(JAIL_OFF, &state);
    return strcmp(text_str(&state), "none");
}

static void test_what_holds_is_told(void **state)
{
    (void)state;
    assert_int_equal(try_in_child(tell_strict, &(struct jail_options){.mode = JAIL_STRICT}), 0);
    assert_int_equal(try_in_child(tell_log, &(struct jail_options){.mode = JAIL_LOG}), 0);
    assert_int_equal(try_in_child(tell_off, &(struct jail_options){.mode = JAIL_OFF}), 0);
}

static void test_words(void **state)
{
    enum jail_mode mode = JAIL_OFF;
    (void)state;
    assert_true(jail_parse_mode("strict", &mode));
    assert_int_equal(mode, JAIL_STRICT);
    assert_true(jail_parse_mode("log", &mode));
    assert_int_equal(mode, JAIL_LOG);
    assert_false(jail_parse_mode("on", &mode));
    assert_int_equal(mode, JAIL_LOG);
    assert_true(jail_parse_mode("off", &mode));
    assert_string_equal(jail_mode_word(mode), "off");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_harms_is_refused_to_the_proxy),
        cmocka_unit_test(test_what_harms_is_refused_to_discovery),
        cmocka_unit_test(test_what_harms_is_refused_to_the_reporter),
        cmocka_unit_test(test_what_harms_is_refused_to_acme),
        cmocka_unit_test(test_outside_nothing_of_it_is_refused),
        cmocka_unit_test(test_in_the_jail_work_goes_on),
        cmocka_unit_test(test_what_is_only_logged_is_done),
        cmocka_unit_test(test_who_aborts_in_the_jail_ends),
        cmocka_unit_test(test_nobody_looks_in_and_nothing_is_gained),
        cmocka_unit_test(test_what_holds_is_told),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
