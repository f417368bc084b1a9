/* Which programs are taken for an lb that runs here: by name, user, command line, environment and
 * file of settings, as /proc shows them. The other programs are this one, started with arguments.
 */
#include "lb/admin/kin.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "lb/base/text.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define OTHERS_MAX      4

static pid_t others[OTHERS_MAX];
static unsigned other_count;
static char folder[] = "/tmp/test_kin_XXXXXX";
static char program[4096]; /* this one */

/* Starts one, in `folder`, and waits until it runs as what it is. */
static pid_t start(const char *const argv[], const char *const envp[])
{
    int ready[2];
    char byte;
    assert_int_equal(pipe2(ready, 0), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (chdir(folder) == 0 && dup2(ready[1], STDIN_FILENO) == STDIN_FILENO)
            execve(program, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)envp);
        _exit(1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    others[other_count++] = pid;
    return pid;
}

static int end_others(void **state)
{
    (void)state;
    while (other_count > 0) {
        kill(others[--other_count], SIGKILL);
        waitpid(others[other_count], NULL, 0);
    }
    return 0;
}

/* A text such as "127.0.0.1:9001 " for each that was found, in order; "off" without a listener. */
static const char *found(void)
{
    static struct text text;
    struct kin_list list;
    char address[ADDRESS_TEXT_BYTES];
    text_clear(&text);
    kin_find(&list);
    for (unsigned i = 0; i < list.count; i++)
        text_appendf(&text, "%s ",
                     list.all[i].config.admin_enabled
                         ? address_format(&list.all[i].config.admin, address)
                         : "off");
    kin_fini(&list);
    return text_str(&text);
}

static const char *const no_env[] = {NULL};

static void test_who_serves_is_found_by_what_it_was_started_with(void **state)
{
    static const struct {
        const char *argv[4];
        const char *env[2];
        const char *found;
    } rows[] = {
        {{"lb", "--admin", "127.0.0.1:9001", NULL}, {NULL}, "127.0.0.1:9001 "},
        {{"lb", "--admin=[::1]:9002", NULL}, {NULL}, "[::1]:9002 "},
        {{"lb", "--admin", "off", NULL}, {NULL}, "off "},
        {{"lb", "--log-level=warn", NULL}, {"LB_ADMIN=127.0.0.1:9003", NULL}, "127.0.0.1:9003 "},
        {{"lb", "--admin=127.0.0.1:9004", NULL}, {"LB_ADMIN=127.0.0.1:1", NULL}, "127.0.0.1:9004 "},
        {{"lb", "--config", "settings.json", NULL},
         {NULL},
         "127.0.0.1:9005 "},                   /* from its folder */
        {{"lb", "--check", NULL}, {NULL}, ""}, /* it does not serve */
        {{"lb", "ctl", "pool", NULL}, {NULL}, ""},
        {{"lb", "--version", NULL}, {NULL}, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        start(rows[i].argv, rows[i].env);
        if (strcmp(found(), rows[i].found) != 0)
            fail_msg("row %zu: \"%s\"", i, found());
        end_others(state);
    }
    assert_string_equal(found(), ""); /* and not the one that looks */
}

static void test_several_come_by_their_pids_and_once_for_each_admin_address(void **state)
{
    (void)state;
    start((const char *[]){"lb", "--admin=127.0.0.1:9009", NULL}, no_env);
    start((const char *[]){"lb", "--admin=127.0.0.1:9008", NULL}, no_env);
    start((const char *[]){"lb", "--admin=127.0.0.1:9009", NULL}, no_env);
    bool is_ordered = others[0] < others[1];
    assert_string_equal(found(), is_ordered ? "127.0.0.1:9009 127.0.0.1:9008 "
                                            : "127.0.0.1:9008 127.0.0.1:9009 ");
}

static void test_who_has_ended_and_waits_for_its_parent_is_not_found(void **state)
{
    siginfo_t info;
    (void)state;
    pid_t pid = start((const char *[]){"lb", "--admin=127.0.0.1:9001", NULL}, no_env);
    kill(pid, SIGKILL);
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    assert_string_equal(found(), "");
}

static void write_settings(const char *text)
{
    char path[100];
    snprintf(path, sizeof(path), "%s/settings.json", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_who_serves_is_found_by_what_it_was_started_with, end_others),
        cmocka_unit_test_teardown(test_several_come_by_their_pids_and_once_for_each_admin_address,
                                  end_others),
        cmocka_unit_test_teardown(test_who_has_ended_and_waits_for_its_parent_is_not_found,
                                  end_others),
    };
    (void)argv;
    if (argc > 1) { /* one of the others */
        if (write(STDIN_FILENO, "r", 1) == 1)
            pause();
        return 0;
    }
    if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0 || !mkdtemp(folder))
        return 1;
    write_settings("{\"admin\":\"127.0.0.1:9005\"}");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char path[100];
    snprintf(path, sizeof(path), "%s/settings.json", folder);
    unlink(path);
    if (chdir("/") == 0)
        rmdir(folder);
    return failed;
}
