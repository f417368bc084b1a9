#include "lb/config/config_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static void find(const char *variable, struct text *out)
{
    char copy[20000];
    char *envp[] = {(char[]){"PATH=/bin"}, copy, NULL};
    snprintf(copy, sizeof(copy), "%s", variable);
    text_clear(out);
    config_env_find_unknown(envp, out);
}

static void test_unknown_variables_are_told_with_the_nearest(void **state)
{
    static const struct {
        const char *variable, *said; /* NULL: nothing */
    } cases[] = {
        {"LB_LISTEN=0.0.0.0:80", NULL},
        {"LB_LISTEN_=0.0.0.0:80",
         "LB_LISTEN_ in the environment: no setting has this name; did you "
         "mean LB_LISTEN? see lb --help\n"},
        {"LB_LISTENS=80", "did you mean LB_LISTEN?"},
        {"LB_SERVCE=web", "did you mean LB_SERVICE?"},
        {"lb_service=web", "lb_service in the environment: no setting has this name; did you mean "
                           "LB_SERVICE? see lb --help\n"},
        {"LB_HEADTIMEOUT=1s", "did you mean LB_HEAD_TIMEOUT?"},
        {"LB_QUITE_SOMETHING_ELSE_AGAIN=1",
         "LB_QUITE_SOMETHING_ELSE_AGAIN in the environment: no setting has this name; "
         "see lb --help\n"},
        {"LB_VERSIO=1", "no setting has this name; see lb --help\n"},
        {"LB_CONFI=f", "did you mean LB_CONFIG?"},
        {"LB_\033[2J=1", "LB_\\x1b[2J in the environment"},
        {"LB_LISTENS=", NULL},
        {"LBS_LISTEN=1", NULL},
        {"LB_CONTAINER_ID=none", NULL},
        {"LB_MASTER_FD=3", NULL},
        {"LB_MASTER_STATE=5", NULL},
        /* Kubernetes and Docker links */
        {"LB_PORT=tcp://10.0.0.1:80", NULL},
        {"LB_PORT_80_TCP_ADDR=10.0.0.1", NULL},
        {"LB_SERVICE_HOST=10.0.0.1", NULL},
        {"LB_SERVICE_PORT_HTTP=80", NULL},
        {"LB_NAME=/web/lb", NULL},
        {"LB_PORT=80", "LB_PORT in the environment"},
    };
    struct text said = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        find(cases[i].variable, &said);
        if (cases[i].said ? !strstr(text_str(&said), cases[i].said) : said.len > 0)
            fail_msg("%s: %s", cases[i].variable, text_str(&said));
    }
    text_fini(&said);
}

static void test_names_of_any_length_and_number_are_bounded(void **state)
{
    struct text said = TEXT_INIT;
    char longest[15000];
    char *envp[100] = {NULL};
    (void)state;
    memset(longest, 'X', sizeof(longest));
    memcpy(longest, "LB_", 3);
    strcpy(longest + sizeof(longest) - 3, "=1");
    for (int i = 0; i < 99; i++)
        envp[i] = longest;
    config_env_find_unknown(envp, &said);
    assert_true(said.len > 0 && said.len < 2000);
    text_clear(&said);
    config_env_find_unknown(NULL, &said);
    assert_int_equal(said.len, 0);
    text_fini(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_variables_are_told_with_the_nearest),
        cmocka_unit_test(test_names_of_any_length_and_number_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
