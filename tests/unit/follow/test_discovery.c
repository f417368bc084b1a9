/* lb-discovery as the configuration wants it: which program, for which source, and what of the
 * environment it is given. The linker keeps it from being started. */
#include "lb/follow/discovery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

void __wrap_child_init(struct child *child, struct loop *loop, const struct child_options *options);
void __wrap_child_start(struct child *child);

static unsigned start_count;

void __wrap_child_init(struct child *child, struct loop *loop, const struct child_options *options)
{
    (void)loop;
    child->options = *options;
}

void __wrap_child_start(struct child *child)
{
    (void)child;
    start_count++;
}

static struct child *start(const struct config *config)
{
    return discovery_start(config, NULL, &(struct discovery_options){.owner = &start_count});
}

static void end(struct child *child)
{
    free(child->options.environment);
    free(child);
}

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void test_program_and_source(void **state)
{
    static const struct {
        enum config_source source;
        const char *program, *docker, *file;
        const char *want_program, *want_arguments[2];
    } rows[] = {
        /* beside this test there is none */
        {CONFIG_SOURCE_DOCKER, NULL, NULL, NULL, "lb-discovery", {"--docker", ""}},
        {CONFIG_SOURCE_DOCKER, "/x/own", NULL, NULL, "/x/own", {"--docker", ""}},
        {CONFIG_SOURCE_DOCKER, NULL, "tcp://a:1", NULL, "lb-discovery", {"--docker=tcp://a:1", ""}},
        {CONFIG_SOURCE_FILE,
         NULL,
         "tcp://a:1",
         "/a b.json",
         "lb-discovery",
         {"--file=/a b.json", ""}},
        {CONFIG_SOURCE_FILE_AND_DOCKER,
         NULL,
         "tcp://a:1",
         "/f",
         "lb-discovery",
         {"--file=/f", "--docker=tcp://a:1"}},
        {CONFIG_SOURCE_FILE_AND_DOCKER,
         NULL,
         NULL,
         "/f",
         "lb-discovery",
         {"--file=/f", "--docker"}},
    };
    (void)state;
    start_count = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config config = {.source = rows[i].source,
                                .discovery_program = word(rows[i].program),
                                .docker_endpoint = word(rows[i].docker),
                                .file_path = word(rows[i].file),
                                .discovery_timeout_ms = 700 + (unsigned)i};
        struct child *child = start(&config);
        assert_string_equal(child->options.program, rows[i].want_program);
        assert_string_equal(child->options.arguments[0], rows[i].want_arguments[0]);
        assert_string_equal(child->options.arguments[1], rows[i].want_arguments[1]);
        assert_int_equal(child->options.silence_ms, 700 + i);
        assert_ptr_equal(child->options.owner, &start_count);
        end(child);
    }
    assert_int_equal(start_count, COUNT_OF(rows));
}

static bool has(const struct child *child, const char *entry)
{
    for (char **at = child->options.environment; *at; at++)
        if (strcmp(*at, entry) == 0)
            return true;
    return false;
}

/* Not the token, nor whatever else lb was given. */
static void test_what_of_the_environment_it_gets(void **state)
{
    static const struct {
        const char *name;
        bool is_given;
    } rows[] = {
        {"DOCKER_HOST", true},
        {"DOCKER_TLS_VERIFY", true},
        {"LB_DISCOVERY_TIMEOUT", true},
        {"LC_ALL", true},
        {"https_proxy", true},
        {"NO_PROXY", true},
        {"SSL_CERT_FILE", true},
        {"LB_CONTAINER_ID", true},
        {"DEFAULT_HOST", true},
        {"NETWORK_ACCESS", true},
        {"LB_ADMIN_TOKEN", false},
        {"LB_ADMIN", false},
        {"SECRET", false},
        {"XDOCKER_HOST", false},
        {"PATHS", false},
        {"AWS_SECRET_ACCESS_KEY", false},
    };
    struct config config = {.log_level = LOG_LEVEL_DEBUG, .log_format = LOG_FORMAT_JSON};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        setenv(rows[i].name, "value", 1);
    struct child *child = start(&config);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char entry[80];
        snprintf(entry, sizeof(entry), "%s=value", rows[i].name);
        if (has(child, entry) != rows[i].is_given)
            fail_msg("%s", rows[i].name);
    }
    assert_true(has(child, "LB_DISCOVERY_PARENT=1"));
    assert_true(has(child, "LB_LOG_LEVEL=debug"));
    assert_true(has(child, "LB_LOG_FORMAT=json"));
    end(child);
}

/* Whatever the process was given before: the configuration says. */
static void test_it_knows_where_files_of_users_lie(void **state)
{
    struct config config = {.htpasswd_dir = word("/etc/users")};
    (void)state;
    struct child *child = start(&config);
    assert_true(has(child, "LB_HTPASSWD_DIR=/etc/users"));
    end(child);
    config.htpasswd_dir = NULL;
    child = start(&config);
    assert_false(has(child, "LB_HTPASSWD_DIR=/etc/users"));
    end(child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_program_and_source),
        cmocka_unit_test(test_what_of_the_environment_it_gets),
        cmocka_unit_test(test_it_knows_where_files_of_users_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
